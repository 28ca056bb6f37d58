// What a device key in a token costs a message: the figures of docs/where-secrets-live.md. In turns, so that both see the same machine.
//   node --import tsx --conditions=@stanzaseal/source packages/messenger/test/measureDeviceElsewhere.ts
import { createAccount, createKeyStore, createMemoryStorage, type HeldKeys } from '@stanzaseal/keystore';
import { generatePkcs11Key, pkcs11SigningKey, pkcs11Token } from '@stanzaseal/keystore/pkcs11';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { sealMany } from '@stanzaseal/messenger/batch';
import { chat, createPerson, createWorld } from '@stanzaseal/testkit';
import { PIN, softHsm } from '../../keystore/test/softToken.js';

const ROUNDS = 20;
const EACH = 50;
const world = createWorld('measured');
const { crypto, random } = world;
const clock = () => world.now;
const to = 'romeo@montague.example';
const romeo = await createPerson(to, world);
const published = Object.values(await romeo.messenger.publish()).filter((each) => each instanceof Uint8Array);

async function messengerOf(held: HeldKeys): Promise<Messenger> {
  const changes = await createAccount({ owner: 'juliet@capulet.example', ...held, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes, held);
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => undefined });
  await messenger.importKeys(published);
  return messenger;
}

const hsm = await softHsm('juliet');
if (hsm !== undefined) {
  const token = pkcs11Token({ library: hsm.library, label: 'juliet', pin: PIN });
  await generatePkcs11Key({ token, keyLabel: 'device', algorithm: 'Ed25519', random, crypto });
  const device = await pkcs11SigningKey({ token, keyLabel: 'device', crypto });
  const kinds = { 'in the store': await messengerOf({}), 'in the token': await messengerOf({ device }) };
  const tasks = { seal: sealOneByOne, sealMany: sealTogether };
  for (const [task, work] of Object.entries(tasks)) {
    const taken = new Map<string, { wall: number[]; processor: number[] }>();
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [kind, messenger] of Object.entries(kinds)) {
        const { wall, processor } = await measured(() => work(messenger));
        const times = taken.get(kind) ?? { wall: [], processor: [] };
        taken.set(kind, times);
        if (round === 0) continue; // what is loaded first
        times.wall.push(wall);
        times.processor.push(processor);
      }
    }
    for (const [kind, { wall, processor }] of taken) {
      const words = `median ${median(wall)} ms a message, ${median(processor)} ms of processor`;
      console.log(`${`${task}, device key ${kind}`.padEnd(36)} ${words}`);
    }
  }
  await token.close();
}

async function sealOneByOne(messenger: Messenger): Promise<void> {
  for (let i = 0; i < EACH; i++) await messenger.seal(chat(`${i}`), { to });
}

async function sealTogether(messenger: Messenger): Promise<void> {
  await sealMany(
    messenger,
    Array.from({ length: EACH }, (_, i) => ({ stanza: chat(`${i}`), target: { to } })),
  );
}

async function measured(work: () => Promise<void>): Promise<{ wall: number; processor: number }> {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - begun) / EACH, processor: (user + system) / 1000 / EACH };
}

function median(times: number[]): string {
  return (times.sort((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(2);
}
