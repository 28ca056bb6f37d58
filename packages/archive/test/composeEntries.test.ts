// Composing: many entries together are the same entries as each alone, by either provider.
import { type CryptoProvider, concat, OBJECT_LIMITS, toHex } from '@stanzaseal/cms';
import { createCryptoProvider as createWebCryptoProvider } from '@stanzaseal/cms/provider/webcrypto';
import { XML_LIMITS } from '@stanzaseal/stanza';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Tags } from '../src/keys/ownerTags.js';
import { openColumn } from '../src/keys/sealing.js';
import { type ComposedEntry, DRAWN_OCTETS, type EntryKeys, type EntrySource } from '../src/log/composedEntry.js';
import { composeEntries } from '../src/log/composeEntries.js';
import { crypto, JULIET, plain, prekey, ROMEO, random, START, sealed } from './fixture.js';

const test = suite('composing entries');

const good = await sealed('something');
const carbon = `<message from="${JULIET}" to="${JULIET}/b"><received xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">${plain('carried').replace('<message', '<message xmlns="jabber:client"')}</forwarded></received></message>`;
const stanzas = [
  good,
  plain('ordinary'),
  '<message',
  carbon,
  await sealed('more', JULIET, ROMEO),
  plain('b\u00f6dy \u2665'),
];
/** Another recipient's key than the digest of all was made of. */
function otherRecipient(stanza: string): string {
  return stanza.replace(/(<sealed[^>]*>)([^<]*)/, (_, tag: string, base64: string) => {
    const der = Buffer.from(base64, 'base64');
    const entry = der.indexOf(toHex(prekey.keyIdentifier), 'hex');
    der[entry] = (der[entry] as number) ^ 1;
    return tag + der.toString('base64');
  });
}
const sources: EntrySource[] = [
  ...stanzas.map((stanza, i): EntrySource => ({ stanza, owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` })),
  { stanza: good, owner: ROMEO, receivedAt: START, stanzaId: 'id0', as: 'conflict' },
  { stanza: random(40), owner: '', receivedAt: START, as: 'record' },
  { stanza: otherRecipient(good), owner: ROMEO, receivedAt: START, stanzaId: 'digest' },
  { stanza: good.replace(JULIET, 'nurse@capulet.example'), owner: ROMEO, receivedAt: START, stanzaId: 'moved' },
  { stanza: Uint8Array.of(0x3c, 0xff), owner: ROMEO, receivedAt: START, stanzaId: 'bad' },
];
const keys = sources.map(
  (): EntryKeys => ({ kek: random(32), ownerTags: new Tags(random(32)), drawn: random(DRAWN_OCTETS) }),
);
const composing = (provider: CryptoProvider) => ({
  archiveTags: new Tags(new Uint8Array(32)),
  peers: 'named' as const,
  xmlLimits: XML_LIMITS,
  objectLimits: OBJECT_LIMITS,
  crypto: provider,
});
const reasonsOf = (entries: readonly ComposedEntry[]) => entries.flatMap(({ reason }) => reason ?? []);
const formsOf = (entries: readonly ComposedEntry[]) => entries.map(({ form }) => form);

test('entries that are composed together are those that are composed one by one, each under its own keys', async () => {
  const { entries: together, sealed } = await composeEntries(sources, keys, composing(crypto));
  assert.equal(reasonsOf(together), [
    'not well-formed XML of a stanza',
    'another stanza has its id',
    'a sealed object of another structure',
    'a sealed object of another stanza',
    'not UTF-8',
  ]);
  assert.equal(formsOf(together), [0, 1, 2, 1, 0, 1, 2, 3, 2, 2, 2]);
  for (const [i, source] of sources.entries()) {
    const alone = await composeEntries([source], [keys[i] as EntryKeys], composing(crypto));
    assert.equal(together[i], alone.entries[0], `entry ${i}`);
  }
  const columns = together.flatMap(({ content, recipients }) =>
    recipients === null ? [content] : [content, recipients],
  );
  assert.equal(sealed, concat(...columns), 'one after another');
  assert.is(sealed.buffer.byteLength, sealed.length, 'in memory of its own, which can change hands');
});

test('a provider that gives promises composes what one composes that computes at once', async () => {
  const atOnce = composeEntries(sources, keys, composing(crypto));
  assert.not.instance(atOnce, Promise, 'without a promise');
  assert.equal(await composeEntries(sources, keys, composing(createWebCryptoProvider())), atOnce);
});

test('octets and text of one stanza are one entry', async () => {
  const asOctets = sources.map((source) => {
    const { stanza } = source;
    return { ...source, stanza: typeof stanza === 'string' ? new TextEncoder().encode(stanza) : stanza };
  });
  assert.equal(
    await composeEntries(asOctets, keys, composing(crypto)),
    await composeEntries(sources, keys, composing(crypto)),
  );
});

test('each column is encrypted under a nonce that was drawn for it alone, and each half is hashed with a salt of its own', async () => {
  const { entries } = await composeEntries(sources, keys, composing(crypto));
  const [entry] = entries;
  const [{ kek, drawn }] = keys as [EntryKeys];
  const { content, recipients } = entry as ComposedEntry;
  assert.equal(content.subarray(0, 12), drawn.subarray(64, 76));
  assert.equal(recipients?.subarray(0, 12), drawn.subarray(76, 88));
  assert.equal(openColumn(kek, 'content', content).subarray(0, 32), drawn.subarray(0, 32));
  assert.equal(openColumn(kek, 'recipients', recipients as Uint8Array).subarray(0, 32), drawn.subarray(32, 64));
});

test('too few or too many octets that were drawn are refused before any of them is used', () => {
  for (const length of [0, DRAWN_OCTETS - 1, DRAWN_OCTETS + 1]) {
    const short = keys.map((own, i) => (i === 3 ? { ...own, drawn: random(length) } : own));
    assert.throws(() => composeEntries(sources, short, composing(crypto)), /drawn has another length/);
  }
});

test.run();
