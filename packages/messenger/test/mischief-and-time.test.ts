import { equal, generatePrivateKey } from '@stanzaseal/cms';
import { setArchiveKeys } from '@stanzaseal/messenger/devices';
import { signDeviceList } from '@stanzaseal/signer';
import { element, NS } from '@stanzaseal/stanza';
import { accepts, accountOf, createPair, createPerson, DAY, introduce, opens, say, tell } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite("what others' mischief and time must not do");

test("C4: a stranger who lists somebody's device as theirs does not keep that somebody out", async () => {
  const [romeo, juliet] = await createPair('listed by a stranger');
  const eve = await createPerson('eve@example.net', romeo.world);
  const fresh = await createPerson('benvolio@montague.example', romeo.world);
  const { crypto, random, now } = romeo.world;
  const identity = await generatePrivateKey('Ed25519', random, crypto);
  const stolen = { algorithm: 'Ed25519' as const, raw: (await accountOf(juliet)).device };
  const list = {
    owner: eve.jid,
    identity: identity.publicKey,
    listVersion: 1,
    issued: now,
    expires: now + DAY,
    devices: [{ key: stolen, role: 'primary' as const, suites: [1] }],
    archiveKeys: [],
  };
  await fresh.messenger.importKeys([await signDeviceList(list, await identity.signingKey(crypto), crypto)]);
  await introduce(juliet, fresh);
  await introduce(fresh, juliet);
  assert.is((await tell(juliet, fresh, 'It is I')).sender.jid, juliet.jid);
  assert.is((await tell(fresh, juliet, 'I know')).sender.jid, fresh.jid);
});

test('unused prekeys grow old: none is published for longer than one validity, and replay memory shrinks with them', async () => {
  const [romeo, juliet] = await createPair('sixty weeks');
  await tell(romeo, juliet, 'first');
  const first = new Set((await juliet.store.entries('prekeys')).map(([key]) => key));
  for (let week = 0; week < 12; week++) {
    juliet.world.now += 7 * DAY;
    await juliet.messenger.publish();
    await juliet.messenger.caughtUp();
  }
  const left = (await juliet.store.entries('prekeys')).filter(([key]) => first.has(key));
  assert.is(left.length, 0);
  assert.is((await juliet.store.entries('accepted')).length, 0);
});

test('a store that failed is no damaged stanza', async () => {
  const [romeo, juliet] = await createPair('closed store');
  const stanza = await say(romeo, juliet, 'hello');
  await juliet.store.close();
  let code: unknown;
  try {
    await juliet.messenger.open(stanza);
  } catch (error) {
    code = (error as { code?: string }).code;
  }
  assert.is(code, 'ERR_LOCKED');
});

test('presences and iqs are counted apart from messages: they leave no gap', async () => {
  const [romeo, juliet] = await createPair('counted apart');
  await tell(romeo, juliet, 'one');
  const iq = element(NS.CLIENT, 'iq', { type: 'get', id: 'v' }, [element('jabber:iq:version', 'query')]);
  await romeo.messenger.seal(iq, { to: juliet.jid });
  await romeo.messenger.seal(element(NS.CLIENT, 'presence'), { to: juliet.jid });
  assert.equal((await tell(romeo, juliet, 'two')).warnings, []);
});

test("the account's own archives get its iqs and presences too", async () => {
  const [romeo, juliet] = await createPair('own archive');
  const { crypto, random } = romeo.world;
  const archive = await generatePrivateKey('X25519', random, crypto);
  await setArchiveKeys(romeo.messenger, [{ key: archive.publicKey, organisation: 'Verona', epoch: 1 }]);
  const sealed = await romeo.messenger.seal(element(NS.CLIENT, 'presence'), { to: juliet.jid });
  const named = sealed.recipients.find(({ class: recipientClass }) => recipientClass === 'archive');
  assert.is(named?.organisation, 'Verona');
  const opened = await opens(juliet, sealed.stanza);
  assert.ok(opened.recipients.some(({ deviceKey }) => equal(deviceKey, archive.publicKey.keyIdentifier)));
});

test('the queue of strangers is bounded by size', async () => {
  const rules = { strangerPins: 0, requestCharacters: 20000 };
  const [romeo, juliet] = await createPair('queue by size', rules);
  for (let i = 0; i < 8; i++) {
    assert.is((await juliet.messenger.open(await say(romeo, juliet, 'x'.repeat(2000 + i)))).status, 'queued');
  }
  const waiting = await juliet.store.entries('requests');
  const characters = waiting.reduce((sum, [, { stanza }]) => sum + stanza.length, 0);
  assert.ok(waiting.length >= 2 && waiting.length < 8);
  assert.ok(characters <= 20000);
});

test('a changed key that an object showed can be answered', async () => {
  const [romeo, juliet] = await createPair('answered');
  await tell(romeo, juliet, 'hello');
  const again = await createPerson(romeo.jid, romeo.world);
  await introduce(juliet, again);
  const stanza = await say(again, juliet, 'I have a new phone');
  const { identity } = await accountOf(again);
  await juliet.messenger.answerKeyChange(romeo.jid, 'take', identity);
  assert.is((await accepts(juliet, stanza)).sender.trust, 'unverified');
});

test.run();
