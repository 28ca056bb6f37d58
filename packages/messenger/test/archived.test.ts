// `openArchived`: what was erased opens by a content-encryption key from an archive, by the same checks and without memory.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decrypt, readObject } from '@stanzaseal/envelope';
import { withAttributes } from '@stanzaseal/stanza';
import {
  accepts,
  accountOf,
  bodyOf,
  chat,
  createPair,
  createPerson,
  createWorld,
  DAY,
  objectIn,
  refusal,
  repositoryRoot,
  sealBadlyFrom,
  snapshot,
  tell,
  unusedPrekeyOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('archived objects');

test('after erasure an object opens by its key alone, as often as one likes, and is marked', async () => {
  const [romeo, juliet] = await createPair('erased');
  const { stanza, cek } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  const opened = await accepts(juliet, stanza);
  assert.equal(opened.cek, cek);
  assert.is(opened.archived, false);
  await tell(juliet, romeo, 'Romeo?');
  await tell(romeo, juliet, 'Call me but love');
  juliet.world.now += 100 * DAY;
  await juliet.messenger.confirmClock();
  await juliet.messenger.caughtUp();
  assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  const before = await snapshot(juliet);
  for (let i = 0; i < 2; i++) {
    const archived = await juliet.messenger.openArchived(stanza, cek);
    assert.equal([bodyOf(archived.stanza), archived.archived, archived.class], ['Ay me!', true, undefined]);
    assert.is(archived.sender.jid, romeo.jid);
    await archived.accept();
  }
  assert.is(await snapshot(juliet), before, 'accepting changes nothing');
});

test('what opened by its key from an archive still arrives by itself', async () => {
  const [romeo, juliet] = await createPair('no memory');
  const { stanza, cek } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  await (await juliet.messenger.openArchived(stanza, cek)).accept();
  await accepts(juliet, stanza);
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
  assert.is((await juliet.messenger.openArchived(stanza, cek)).status, 'opened');
});

test('R08 is not met, and SECURITY.md says so: a third party sees who signed what they are shown', async () => {
  const [romeo, juliet] = await createPair('shown');
  const { stanza } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  const { cek } = await accepts(juliet, stanza);
  // Whoever judges has none of her keys, and nothing but what she shows: the stanza and the key of its content.
  const judge = await createPerson(juliet.jid, createWorld('judge'));
  judge.world.now = juliet.world.now;
  const shown = await judge.messenger.openArchived(stanza, cek);
  assert.equal([bodyOf(shown.stanza), shown.sender.jid], ['Ay me!', romeo.jid]);
  assert.equal(shown.sender.identity, (await accountOf(romeo)).identity);
  const text = readFileSync(join(repositoryRoot, 'SECURITY.md'), 'utf8');
  assert.match(text, /\*\*Deniability\.\*\* Signatures can be shown to third parties/);
});

test('who sent it reads it again by the key they kept', async () => {
  const [romeo, juliet] = await createPair('sent');
  const { stanza, cek } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  const copy = await romeo.messenger.openArchived(stanza, cek);
  assert.equal([bodyOf(copy.stanza), copy.sender.jid, copy.sender.trust], ['Ay me!', romeo.jid, 'verified']);
  assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN', 'there is no key of his own in it');
});

test('the same checks: key, addresses, type, sender, signature', async () => {
  const [romeo, juliet] = await createPair('checks');
  const paris = await createPerson('paris@verona.example', romeo.world);
  const { stanza, cek } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  const other = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  const before = await snapshot(juliet);
  for (const [wrong, key] of [
    [stanza, other.cek],
    [stanza, cek.subarray(0, 31)],
    [stanza, new Uint8Array(32)],
    [withAttributes(stanza, { from: paris.jid }), cek],
    [withAttributes(stanza, { to: paris.jid }), cek],
    [withAttributes(stanza, { type: 'normal' }), cek],
  ] as const) {
    assert.is((await refusal(() => juliet.messenger.openArchived(wrong, key)))?.code, 'ERR_OPEN');
  }
  const forged = await sealBadlyFrom(romeo, juliet, {
    changeEnvelope: (xml) => xml.replace('type="chat"', 'type="headline"'),
  });
  assert.is(
    (await refusal(async () => juliet.messenger.openArchived(forged.stanza, await cekOf(forged.stanza))))?.code,
    'ERR_OPEN',
  );
  assert.is(await snapshot(juliet), before);

  async function cekOf(sealed: typeof stanza): Promise<Uint8Array> {
    const { crypto } = juliet.world;
    const object = await readObject(objectIn(sealed), { crypto });
    return (await decrypt(object, { keys: { find: (id) => juliet.store.prekey(id, crypto) }, crypto })).cek;
  }
});

test('a message after that uses the prekeys as if nothing had been read', async () => {
  const [romeo, juliet] = await createPair('untouched');
  const { stanza, cek } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  await juliet.messenger.openArchived(stanza, cek);
  const unused = await unusedPrekeyOf(juliet);
  assert.is(unused.algorithm, 'X25519');
  assert.equal(await juliet.messenger.contacts(), [], 'nobody was pinned');
});

test.run();
