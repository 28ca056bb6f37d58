// Requests and their answers: bound to each other, and an error not to be told from a result on the way (T21).
import { attribute, element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import { accepts, addDevice, createPair, deviceOf, introduce, opens, refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('iq');
const query = element('jabber:iq:version', 'query');
const iq = (type: string, children: XmlElement[] = [query]): XmlElement =>
  element(NS.CLIENT, 'iq', { type, id: 'v1' }, children);

test('a request and its result, which names the request it answers', async () => {
  const [romeo, juliet] = await createPair('result');
  const request = await romeo.messenger.seal(iq('get'), { to: `${juliet.jid}/balcony` });
  assert.is(attribute(request.stanza, 'id'), 'v1');
  const asked = await accepts(juliet, request.stanza);
  assert.equal([asked.messageId, asked.inReplyTo], [request.messageId, undefined]);
  const answer = await juliet.messenger.seal(iq('result'), { to: romeo.jid }, { inReplyTo: asked.messageId });
  const read = await accepts(romeo, answer.stanza);
  assert.equal(read.inReplyTo, request.messageId);
  assert.is(attribute(read.stanza, 'type'), 'result');
});

test('T21: an error travels inside a result', async () => {
  const [romeo, juliet] = await createPair('error');
  const asked = await accepts(juliet, (await romeo.messenger.seal(iq('set'), { to: juliet.jid })).stanza);
  const forbidden = element(NS.CLIENT, 'error', { type: 'auth' }, [element(NS.STANZAS, 'forbidden')]);
  const { stanza } = await juliet.messenger.seal(
    iq('error', [query, forbidden]),
    { to: romeo.jid },
    { inReplyTo: asked.messageId },
  );
  assert.is(attribute(stanza, 'type'), 'result');
  const read = await accepts(romeo, stanza);
  assert.is(attribute(read.stanza, 'type'), 'error');
  assert.equal(read.stanza.children, [query, forbidden]);
  assert.equal(read.inReplyTo, asked.messageId);
});

test('a request goes to the devices of the one address, another device does not open it', async () => {
  const [romeo, juliet] = await createPair('devices');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  const { stanza, recipients } = await romeo.messenger.seal(iq('get'), {
    to: juliet.jid,
    devices: [await deviceOf(tablet)],
  });
  assert.is(recipients.length, 1);
  await opens(tablet, stanza);
  assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
});

test('H12: a result is not shown as a request, nor a request of another type', async () => {
  const [romeo, juliet] = await createPair('types');
  const { stanza } = await romeo.messenger.seal(iq('get'), { to: juliet.jid });
  for (const type of ['set', 'result', undefined]) {
    assert.is((await refusal(() => juliet.messenger.open(withAttributes(stanza, { type }))))?.code, 'ERR_OPEN');
  }
});

test('an iq without a type is no iq', async () => {
  const [romeo, juliet] = await createPair('no type');
  const untyped = withAttributes(iq('get'), { type: undefined });
  assert.instance(await refusal(() => romeo.messenger.seal(untyped, { to: juliet.jid })), TypeError);
});

test.run();
