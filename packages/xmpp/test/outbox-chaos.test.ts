// Whatever happens on the way: what was taken arrives, is opened once, and where nothing bounces, in order.

import { toHex } from '@stanzaseal/cms';
import type { XmlElement } from '@stanzaseal/stanza';
import { bodyOf, chat, createPerson, createWorld, restart } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { randomDelay } from '../src/schedule.js';
import { published } from './keyDevices.js';
import { createPepServer } from './pepServer.js';
import { bounceOf, idOf, type SendingDevice, sending } from './sendingDevices.js';
import { createTimers, settled } from './timers.js';

const test = suite('outbox under chaos');
const JULIET = 'juliet@capulet.example';
const MESSAGES = 24;

/** Sends messages through connections that break, processes that die and, where it is said so, servers that bounce. */
async function run(seed: string, bounces: boolean): Promise<{ taken: string[]; opened: string[]; writes: number }> {
  const world = createWorld(seed);
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const timers = createTimers(world);
  const person = await createPerson('romeo@montague.example', world);
  await person.messenger.publish();
  const chance = (percent: number): boolean => randomDelay(world.random, 0, 100) < percent;
  const arrived: XmlElement[] = [];
  let writes = 0;
  let isWild = true;
  let process = 0;

  /** The network: a stanza arrives, or is lost with its connection before or after that, or comes back. */
  function network(device: SendingDevice): void {
    const { link } = device;
    let isDead = false;
    let session = 0;
    const current = ++process;
    link.onOnline((resumed) => {
      isDead = false;
      if (!resumed) session++;
      device.answersPings(true);
    });
    link.sent.push = (stanza: XmlElement) => {
      writes++;
      // What is written to a connection that is lost goes nowhere, and neither does a ping behind it.
      const isLost = !isDead && isWild && chance(15);
      if (isLost) {
        setImmediate(() => link.isOnline() && link.disconnect());
        device.answersPings(false);
      }
      const isBouncing = isWild && bounces && !isLost && !isDead && chance(20);
      const asked = session;
      // An error comes when it comes, and to nobody where the session has ended.
      const bounce = (): void => {
        if (asked === session && current === process) device.outbox.bounced(bounceOf(stanza, 'remote-server-timeout'));
      };
      if (isBouncing) timers.schedule(bounce, randomDelay(world.random, 0, 5000));
      else if (!isDead && (!isLost || chance(50))) arrived.push(stanza);
      isDead ||= isLost;
      return writes;
    };
  }

  const begin = (): SendingDevice => {
    const begun = sending(person, server, { timers, isOffline: true });
    network(begun);
    begun.link.connect();
    return begun;
  };
  let device = begin();
  const taken: string[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    taken.push(toHex(await device.outbox.take(chat(`${i}`), { to: JULIET })));
    if (chance(50)) await timers.advance(randomDelay(world.random, 0, 3000));
    if (!device.link.isOnline() && chance(60)) device.link.connect(chance(30));
    if (!chance(8)) continue;
    // kill -9: whatever was under way is gone, but for what the store has.
    device.outbox.close();
    device.keys.close();
    if (device.link.isOnline()) device.link.disconnect();
    await settled();
    await restart(person);
    device = begin();
  }
  await settled();
  isWild = false;
  if (!device.link.isOnline()) device.link.connect();
  for (let i = 0; i < 10; i++) await timers.advance(5 * 60_000);
  assert.equal(device.outbox.pending(), [], seed);
  assert.equal(await person.store.entries('outbox'), [], seed);
  const opened: string[] = [];
  for (const stanza of arrived) {
    const result = await juliet.messenger.open(stanza);
    if (result.status !== 'opened') continue;
    assert.is(bodyOf(result.stanza), `${taken.indexOf(idOf(stanza))}`);
    opened.push(idOf(stanza));
    await result.accept();
  }
  return { taken, opened, writes };
}

test('connections that break and processes that die: all of it, once, in order', async () => {
  let writes = 0;
  for (let seed = 0; seed < 12; seed++) {
    const result = await run(`breaking ${seed}`, false);
    assert.equal(result.opened, result.taken, `seed ${seed}`);
    writes += result.writes;
  }
  assert.ok(writes > 10 * MESSAGES, 'something was sent twice');
});

test('and a server of the peer that bounces: all of it, once', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const { taken, opened } = await run(`bouncing ${seed}`, true);
    assert.equal([...opened].sort(), [...taken].sort(), `seed ${seed}`);
  }
});

test.run();
