// Publishing by PEP so that a stranger can read it (T10, T11), and fetching what others published: once, by those it is of (H13).

import { equal, fromBase64, toBase64, toHex } from '@stanzaseal/cms';
import { describePublished, removeDevice, revokeDevice } from '@stanzaseal/messenger/devices';
import { attribute, element, NS } from '@stanzaseal/stanza';
import {
  accountOf,
  addDevice,
  chat,
  copyOf,
  createPerson,
  createWorld,
  deviceOf,
  opens,
  refusal,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyPayload, NODES } from '../src/keys/nodes.js';
import { XMPP } from '../src/namespaces.js';
import { kinds, online, published } from './keyDevices.js';
import { createPepServer, EJABBERD, PROSODY } from './pepServer.js';
import { resultOf } from './scriptedLink.js';
import { settled } from './timers.js';

const test = suite('keys by PEP');
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';

for (const [name, flavour] of [
  ['as Prosody does it', PROSODY],
  ['as ejabberd does it', EJABBERD],
  [
    'by a server that has no `max` and no `never`',
    { refuses: { max_items: 'max', send_last_published_item: 'never' } },
  ],
] as const) {
  test(`T10, T11: a stranger reads and seals to what was published ${name}`, async () => {
    const world = createWorld(name);
    const server = createPepServer(flavour);
    const juliet = await published(JULIET, world, server);
    for (const node of [NODES.DEVICES, NODES.BUNDLES]) {
      const { config } = server.node(JULIET, node);
      assert.is(config.access_model, 'open');
      if (node === NODES.BUNDLES) assert.ok(config.max_items === 'max' || Number(config.max_items) >= 64);
    }
    const romeo = online(await createPerson(ROMEO, world), server);
    assert.equal(await romeo.keys.ensure([JULIET]), []);
    const { stanza, recipients } = await romeo.messenger.seal(chat('x'), { to: JULIET });
    assert.equal([recipients.length, recipients[0]?.class], [1, 'one-time']);
    await opens(juliet, stanza);
  });
}

test('T10: a node that was there for contacts alone is opened, and what it lost is published again', async () => {
  const world = createWorld('closed');
  const server = createPepServer(PROSODY);
  server.node(JULIET, NODES.DEVICES).config.access_model = 'presence';
  server.node(JULIET, NODES.BUNDLES).config.access_model = 'whitelist';
  const juliet = await published(JULIET, world, server);
  assert.is(server.node(JULIET, NODES.DEVICES).config.access_model, 'open');
  assert.is(server.node(JULIET, NODES.BUNDLES).config.max_items, 'max');
  // Somebody closes it again: the next look opens it.
  server.node(JULIET, NODES.DEVICES).config.access_model = 'presence';
  await juliet.keys.publish();
  assert.is(server.node(JULIET, NODES.DEVICES).config.access_model, 'open');
});

test('T10: a server that keeps it from strangers is told, and tried again', async () => {
  const world = createWorld('stubborn');
  const server = createPepServer({ ...EJABBERD, isStubborn: true });
  const juliet = online(await createPerson(JULIET, world), server);
  assert.is((await refusal(() => juliet.keys.publish()))?.code, 'ERR_PUBLISH');
  assert.equal(kinds(juliet), ['publish-failed']);
  server.flavour = PROSODY;
  await juliet.timers.advance(20_000);
  assert.equal(kinds(juliet), ['publish-failed', 'keys-published']);
  assert.is(server.node(JULIET, NODES.BUNDLES).config.access_model, 'open');
});

test('a login that finds everything in order writes nothing', async () => {
  const server = createPepServer();
  const juliet = await published(JULIET, createWorld('twice'), server);
  server.done.length = 0;
  await juliet.keys.publish();
  assert.equal(
    server.done.filter((what) => /^(publish|create|retract)/.test(what)),
    [],
  );
});

test('what is missing on the server is put back at login: list, bundle, either', async () => {
  const server = createPepServer();
  const juliet = await published(JULIET, createWorld('missing'), server);
  const id = toHex(await deviceOf(juliet));
  for (const [node, item] of [
    [NODES.DEVICES, 'current'],
    [NODES.BUNDLES, id],
  ] as const) {
    server.node(JULIET, node).items.clear();
    server.done.length = 0;
    await juliet.keys.publish();
    assert.ok(server.item(JULIET, node, item));
    assert.equal(
      server.done.filter((what) => what.startsWith('publish')),
      [`publish ${node}`],
    );
  }
});

test('the bundle is refilled when it is due, and so is the list', async () => {
  const server = createPepServer();
  const juliet = await published(JULIET, createWorld('due'), server);
  const id = toHex(await deviceOf(juliet));
  const before = [server.item(JULIET, NODES.DEVICES, 'current'), server.item(JULIET, NODES.BUNDLES, id)];
  await juliet.timers.advance(7 * 86_400_000 + 10_000);
  assert.is.not(server.item(JULIET, NODES.DEVICES, 'current'), before[0]);
  assert.is.not(server.item(JULIET, NODES.BUNDLES, id), before[1]);
});

test('I6, I9: a store that was put back is found out by the bundle on the server, and publishes nothing more', async () => {
  const world = createWorld('rollback');
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const old = await copyOf(juliet);
  world.now += 8 * 86_400_000;
  await juliet.keys.publish();
  juliet.keys.close();
  const list = server.item(JULIET, NODES.DEVICES, 'current');
  const again = online(old, server);
  assert.is((await refusal(() => again.keys.publish()))?.code, 'ERR_ROLLBACK');
  assert.equal(kinds(again), ['publish-failed']);
  assert.is(again.told[0]?.kind === 'publish-failed' && again.told[0].retryAt, undefined);
  await again.timers.advance(86_400_000);
  assert.is(server.item(JULIET, NODES.DEVICES, 'current'), list);
  assert.is((await refusal(() => again.messenger.seal(chat('x'), { to: ROMEO })))?.code, 'ERR_ROLLBACK');
});

test('a list of another identity on the own server is told, and written over only when asked to', async () => {
  const world = createWorld('two identities');
  const server = createPepServer();
  await published(JULIET, world, server);
  const list = server.item(JULIET, NODES.DEVICES, 'current');
  const other = online(await createPerson(JULIET, world), server);
  assert.is((await refusal(() => other.keys.publish()))?.code, 'ERR_KEY_CHANGED');
  await other.timers.advance(86_400_000);
  assert.is(server.item(JULIET, NODES.DEVICES, 'current'), list);
  await other.keys.publish({ replace: true });
  assert.is(server.item(JULIET, NODES.DEVICES, 'current'), toBase64((await accountOf(other)).deviceList as Uint8Array));
});

test('who asks for one account at the same time shares one answer, and what failed is not asked again at once', async () => {
  const world = createWorld('sharing');
  const server = createPepServer();
  await published(JULIET, world, server);
  const romeo = online(await createPerson(ROMEO, world), server);
  const count = (): number => romeo.link.asked.length;
  await Promise.all([
    romeo.keys.fetch(JULIET),
    romeo.keys.fetch('Juliet@Capulet.example/balcony'),
    romeo.keys.ensure([JULIET]),
  ]);
  assert.is(count(), 3, 'list, statements, bundles');

  assert.is(await romeo.keys.fetch('nobody@capulet.example'), undefined);
  const asked = count();
  assert.is(await romeo.keys.fetch('nobody@capulet.example'), undefined);
  assert.equal(await romeo.keys.ensure(['nobody@capulet.example']), [
    { jid: 'nobody@capulet.example', cause: undefined },
  ]);
  assert.is(count(), asked);
  await romeo.keys.fetch('nobody@capulet.example', { force: true });
  assert.ok(count() > asked);
  const then = count();
  world.now += 61_000;
  await romeo.keys.fetch('nobody@capulet.example');
  assert.is(count(), then, 'the second failure holds back for two minutes');
  world.now += 61_000;
  await romeo.keys.fetch('nobody@capulet.example');
  assert.ok(count() > then);

  server.flavour = { down: 'remote-server-timeout' };
  const failed = await romeo.keys.ensure(['paris@verona.example']);
  assert.is((failed[0] as unknown as { cause: { condition: string } }).cause.condition, 'remote-server-timeout');
  const before = count();
  await romeo.keys.ensure(['paris@verona.example']);
  assert.is(count(), before);
  romeo.link.connect();
  await romeo.keys.ensure(['paris@verona.example']);
  assert.ok(count() > before, 'a new connection may know better');
});

test('keys are fetched again after 24 hours, or when they were called old, and not before', async () => {
  const world = createWorld('stale');
  const server = createPepServer();
  await published(JULIET, world, server);
  const romeo = online(await createPerson(ROMEO, world), server);
  const asks = async (): Promise<boolean> => {
    const before = romeo.link.asked.length;
    await romeo.keys.ensure([JULIET]);
    return romeo.link.asked.length > before;
  };
  assert.is(await asks(), true);
  assert.is(await asks(), false);
  romeo.keys.stale([JULIET]);
  assert.is(await asks(), true);
  assert.is(await asks(), false);
  world.now += 25 * 3_600_000;
  assert.is(await asks(), true);
});

test('H13: nobody speaks for another account, in a notification or on a node', async () => {
  const world = createWorld('H13');
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const romeo = online(await createPerson(ROMEO, world), server);
  await romeo.keys.fetch(JULIET);
  const tablet = await addDevice(juliet);
  const { deviceList } = await juliet.messenger.publish();
  const event = (from: string | undefined, id = 'current', node = NODES.DEVICES, der = deviceList) => {
    const item = element(XMPP.PUBSUB_EVENT, 'item', { id }, [keyPayload(node, der)]);
    const items = element(XMPP.PUBSUB_EVENT, 'items', { node }, [item]);
    return element(NS.CLIENT, 'message', { from, to: ROMEO }, [element(XMPP.PUBSUB_EVENT, 'event', {}, [items])]);
  };
  const version = async (): Promise<number | undefined> => (await romeo.store.get('contacts', JULIET))?.listVersion;
  for (const forged of [
    event('mallory@evil.example'),
    event(`${JULIET}/phone`),
    event('capulet.example'),
    event(undefined),
    event(ROMEO),
    event(JULIET, 'other'),
  ]) {
    assert.is(romeo.keys.handleEvent(forged), true);
    await settled();
    assert.is(await version(), 1, attribute(forged, 'from') ?? 'without from');
  }
  romeo.keys.handleEvent(event(JULIET));
  await settled();
  assert.is(await version(), 2);
  assert.ok(tablet);
  assert.is(romeo.keys.handleEvent(chat('x', { from: JULIET })), false);

  // A stranger's notification pins nobody.
  const paris = await createPerson('paris@verona.example', world);
  romeo.keys.handleEvent(event(paris.jid, 'current', NODES.DEVICES, (await paris.messenger.publish()).deviceList));
  await settled();
  assert.is(await romeo.store.get('contacts', paris.jid), undefined);

  // Mallory's node has Paris' list, signed by a key of hers: it would pin him under it.
  const fake = await createPerson('paris@verona.example', world);
  server.put('mallory@evil.example', NODES.DEVICES, 'current', (await fake.messenger.publish()).deviceList);
  server.node('mallory@evil.example', NODES.DEVICES).config.access_model = 'open';
  assert.is(await romeo.keys.fetch('mallory@evil.example'), undefined);
  assert.is(await romeo.store.get('contacts', paris.jid), undefined);
  assert.ok(romeo.told.some((told) => told.kind === 'keys-refused' && told.jid === 'mallory@evil.example'));
});

test('T09, I1: a device that the server adds is not in the list, and a bad bundle keeps no good one out', async () => {
  const world = createWorld('ghost');
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const tablet = online(await addDevice(juliet), server);
  await juliet.keys.publish();
  await tablet.keys.publish();
  const ghost = await createPerson(JULIET, world);
  const { prekeyBundle } = await ghost.messenger.publish();
  server.put(JULIET, NODES.BUNDLES, toHex(await deviceOf(ghost)), prekeyBundle);
  const bundle = fromBase64(server.item(JULIET, NODES.BUNDLES, toHex(await deviceOf(tablet))) as string);
  bundle[bundle.length - 1] = (bundle.at(-1) as number) ^ 1;
  server.put(JULIET, NODES.BUNDLES, toHex(await deviceOf(tablet)), bundle);
  const romeo = online(await createPerson(ROMEO, world), server);
  await romeo.keys.fetch(JULIET);
  assert.equal(
    romeo.told.map((told) => told.kind === 'keys-refused' && told.id),
    [toHex(await deviceOf(tablet))],
  );
  const { recipients } = await romeo.messenger.seal(chat('x'), { to: JULIET }, { skipDevices: true });
  assert.is(recipients.length, 1);
  assert.ok(equal(recipients[0]?.deviceKey as Uint8Array, await deviceOf(juliet)));
});

test('what is no base64 of an object is none', async () => {
  const world = createWorld('garbage');
  const server = createPepServer();
  const romeo = online(await createPerson(ROMEO, world), server);
  const node = server.node(JULIET, NODES.DEVICES);
  node.config.access_model = 'open';
  for (const text of ['', 'AA', '////', ' AAAA', 'AAAA\n', 'A'.repeat(70_000)]) {
    const payload = element(NS.SEALED, 'devices', {}, text === '' ? [] : [text]);
    node.items.set('current', element(XMPP.PUBSUB, 'item', { id: 'current' }, [payload]));
    assert.is(await romeo.keys.fetch(JULIET, { force: true }), undefined);
  }
  assert.equal(kinds(romeo), ['keys-refused'], '//// is base64, and no object');
});

test('I12: a revocation is published, read, and the bundle of a device that left is taken away', async () => {
  const world = createWorld('revoked');
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const tablet = online(await addDevice(juliet), server, juliet.timers);
  await juliet.keys.publish();
  await tablet.keys.publish();
  const romeo = online(await createPerson(ROMEO, world), server);
  await romeo.keys.fetch(JULIET);
  const id = toHex(await deviceOf(tablet));
  assert.ok(server.item(JULIET, NODES.BUNDLES, id));

  const { revocation } = await revokeDevice(juliet.messenger, await deviceOf(tablet));
  await juliet.keys.announce([revocation]);
  await juliet.keys.publish();
  assert.is(server.item(JULIET, NODES.BUNDLES, id), undefined);
  assert.is(server.item(JULIET, NODES.STATEMENTS, id), toBase64(revocation));
  assert.is(server.node(JULIET, NODES.STATEMENTS).config.access_model, 'open');
  romeo.keys.stale([JULIET]);
  await romeo.keys.ensure([JULIET]);
  assert.ok(romeo.events.some(({ kind }) => kind === 'device-revoked'));
  const described = await describePublished(romeo.messenger, revocation);
  assert.is(described.kind, 'statement');
  for (const bad of [revocation.slice(0, -1), (await juliet.messenger.publish()).prekeyBundle])
    assert.ok(await refusal(() => juliet.keys.announce([bad])));
  // The tablet learns that it is out, says so once, and fights nobody.
  await settled();
  await tablet.timers.advance(3_600_000);
  assert.is(kinds(tablet).filter((kind) => kind === 'unlisted').length, 1);
  assert.is(server.item(JULIET, NODES.BUNDLES, id), undefined);
});

test('where a server has no PEP, a device that is online is asked; it answers for its own account alone', async () => {
  const world = createWorld('direct');
  const server = createPepServer({ down: 'service-unavailable' });
  const juliet = online(await createPerson(JULIET, world), server);
  await juliet.messenger.publish();
  const [phone, liar] = [`${JULIET}/phone`, `${JULIET}/liar`];
  const romeo = online(await createPerson(ROMEO, world), server, undefined, { [JULIET]: [liar, phone] });
  const mallory = await createPerson('mallory@evil.example', world);
  const { deviceList } = await mallory.messenger.publish();
  romeo.link.serve(async (iq) => {
    const to = attribute(iq, 'to');
    if (to === liar) return resultOf(iq, element(NS.SEALED, 'keys', {}, [keyPayload(NODES.DEVICES, deviceList)]));
    return to === phone ? resultOf(iq, await juliet.link.ask(iq)) : undefined;
  });
  assert.equal(await romeo.keys.fetch(JULIET), { accounts: [JULIET] });
  assert.is(await romeo.store.get('contacts', mallory.jid), undefined);
  await opens(juliet, (await romeo.messenger.seal(chat('x'), { to: JULIET })).stanza);
  // Thirty answers in a minute, and no more.
  const ask = element(NS.CLIENT, 'iq', { type: 'get', from: ROMEO, to: phone }, [element(NS.SEALED, 'keys')]);
  for (let i = 1; i < 30; i++) await juliet.link.ask(ask);
  assert.match((await refusal(() => juliet.link.ask(ask)))?.message ?? '', 'resource-constraint');
  world.now += 60_001;
  await juliet.link.ask(ask);
});

test('a removed device is told by the list, and not by force brought back', async () => {
  const world = createWorld('removed');
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const tablet = online(await addDevice(juliet), server, juliet.timers);
  await juliet.keys.publish();
  await tablet.keys.publish();
  await removeDevice(juliet.messenger, await deviceOf(tablet));
  await juliet.keys.publish();
  const list = server.item(JULIET, NODES.DEVICES, 'current');
  await settled();
  await tablet.timers.advance(3_600_000);
  assert.ok(kinds(tablet).includes('unlisted'));
  assert.is(server.item(JULIET, NODES.DEVICES, 'current'), list);
});

test.run();
