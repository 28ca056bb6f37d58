// A stanza of type error is a bounce: it names what bounced and is never opened.

import { toHex } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { element, NS, withAttributes, withChildren } from '@stanzaseal/stanza';
import { chat, countedProvider, createPair, opens, sealBadlyFrom, snapshot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('bounces');
const unavailable = element(NS.CLIENT, 'error', { type: 'cancel' }, [element(NS.STANZAS, 'service-unavailable')]);

test('a bounce is told by the id of what was sent', async () => {
  const [romeo, juliet] = await createPair('told');
  const sealed = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  const before = await snapshot(romeo);
  const bounced = withChildren(withAttributes(sealed.stanza, { from: juliet.jid, to: romeo.jid, type: 'error' }), [
    ...sealed.stanza.children,
    unavailable,
  ]);
  assert.equal(await romeo.messenger.open(bounced), { status: 'bounce', id: toHex(sealed.messageId) });
  assert.is(await snapshot(romeo), before);
});

test('an object in an error stanza is not opened, whoever sealed it for that', async () => {
  const { crypto, counts, reset } = countedProvider(createCryptoProvider());
  const [romeo, juliet] = await createPair('not opened', {}, crypto);
  const { stanza } = await sealBadlyFrom(romeo, juliet, { type: 'error' });
  const honest = await sealBadlyFrom(romeo, juliet);
  reset();
  assert.is((await juliet.messenger.open(stanza)).status, 'bounce');
  assert.is((await juliet.messenger.open(withAttributes(honest.stanza, { type: 'error' }))).status, 'bounce');
  assert.equal(Object.values(counts), [0, 0, 0, 0, 0, 0]);
  await opens(juliet, honest.stanza);
});

test('a bounce without an id or of an iq is a bounce', async () => {
  const [, juliet] = await createPair('without id');
  assert.equal(await juliet.messenger.open(element(NS.CLIENT, 'message', { type: 'error' }, [unavailable])), {
    status: 'bounce',
    id: undefined,
  });
  assert.equal(await juliet.messenger.open(element(NS.CLIENT, 'iq', { type: 'error', id: 'v1' }, [unavailable])), {
    status: 'bounce',
    id: 'v1',
  });
});

test.run();
