// A device whose key is in a token, or wherever else: it seals, opens and answers as any other, and the store has no copy of the key.
import { equal, generatePrivateKey, publicKeyFromRaw } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import {
  type Change,
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  type HeldKey,
  type HeldKeys,
  openKeyStore,
} from '@stanzaseal/keystore';
import { generatePkcs11Key, pkcs11SigningKey, pkcs11Token } from '@stanzaseal/keystore/pkcs11';
import { createMessenger, type MessengerEvent } from '@stanzaseal/messenger';
import { exportBackup, restoreBackup } from '@stanzaseal/messenger/backup';
import { sealMany } from '@stanzaseal/messenger/batch';
import { admitDevice, continueAsNewDevice, joinAccount, revokeDevice } from '@stanzaseal/messenger/devices';
import { createHandshakes, type HandshakeOutcome, handshakeMessage } from '@stanzaseal/messenger/handshake';
import { withAttributes, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  accountOf,
  bodyOf,
  chat,
  createPerson,
  createWorld,
  DAY,
  deviceOf,
  introduce,
  type Person,
  say,
  snapshot,
  tell,
  type World,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PIN, softHsm } from '../../keystore/test/softToken.js';

const test = suite('a device key held elsewhere');
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';

/** A key that signs out of turn, counts, and may be taken out. */
interface Held extends HeldKey {
  count: number;
  absent: boolean;
}

async function heldKey({ crypto, random }: World): Promise<Held> {
  const key = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  const held: Held = {
    publicKey: key.publicKey,
    count: 0,
    absent: false,
    async sign(octets) {
      await new Promise((resolve) => setImmediate(resolve));
      if (held.absent) throw new Error('token is not there');
      held.count++;
      return key.sign(octets);
    },
  };
  return held;
}

/** A person over records whose keys are held elsewhere. */
async function personOf(world: World, changes: readonly Change[], held: HeldKeys): Promise<Person> {
  const { crypto, random } = world;
  const storage = createMemoryStorage();
  const store = await createKeyStore(storage, changes, held);
  const events: MessengerEvent[] = [];
  const clock = () => world.now;
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: (event) => events.push(event) });
  return { jid: store.owner, world, storage, store, messenger, events, rules: {} };
}

async function julietOf(world: World, device: HeldKey): Promise<Person> {
  const { crypto, random } = world;
  const changes = await createAccount({ owner: JULIET, device, random, clock: () => world.now, crypto });
  return personOf(world, changes, { device });
}

/** Romeo, and Juliet whose device key is held elsewhere; each knows what the other published. */
async function pair(seed: string): Promise<{ romeo: Person; juliet: Person; device: Held }> {
  const world = createWorld(seed);
  const device = await heldKey(world);
  const [romeo, juliet] = [await createPerson(ROMEO, world), await julietOf(world, device)];
  await introduce(juliet, romeo);
  await introduce(romeo, juliet);
  return { romeo, juliet, device };
}

async function errorOf(action: () => Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}

test('it signs what is published and sealed, once each; opening and accepting ask nothing of it', async () => {
  const { romeo, juliet, device } = await pair('sign');
  assert.is(device.count, 2, 'endorsement, bundle');
  const stanza = await say(juliet, romeo, 'wherefore art thou');
  assert.is(device.count, 3);
  const opened = await accepts(romeo, stanza);
  assert.ok(equal(opened.sender.device, device.publicKey.keyIdentifier));
  assert.is(bodyOf((await tell(romeo, juliet, 'here')).stanza), 'here');
  assert.is(device.count, 3);
  const answered = await juliet.messenger.seal(chat('and here'), { to: ROMEO });
  assert.equal(
    answered.recipients.map((one) => one.class),
    ['reply'],
  );
  await accepts(romeo, answered.stanza);
  juliet.world.now += 8 * DAY;
  await introduce(juliet, romeo);
  assert.is(device.count, 5, 'the answer, the next bundle');
});

test('many are sealed at once, with one signature each', async () => {
  const { romeo, juliet, device } = await pair('many');
  const paris = await createPerson('paris@verona.example', juliet.world);
  await introduce(paris, juliet);
  await introduce(juliet, paris);
  const before = device.count;
  const items = [ROMEO, paris.jid, ROMEO, paris.jid].map((to, i) => ({ stanza: chat(`${i}`), target: { to } }));
  const sealed = await sealMany(juliet.messenger, items);
  assert.is(device.count, before + 4);
  for (const [i, { stanza }] of sealed.entries()) {
    assert.is(bodyOf((await accepts(i % 2 === 0 ? romeo : paris, stanza)).stanza), `${i}`);
  }
});

test('where it cannot be reached nothing leaves, nothing changes, and what came before is still opened', async () => {
  const { romeo, juliet, device } = await pair('absent');
  const stanza = await say(romeo, juliet, 'while it was out');
  juliet.world.now += 8 * DAY;
  device.absent = true;
  const before = await snapshot(juliet);
  const items = [{ stanza: chat('x'), target: { to: ROMEO } }];
  for (const action of [
    () => juliet.messenger.seal(chat('x'), { to: ROMEO }),
    () => sealMany(juliet.messenger, items),
    () => juliet.messenger.publish(),
  ]) {
    assert.match((await errorOf(action)).message, 'token is not there');
    assert.is(await snapshot(juliet), before);
  }
  await accepts(juliet, stanza);
  device.absent = false;
  await tell(juliet, romeo, 'back');
});

test('a handshake goes through it on both sides; one taken out in the middle ends none', async () => {
  const world = createWorld('handshake');
  for (const protects of ['initiator', 'responder'] as const) {
    const devices = [await heldKey(world), await heldKey(world)] as const;
    const romeo = await createPerson(ROMEO, world);
    const people = [await julietOf(world, devices[0]), await julietOf(world, devices[1])] as const;
    for (const [initiator, responder, device] of [
      [people[0], romeo, devices[0]],
      [await createPerson('paris@verona.example', world), people[1], devices[1]],
    ] as const) {
      const over = ({ messenger }: Person) => createHandshakes(messenger, { answers: () => true });
      let outcome = await over(initiator).begin(responder.jid, protects);
      let refused = 0;
      for (let turn = 0; outcome.payload !== undefined; turn++) {
        const [from, to] = turn % 2 === 0 ? [initiator, responder] : [responder, initiator];
        const message = handshakeMessage(outcome.peer, outcome.payload as XmlElement);
        const stanza = withAttributes(message, { from: from.jid });
        await over(from).sent(outcome);
        const before = await snapshot(to);
        device.absent = true;
        try {
          outcome = (await over(to).receive(stanza)) as HandshakeOutcome;
        } catch (error) {
          assert.match((error as Error).message, 'token is not there');
          assert.is(await snapshot(to), before);
          refused++;
          device.absent = false;
          outcome = (await over(to).receive(stanza)) as HandshakeOutcome;
        }
        device.absent = false;
      }
      assert.is(outcome.kind, 'done');
      assert.is(refused, 1, 'it signs one proof');
      await tell(initiator, responder, 'acquainted');
      await tell(responder, initiator, 'indeed');
    }
  }
});

test('going on as a new device takes a new key from where the old one is, and peers go on with it', async () => {
  const { romeo, juliet, device } = await pair('renew');
  const { world } = juliet;
  const image = await personOf(world, (await juliet.storage.load()) as Change[], { device });
  world.now += 8 * DAY;
  const { prekeyBundle } = await juliet.messenger.publish();
  assert.is((await errorOf(() => image.messenger.importKeys([prekeyBundle]))).code, 'ERR_ROLLBACK');

  const before = await snapshot(image);
  const refused = await errorOf(() => continueAsNewDevice(image.messenger));
  assert.equal([refused.code, /held elsewhere/.test(refused.message)], ['ERR_NO_KEYS', true]);
  assert.instance(await errorOf(() => continueAsNewDevice(image.messenger, { device })), TypeError);
  assert.is(await snapshot(image), before);

  const next = { ...(await heldKey(world)), name: 'the second' };
  const localSecret = (await accountOf(image)).localSecret as Uint8Array;
  const { request, replaced } = await continueAsNewDevice(image.messenger, { device: next });
  assert.equal(replaced, device.publicKey.keyIdentifier);
  const renewed = await accountOf(image);
  assert.equal([renewed.deviceElsewhere, renewed.deviceName], [true, 'the second']);
  assert.not.ok(equal(renewed.localSecret as Uint8Array, localSecret));
  await image.messenger.importKeys([(await accountOf(juliet)).deviceList as Uint8Array]);
  await admitDevice(image.messenger, request);
  const { revocation, deviceList } = await revokeDevice(image.messenger, replaced);
  await romeo.messenger.importKeys([deviceList, revocation, (await image.messenger.publish()).prekeyBundle]);
  await introduce(romeo, image);
  const { sender } = await tell(image, romeo, 'it is I again');
  assert.equal(sender.device, next.publicKey.keyIdentifier);
  assert.is((await errorOf(() => openKeyStore(image.storage, { device }))).code, 'ERR_LOCKED');
  await openKeyStore(image.storage, { device: next });
});

test('a device key of the store moves into a token by going on as a new device', async () => {
  const world = createWorld('move');
  const juliet = await createPerson(JULIET, world);
  const device = await heldKey(world);
  const { request } = await continueAsNewDevice(juliet.messenger, { device });
  await admitDevice(juliet.messenger, request);
  assert.equal(await deviceOf(juliet), device.publicKey.keyIdentifier);
  const account = await accountOf(juliet);
  assert.is(account.deviceSecret.length, 0);
  assert.ok(account.identitySecret);
  await juliet.messenger.publish();
  assert.is(device.count, 2);
  assert.is((await errorOf(() => openKeyStore(juliet.storage))).code, 'ERR_LOCKED');
});

test('a further device joins with a key held elsewhere', async () => {
  const world = createWorld('join');
  const { crypto, random } = world;
  const [romeo, juliet] = [await createPerson(ROMEO, world), await createPerson(JULIET, world)];
  const device = await heldKey(world);
  const identity = await publicKeyFromRaw('Ed25519', (await accountOf(juliet)).identity, crypto);
  const clock = () => world.now;
  const { changes, request } = await createJoiningDevice({ owner: JULIET, identity, device, random, clock, crypto });
  const tablet = await personOf(world, changes, { device });
  await joinAccount(tablet.messenger, await admitDevice(juliet.messenger, request));
  await introduce(juliet, tablet, romeo);
  await introduce(romeo, tablet);
  assert.equal((await tell(tablet, romeo, 'from the tablet')).sender.device, device.publicKey.keyIdentifier);
});

test('a backup has nothing of it; a restored device begins with a key of its own', async () => {
  const { juliet, device } = await pair('backup');
  const { world } = juliet;
  const { crypto, random } = world;
  const general = createGeneralCrypto();
  const cost = { kind: 'scrypt', n: 32768, r: 8, p: 1 } as const;
  const backup = await exportBackup(juliet.messenger, { password: 'poison', cost, general });
  const next = await heldKey(world);
  const parameters = { password: 'poison', general, crypto, random, clock: () => world.now };
  const restored = await restoreBackup(backup, { ...parameters, device: next });
  assert.equal(restored.devices, [device.publicKey.keyIdentifier]);
  const absent = { ...next, sign: () => Promise.reject(new Error('token is not there')) };
  const failed = await errorOf(() => restoreBackup(backup, { ...parameters, device: absent }));
  assert.match(failed.message, 'token is not there'); // the password was right
  const again = await personOf(world, restored.changes, { device: next });
  await admitDevice(again.messenger, restored.request);
  await again.messenger.publish();
  assert.equal(await deviceOf(again), next.publicKey.keyIdentifier);
  assert.is((await errorOf(() => openKeyStore(again.storage, { device }))).code, 'ERR_LOCKED');
});

test('a token holds it and the identity key: seals, opens and answers; a token that is closed is told', async () => {
  const hsm = await softHsm('juliet');
  if (hsm === undefined) return;
  const world = createWorld('token');
  const { crypto, random } = world;
  const token = pkcs11Token({ library: hsm.library, label: 'juliet', pin: PIN });
  const [identity, device] = await Promise.all(
    ['identity', 'device'].map(async (keyLabel) => {
      await generatePkcs11Key({ token, keyLabel, algorithm: 'Ed25519', random, crypto });
      return pkcs11SigningKey({ token, keyLabel, crypto });
    }),
  );
  if (identity === undefined || device === undefined) throw new Error('no keys');
  const held = { identity, device };
  const changes = await createAccount({ owner: JULIET, ...held, random, clock: () => world.now, crypto });
  const juliet = await personOf(world, changes, held);
  const romeo = await createPerson(ROMEO, world);
  await introduce(juliet, romeo);
  await introduce(romeo, juliet);
  const opened = await tell(juliet, romeo, 'wherefore art thou');
  assert.equal(opened.sender.device, device.publicKey.keyIdentifier);
  await tell(romeo, juliet, 'here');
  const items = Array.from({ length: 20 }, (_, i) => ({ stanza: chat(`${i}`), target: { to: ROMEO } }));
  for (const { stanza } of await sealMany(juliet.messenger, items)) await accepts(romeo, stanza);
  world.now += 8 * DAY;
  await introduce(juliet, romeo); // list and bundle, both signed anew in the token
  await token.close();
  assert.is((await errorOf(() => juliet.messenger.seal(chat('x'), { to: ROMEO }))).code, 'ERR_LOCKED');
});

test.run();
