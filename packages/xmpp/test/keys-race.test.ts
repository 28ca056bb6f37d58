// T12: two devices, or a server, overwrite the account's list. It converges, and nobody goes on for ever.

import { toBase64, toHex } from '@stanzaseal/cms';
import { listedDevices } from '@stanzaseal/messenger/devices';
import { element, NS } from '@stanzaseal/stanza';
import { accountOf, addDevice, createPerson, createWorld, deviceOf, type Person } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NODES } from '../src/keys/nodes.js';
import { XMPP } from '../src/namespaces.js';
import type { XmppError } from '../src/xmppError.js';
import { type KeyDevice, kinds, online, published, secondPrimary } from './keyDevices.js';
import { createPepServer, EJABBERD, type PepServer, PROSODY } from './pepServer.js';
import { createTimers, settled } from './timers.js';

const test = suite('T12: lists that overwrite each other');
const JULIET = 'juliet@capulet.example';
const HOUR = 3_600_000;

const onServer = (server: PepServer): string | undefined => server.item(JULIET, NODES.DEVICES, 'current');
const ownList = async (person: Person): Promise<string> => toBase64((await accountOf(person)).deviceList as Uint8Array);
const publications = (server: PepServer): number =>
  server.done.filter((what) => what === `publish ${NODES.DEVICES}`).length;
const listed = async (person: Person): Promise<string[]> =>
  (await listedDevices(person.messenger))
    .filter(({ state }) => state === 'listed')
    .map(({ device }) => toHex(device))
    .sort();

/** Two primary devices of one account, both published and agreed. */
async function twoPrimaries(seed: string): Promise<{ server: PepServer; phone: KeyDevice; desk: KeyDevice }> {
  const world = createWorld(seed);
  const server = createPepServer();
  const timers = createTimers(world);
  const phone = await published(JULIET, world, server, timers);
  const desk = online(await secondPrimary(phone), server, timers);
  await desk.keys.publish();
  await timers.advance(10_000);
  assert.equal(await listed(phone), await listed(desk));
  assert.is((await listed(phone)).length, 2);
  return { server, phone, desk };
}

test('two primary devices that change the list at the same time come to one list', async () => {
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const { server, phone, desk } = await twoPrimaries(seed);
    await addDevice(phone);
    await addDevice(desk);
    const before = publications(server);
    await Promise.all([phone.keys.publish(), desk.keys.publish()]);
    await settled();
    await phone.timers.advance(10 * 60_000);
    assert.is(await ownList(phone), await ownList(desk), seed);
    assert.is(onServer(server), await ownList(phone), seed);
    assert.is((await accountOf(phone)).forkedList, undefined);
    assert.ok(publications(server) - before <= 8, `${publications(server) - before} publications`);
    for (const device of [phone, desk]) assert.ok((await listed(phone)).includes(toHex(await deviceOf(device))));
    // And it stays so.
    const list = onServer(server);
    await phone.timers.advance(6 * HOUR);
    assert.is(onServer(server), list);
  }
});

test('a primary device whose list was lost beside another comes back to the list', async () => {
  const world = createWorld('lost');
  const server = createPepServer();
  const timers = createTimers(world);
  const phone = await published(JULIET, world, server, timers);
  // The desk admits itself on top of version 1, while the phone admits a tablet on top of the same.
  const desk = online(await secondPrimary(phone), server, timers);
  await addDevice(phone);
  await phone.keys.publish();
  await desk.keys.publish();
  await timers.advance(10 * 60_000);
  assert.is(await ownList(phone), await ownList(desk));
  assert.is(onServer(server), await ownList(phone));
  assert.ok((await listed(phone)).includes(toHex(await deviceOf(desk))));
  assert.ok((await listed(phone)).includes(toHex(await deviceOf(phone))));
  assert.not.ok(kinds(desk).includes('unlisted'));
});

test('an older list that took the place of ours is replaced, by any device of the account', async () => {
  const world = createWorld('older');
  const server = createPepServer();
  const timers = createTimers(world);
  const phone = await published(JULIET, world, server, timers);
  const old = (await accountOf(phone)).deviceList as Uint8Array;
  const tablet = online(await addDevice(phone), server, timers);
  await phone.keys.publish();
  await tablet.keys.publish();
  const list = onServer(server);
  phone.link.disconnect();
  server.put(JULIET, NODES.DEVICES, 'current', old);
  await settled();
  await timers.advance(60_000);
  assert.is(onServer(server), list);
});

test('a server that puts an old list back each time is answered six times an hour, and told of', async () => {
  const world = createWorld('hostile');
  const server = createPepServer();
  const phone = await published(JULIET, world, server);
  const old = (await accountOf(phone)).deviceList as Uint8Array;
  await addDevice(phone);
  await phone.keys.publish();
  await settled();
  const before = publications(server);
  for (let i = 0; i < 50; i++) {
    server.put(JULIET, NODES.DEVICES, 'current', old);
    await settled();
    await phone.timers.advance(60_000);
  }
  assert.is(publications(server) - before, 6);
  assert.ok(kinds(phone).includes('keys-contended'));
  // When it leaves off, the list is there within the hour.
  await phone.timers.advance(HOUR);
  assert.is(onServer(server), await ownList(phone));
});

test('a bundle that somebody takes away is put back, as often as a list and no more', async () => {
  const world = createWorld('bundle away');
  const server = createPepServer();
  const phone = await published(JULIET, world, server);
  const id = toHex(await deviceOf(phone));
  await phone.timers.advance(2000);
  for (let i = 0; i < 30; i++) {
    const { link } = phone;
    server.node(JULIET, NODES.BUNDLES).items.delete(id);
    link.receive(lossOf(id));
    await settled();
    await phone.timers.advance(60_000);
  }
  const count = server.done.filter((what) => what === `publish ${NODES.BUNDLES}`).length;
  assert.ok(count > 1 && count <= 1 + 7, `${count} publications`);
});

test('offline nothing is tried, and a failed publication is tried again with growing pauses', async () => {
  const world = createWorld('failing');
  const server = createPepServer({ down: 'internal-server-error' });
  const phone = online(await createPerson(JULIET, world), server);
  await phone.keys.publish().catch(() => undefined);
  await phone.timers.advance(HOUR);
  const attempts = kinds(phone).filter((kind) => kind === 'publish-failed').length;
  assert.ok(attempts >= 5 && attempts <= 12, `${attempts} attempts in an hour`);
  phone.link.disconnect();
  await phone.timers.advance(HOUR);
  assert.is(kinds(phone).filter((kind) => kind === 'publish-failed').length, attempts);
  server.flavour = {};
  phone.link.connect();
  await phone.keys.publish();
  assert.is(kinds(phone).at(-1), 'keys-published');
});

for (const [name, flavour] of [
  ['Prosody', PROSODY],
  ['ejabberd', EJABBERD],
] as const) {
  test(`a server that stumbled over its own locks is asked again at once, and nodes get the best it takes (${name})`, async () => {
    const world = createWorld(`stumbling ${name}`);
    const server = createPepServer({ ...flavour, stumbles: 3 });
    const phone = online(await createPerson(JULIET, world), server);
    const run = phone.keys.publish();
    await settled();
    assert.equal(kinds(phone), []);
    await phone.timers.advance(700);
    await run;
    assert.equal(kinds(phone), ['keys-published']);
    assert.is(server.node(JULIET, NODES.BUNDLES).config.max_items, 'max');
  });
}

test('a server that goes on stumbling is asked four times, and then not for a while', async () => {
  const world = createWorld('stumbling on');
  const server = createPepServer({ stumbles: 1000 });
  const phone = online(await createPerson(JULIET, world), server);
  const run = phone.keys.publish().catch((cause: unknown) => cause);
  await phone.timers.advance(7500);
  assert.is(((await run) as XmppError).condition, 'internal-server-error');
  assert.equal(kinds(phone), ['publish-failed']);
  // The publication, and then each way to make the node.
  assert.is(1000 - (server.flavour.stumbles ?? 0), 4 * 6);
});

function lossOf(id: string) {
  const retract = element(XMPP.PUBSUB_EVENT, 'retract', { id });
  const items = element(XMPP.PUBSUB_EVENT, 'items', { node: NODES.BUNDLES }, [retract]);
  return element(NS.CLIENT, 'message', { from: JULIET }, [element(XMPP.PUBSUB_EVENT, 'event', {}, [items])]);
}

test.run();
