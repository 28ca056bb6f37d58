// The XEP-0420 envelope: its affixes, and what may stand in it.
import { sealBadly } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  child,
  element,
  envelopeElement,
  NS,
  readEnvelope,
  readXml,
  type SealedEnvelope,
  withChildren,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '../src/index.js';
import { bad, juliet, NOW, open, refused, romeo, seal } from './parties.js';

const test = suite('XEP-0420 envelope');
const body: XmlElement = element(NS.CLIENT, 'body', {}, ['Ay me!']);
const plain: SealedEnvelope = {
  content: [body],
  stanza: { kind: 'message', type: 'chat', id: 'm1', lang: 'en' },
  from: romeo.jid,
  to: juliet.jid,
  time: NOW,
  rpad: 'abc',
};
const xml = writeXml(envelopeElement(plain));

function code(text: string): string | undefined {
  try {
    readEnvelope(readXml(text));
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return 'read';
}

/** The envelope with one part of its text replaced, which must be there. */
function edited(part: string | RegExp, other: string): string {
  const text = xml.replace(part, other);
  if (text === xml) throw new Error(`nothing to replace: ${part}`);
  return text;
}

/** Seals the content as a bad peer and gives what Juliet makes of it. */
async function sealing(...content: XmlNode[]): Promise<string | undefined> {
  return refused((await sealBadly(bad({ content }))).stanza);
}

test('an envelope is written and read back, with every affix', () => {
  assert.equal(readEnvelope(readXml(xml)), plain);
  const bare: SealedEnvelope = {
    ...plain,
    content: [],
    stanza: { kind: 'iq', type: undefined, id: undefined, lang: undefined },
    rpad: '',
  };
  assert.equal(readEnvelope(envelopeElement(bare)), bare);
});

for (const affix of ['content', 'time', 'from', 'to', 'stanza', 'rpad']) {
  test(`an envelope without <${affix}/> is refused, and one with two`, () => {
    const root = envelopeElement(plain);
    const [part] = root.children.filter((node) => typeof node !== 'string' && node.name === affix);
    const without = root.children.filter((node) => node !== part);
    assert.is(code(writeXml(withChildren(root, without))), 'ERR_OPEN');
    assert.is(code(writeXml(withChildren(root, [...without, part as XmlElement]))), 'read');
    assert.is(code(writeXml(withChildren(root, [...root.children, part as XmlElement]))), 'ERR_OPEN');
    // As many children as there should be, one of them twice.
    const [other] = without as XmlElement[];
    assert.is(code(writeXml(withChildren(root, [...without, other as XmlElement]))), 'ERR_OPEN');
  });
}

test('unknown affixes, text and attributes on the envelope are refused', () => {
  const root = envelopeElement(plain);
  assert.is(code(writeXml(withChildren(root, [...root.children, element('urn:example', 'affix')]))), 'ERR_OPEN');
  assert.is(code(edited('<time', ' <time')), 'ERR_OPEN');
  assert.is(
    code(edited('<envelope xmlns="urn:xmpp:sce:1"', '<envelope xmlns="urn:xmpp:sce:1" version="2"')),
    'ERR_OPEN',
  );
  assert.is(code(edited('urn:xmpp:sce:1', 'urn:xmpp:sce:0')), 'ERR_OPEN');
  assert.is(code(edited(/envelope/g, 'envelop')), 'ERR_OPEN');
  assert.is(code(edited('kind="message"', 'kind="notice"')), 'ERR_OPEN');
  assert.is(code(edited('<rpad>abc</rpad>', '<rpad><abc/></rpad>')), 'ERR_OPEN');
});

test('time has milliseconds, is in UTC and is of a day that exists', () => {
  const stamp = new Date(NOW).toISOString();
  assert.match(xml, `stamp="${stamp}"`);
  for (const other of [
    stamp.replace('.123', ''),
    stamp.replace('.123', '.12'),
    stamp.replace('.123', '.123456'),
    stamp.replace('Z', '+00:00'),
    stamp.replace('Z', ''),
    stamp.replace('11-21', '02-30'),
    stamp.replace('T04', 'T24'),
    ` ${stamp}`,
    '',
  ]) {
    assert.is(code(edited(stamp, other)), 'ERR_OPEN', other);
  }
});

test('signing-time is time cut to seconds', async () => {
  assert.is(await refused((await sealBadly(bad())).stanza), 'opened');
  assert.is(await refused((await sealBadly(bad({ signingTime: NOW + 1000 }))).stanza), 'ERR_OPEN');
  assert.is(await refused((await sealBadly(bad({ signingTime: NOW - 1000 }))).stanza), 'ERR_OPEN');
  assert.is((await open((await seal(element(NS.CLIENT, 'message', { type: 'chat' }, [body]))).stanza)).time, NOW);
});

test('affixes that differ from the context are refused', async () => {
  for (const [part, other] of [
    [`<from jid="${romeo.jid}"`, '<from jid="paris@verona.example"'],
    [`<to jid="${juliet.jid}"`, '<to jid="paris@verona.example"'],
    [`<from jid="${romeo.jid}"`, `<from jid="${romeo.jid}/orchard"`],
    ['kind="message"', 'kind="presence"'],
    ['type="chat"', 'type="headline"'],
    ['type="chat"', 'type="error"'],
    [' type="chat"', ''],
  ] as const) {
    const changeEnvelope = (text: string): string => text.replace(part, other);
    const { stanza } = await sealBadly(bad({ changeEnvelope }));
    assert.is(await refused(stanza), 'ERR_OPEN', other);
  }
});

test('T15: EME, hints, stanza ids and addresses inside are dropped, an origin-id stays', async () => {
  const dropped = [
    element(NS.EME, 'encryption', { namespace: 'urn:xmpp:otr:0' }),
    element(NS.HINTS, 'no-store'),
    element(NS.STANZA_ID, 'stanza-id', { by: juliet.jid, id: '1' }),
    element(NS.ADDRESS, 'addresses'),
  ];
  const originId = element(NS.STANZA_ID, 'origin-id', { id: '2' });
  const { stanza } = await sealBadly(bad({ content: [...dropped, body, originId] }));
  assert.equal((await open(stanza)).stanza.children, [body, originId]);
});

test('T16, H5: a body, subject or error beside the object is never shown', async () => {
  const { stanza } = await seal(element(NS.CLIENT, 'message', { type: 'chat' }, [body]));
  const beside = [
    element(NS.CLIENT, 'body', {}, ['I never loved thee']),
    element(NS.CLIENT, 'subject', {}, ['Farewell']),
    element(NS.CLIENT, 'error', { type: 'cancel' }),
    element('urn:xmpp:message-correct:0', 'replace', { id: 'm1' }),
  ];
  const opened = await open(withChildren(stanza, [...beside, ...stanza.children, ...beside]));
  assert.equal(opened.stanza.children, [body]);
});

test('H6: a stanza, a stream element or an object inside is refused', async () => {
  for (const namespace of [NS.CLIENT, NS.SERVER]) {
    for (const name of ['message', 'presence', 'iq']) {
      assert.is(await sealing(body, element(namespace, name, {}, [body])), 'ERR_OPEN', `${namespace} ${name}`);
    }
  }
  for (const name of ['stream', 'features', 'error']) {
    assert.is(await sealing(element('http://etherx.jabber.org/streams', name)), 'ERR_OPEN', name);
  }
  assert.is(await sealing(element(NS.SEALED, 'sealed', {}, ['AAAA'])), 'ERR_OPEN');
  assert.is(await sealing(envelopeElement(plain)), 'ERR_OPEN');
  assert.is(await sealing(body, element('urn:example', 'message')), 'opened');
});

test('H6: what is signed is one element and nothing beside it', async () => {
  for (const changeEnvelope of [
    (text: string) => `${text}</stream:stream>`,
    (text: string) => `${text}<message xmlns="jabber:client"/>`,
    (text: string) => `<?xml version="1.0"?>${text}<!-- -->`,
    (text: string) => `<!DOCTYPE envelope>${text}`,
    (text: string) => text.replace('<content>', '<content><!-- -->'),
    (text: string) => text.slice(0, -1),
    () => '',
  ]) {
    assert.is(
      await refused((await sealBadly(bad({ changeEnvelope }))).stanza),
      'ERR_OPEN',
      changeEnvelope('<content>'),
    );
  }
});

test('T23: children in jabber:client and in jabber:server come back as they were', async () => {
  const children = [body, element(NS.SERVER, 'body', {}, ['Ay me!'])];
  for (const namespace of [NS.CLIENT, NS.SERVER]) {
    const { stanza } = await seal(element(namespace, 'message', { type: 'chat' }, children));
    assert.equal((await open(stanza)).stanza.children, children);
    // A server writes the outer stanza in its own namespace.
    assert.equal((await open({ ...stanza, namespace: NS.SERVER })).stanza.children, children);
    assert.is(await refused({ ...stanza, namespace: 'urn:example' }), 'ERR_OPEN');
  }
});

test('sealing refuses what opening would', async () => {
  for (const wrong of [
    element(NS.CLIENT, 'message', { type: 'error' }, [body]),
    element(NS.CLIENT, 'iq', {}, []),
    element(NS.CLIENT, 'iq', { type: 'fetch' }, []),
    element('urn:example', 'message', { type: 'chat' }, [body]),
    element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.SEALED, 'sealed', {}, ['AAAA'])]),
    element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.CLIENT, 'iq')]),
  ]) {
    const error = await seal(wrong).then(
      () => undefined,
      (cause: Error) => cause,
    );
    assert.instance(error, TypeError);
  }
  assert.ok(child((await seal(element(NS.CLIENT, 'message', {}, [body]))).stanza, NS.SEALED, 'sealed'));
});

test.run();
