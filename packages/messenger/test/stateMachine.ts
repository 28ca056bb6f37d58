/**
 * Two accounts with three devices, a server that keeps what was published, and everything that can happen to them in any order: a
 * reference model that is as simple as the promises, and the commands that compare it with the messenger.
 *
 * The model knows of each device which private prekeys it has, who used them and what was accepted; it reads from the store only what a
 * device decides freely (which prekeys it made, until when it publishes them).
 */
import { strict as assert } from 'node:assert';
import { fromHex, publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { readObject } from '@stanzaseal/envelope';
import {
  type Change,
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  type KeyStore,
  type KeyStoreStorage,
  openKeyStore,
  type PrekeyRecord,
} from '@stanzaseal/keystore';
import { createMessenger, type Messenger, RULES } from '@stanzaseal/messenger';
import { admitDevice, continueAsNewDevice, joinAccount, revokeDevice } from '@stanzaseal/messenger/devices';
import type { XmlElement } from '@stanzaseal/stanza';
import { bodyOf, chat, createWorld, objectIn, type World } from '@stanzaseal/testkit';
import fc from 'fast-check';

/** The devices. */
export const NAMES = ['romeo', 'juliet', 'tablet'] as const;
export type Name = (typeof NAMES)[number];
const JIDS: Readonly<Record<Name, string>> = {
  romeo: 'romeo@montague.example',
  juliet: 'juliet@capulet.example',
  tablet: 'juliet@capulet.example',
};
const PRIMARY: Readonly<Record<Name, Name>> = { romeo: 'romeo', juliet: 'juliet', tablet: 'juliet' };
const RULES_HERE = { oneTimePrekeys: 12, refillBelow: 4 };
const HOUR = 3_600_000;

interface ModelPrekey {
  readonly class: PrekeyRecord['class'];
  readonly createdAt: number;
  readonly secret: string;
  notAfter: number;
  replacedAt: number | undefined;
  /** Devices that used it, and when they were first seen on a newer one. */
  readonly users: Map<string, number | undefined>;
}

interface ModelDevice {
  /** Key identifier of its device key. */
  key: string;
  prekeys: Map<string, ModelPrekey>;
  accepted: Set<number>;
  caughtUpAt: number;
  /** When it last took in what its clock shows. */
  lookedAt: number;
  /** Since when it doubts it. */
  doubtSince: number | undefined;
  /** Sequence of the bundle that it published last. */
  sequence: number;
  /** Secrets that were erased: none is to be in its store. */
  erased: Set<string>;
}

interface Message {
  readonly body: string;
  readonly stanza: XmlElement;
  /** Key identifier of the sending device. */
  readonly from: string;
  /** The prekey that it is sealed to, for each device that it is sealed to. */
  readonly to: ReadonlyMap<Name, string>;
}

/** What must be. */
export interface Model {
  now: number;
  readonly devices: Record<Name, ModelDevice>;
  readonly messages: Message[];
  /** Devices that were revoked. */
  readonly revoked: Set<string>;
  readonly images: Partial<Record<Name, { readonly changes: readonly Change[]; readonly device: ModelDevice }>>;
  readonly counts: Record<string, number>;
}

interface Device {
  disk: KeyStoreStorage;
  /** Whether the next commits fail. */
  isBroken: boolean;
  commits: number;
  store: KeyStore;
  messenger: Messenger;
}

/** What is. */
export interface Real {
  readonly world: World;
  readonly devices: Record<Name, Device>;
  /** Every prekey ever published or offered, with whose it is. */
  readonly owners: Map<string, Name>;
  /** What the server has: the newest list of each account, the newest bundle of each device, all revocations. */
  readonly lists: Map<string, Uint8Array>;
  readonly bundles: Map<Name, Uint8Array>;
  readonly revocations: Uint8Array[];
}

/** Romeo, and Juliet with a phone and a tablet, who know each other. */
export async function setUp(seed: string): Promise<{ model: Model; real: Real }> {
  const world = createWorld(seed);
  const clock = (): number => world.now;
  const { random, crypto } = world;
  const device = async (changes: readonly Change[]): Promise<Device> => over(createMemoryStorage(), world, changes);
  const romeo = await device(await createAccount({ owner: JIDS.romeo, random, clock, crypto }));
  const juliet = await device(await createAccount({ owner: JIDS.juliet, random, clock, crypto }));
  const account = await juliet.store.get('account', 'self');
  const identity = await publicKeyFromRaw('Ed25519', account?.identity as Uint8Array, crypto);
  const joining = await createJoiningDevice({ owner: JIDS.juliet, identity, random, clock, crypto });
  const tablet = await device(joining.changes);
  await joinAccount(tablet.messenger, await admitDevice(juliet.messenger, joining.request));
  const real: Real = {
    world,
    devices: { romeo, juliet, tablet },
    owners: new Map(),
    lists: new Map(),
    bundles: new Map(),
    revocations: [],
  };
  const blank = (): ModelDevice => ({
    key: '',
    prekeys: new Map(),
    accepted: new Set(),
    caughtUpAt: 0,
    lookedAt: world.now,
    doubtSince: undefined,
    sequence: 0,
    erased: new Set(),
  });
  const model: Model = {
    now: world.now,
    devices: { romeo: blank(), juliet: blank(), tablet: blank() },
    messages: [],
    revoked: new Set(),
    images: {},
    counts: {},
  };
  for (const name of NAMES) await new Rotate(name).run(model, real);
  for (const name of NAMES) await new Fetch(name).run(model, real);
  return { model, real };
}

/** A device over a disk whose commits can be made to fail. */
async function over(disk: KeyStoreStorage, world: World, changes?: readonly Change[]): Promise<Device> {
  const device = { disk, isBroken: false, commits: 0 } as Device;
  await reopen(device, world, changes);
  return device;
}

/** Drops everything in memory and opens the disk anew. */
async function reopen(device: Device, world: World, changes?: readonly Change[]): Promise<void> {
  const { disk } = device;
  const storage: KeyStoreStorage = {
    load: () => disk.load(),
    async commit(made) {
      if (device.isBroken) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      device.commits++;
      await disk.commit(made);
    },
    close: async () => {},
  };
  device.isBroken = false;
  device.store = changes === undefined ? await openKeyStore(storage) : await createKeyStore(storage, changes);
  const { crypto, random } = world;
  const clock = (): number => world.now;
  device.messenger = createMessenger({
    store: device.store,
    crypto,
    random,
    clock,
    onEvent: () => {},
    rules: RULES_HERE,
  });
}

const codeOf = async (call: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await call();
    return undefined;
  } catch (error) {
    return `${(error as { code?: unknown }).code ?? error}`;
  }
};

/** Takes over from the store which prekeys a device made and until when it publishes them; nothing else may have changed. */
async function observe(model: Model, real: Real, name: Name): Promise<void> {
  const device = model.devices[name];
  const { store } = real.devices[name];
  const stored = new Map(await store.entries('prekeys'));
  for (const key of device.prekeys.keys()) assert.ok(stored.has(key), `${name}: a prekey vanished`);
  for (const [key, record] of stored) {
    const known = device.prekeys.get(key);
    if (known === undefined) {
      assert.equal(record.uses.length, 0);
      const { createdAt, notAfter, replacedAt, secret } = record;
      const made = { class: record.class, createdAt, notAfter, replacedAt, secret: toHex(secret), users: new Map() };
      device.prekeys.set(key, made);
      real.owners.set(key, name);
    } else {
      known.notAfter = record.notAfter;
      known.replacedAt = record.replacedAt;
      const uses = new Map(record.uses.map((use) => [use.device, use.movedOnAt]));
      assert.deepEqual(uses, known.users, `${name}: who used a prekey`);
    }
  }
  device.key = toHex((await store.deviceKey(real.world.crypto)).publicKey.keyIdentifier);
}

/** No secret that was erased is on the disk. */
async function checkErased(model: Model, real: Real, name: Name): Promise<void> {
  const { erased } = model.devices[name];
  for (const { table, record } of await real.devices[name].disk.load()) {
    if (table === 'prekeys')
      assert.ok(!erased.has(toHex((record as PrekeyRecord).secret)), `${name}: erased and there`);
  }
}

abstract class Step implements fc.AsyncCommand<Model, Real> {
  protected readonly name: Name;
  constructor(name: Name) {
    this.name = name;
  }
  check(_: Readonly<Model>): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const word = await this.step(model, real, real.devices[this.name], model.devices[this.name]);
    const kind = `${this.constructor.name.toLowerCase()}${word === undefined ? '' : ` ${word}`}`;
    model.counts[kind] = (model.counts[kind] ?? 0) + 1;
  }
  protected abstract step(model: Model, real: Real, device: Device, known: ModelDevice): Promise<string | undefined>;
  toString(): string {
    return `${this.constructor.name}(${Object.values(this).join(', ')})`;
  }
}

/** A device seals to the other account, and the disk may fail. */
class Seal extends Step {
  private readonly failing: boolean;
  constructor(name: Name, failing: boolean) {
    super(name);
    this.failing = failing;
  }
  protected async step(model: Model, real: Real, device: Device): Promise<string> {
    const { world } = real;
    const to = this.name === 'romeo' ? JIDS.juliet : JIDS.romeo;
    const body = `message ${model.messages.length}`;
    const isPossible = await hasKeys(device.store, to, world.now);
    device.isBroken = this.failing;
    const before = device.commits;
    let sealed: Awaited<ReturnType<Messenger['seal']>>;
    try {
      sealed = await device.messenger.seal(chat(body), { to });
    } catch (error) {
      device.isBroken = false;
      assert.equal((error as { code?: string }).code, isPossible ? 'EIO' : 'ERR_NO_KEYS');
      assert.equal(device.commits, before);
      await observe(model, real, this.name);
      return isPossible ? 'broken' : 'without keys';
    }
    device.isBroken = false;
    assert.ok(isPossible && !this.failing);
    await observe(model, real, this.name);
    const { data } = await readObject(objectIn(sealed.stanza), { crypto: world.crypto });
    const keys = data.kari.recipientEncryptedKeys.map(({ rKeyId }) => toHex(rKeyId));
    const recipients = new Map<Name, string>();
    for (const key of keys) {
      const owner = real.owners.get(key);
      assert.ok(owner !== undefined, 'sealed to a prekey that a device made and to nothing else');
      recipients.set(owner, key);
    }
    model.messages.push({ body, stanza: sealed.stanza, from: model.devices[this.name].key, to: recipients });
    return 'done';
  }
}

/** Whether a store has a list in force and, for every device in it, a prekey in force: section 11.1. */
async function hasKeys(store: KeyStore, to: string, now: number): Promise<boolean> {
  const devices = (await store.entries('devices'))
    .map(([, record]) => record)
    .filter(({ owner, endorsed }) => owner === to && endorsed);
  const { storedList } = await import('../src/lists.js');
  const list = storedList((await store.get('contacts', to))?.deviceList as Uint8Array);
  const inForce = list.expires > now;
  const has = ({ reply, choice, bundleNotAfter, lastResort }: (typeof devices)[number]): boolean =>
    (reply !== undefined && reply.notAfter > now) ||
    (choice !== undefined && choice.notAfter > now && choice.at + RULES.stickiness > now) ||
    (bundleNotAfter > now && lastResort !== undefined);
  const answered = devices.filter(({ reply }) => reply !== undefined && reply.notAfter > now);
  const meant = inForce
    ? devices.filter(({ device }) => list.devices.some(({ key }) => toHex(key.raw) === toHex(device)))
    : answered;
  return meant.length > 0 && meant.every(has);
}

type Ending = 'accept' | 'accept twice' | 'crash' | 'broken';

/** Any message arrives at any device, in any order, any number of times; and is accepted, or not. */
class Deliver extends Step {
  private readonly pick: number;
  private readonly ending: Ending;
  constructor(name: Name, pick: number, ending: Ending) {
    super(name);
    this.pick = pick;
    this.ending = ending;
  }
  override check({ messages }: Readonly<Model>): boolean {
    return messages.length > 0;
  }
  protected async step(model: Model, real: Real, device: Device, known: ModelDevice): Promise<string> {
    // Newer messages more often than older ones.
    const index = model.messages.length - 1 - Math.floor((this.pick / 1000) ** 2 * model.messages.length);
    const message = model.messages[index] as Message;
    const key = message.to.get(this.name);
    const prekey = key === undefined ? undefined : known.prekeys.get(key);
    const before = device.commits;
    let result: Awaited<ReturnType<Messenger['open']>> | undefined;
    const code = await codeOf(async () => {
      result = await device.messenger.open(message.stanza);
    });
    if (known.accepted.has(index)) {
      // Once its prekey is gone the memory of it may go as well; it never opens again.
      if (result?.status !== 'duplicate') assert.deepEqual([code, prekey], ['ERR_OPEN', undefined]);
      assert.equal(device.commits, before);
      return 'again';
    }
    if (prekey === undefined || model.revoked.has(message.from)) {
      assert.equal(code, 'ERR_OPEN', `${result?.status}`);
      assert.equal(device.commits, before);
      return key === undefined ? 'to others' : prekey === undefined ? 'too late' : 'of a revoked device';
    }
    assert.equal(code, undefined);
    assert.ok(result?.status === 'opened');
    assert.equal(bodyOf(result.stanza), message.body);
    assert.equal(result.class, prekey.class);
    assert.equal(device.commits, before, 'opening stores nothing');
    if (this.ending === 'crash') {
      await reopen(device, real.world);
      return 'and crash';
    }
    if (this.ending === 'broken') {
      device.isBroken = true;
      assert.equal(await codeOf(result.accept), 'EIO');
      await reopen(device, real.world);
      await observe(model, real, this.name);
      return 'and the disk fails';
    }
    await result.accept();
    if (this.ending === 'accept twice') await result.accept();
    known.accepted.add(index);
    if (!prekey.users.has(message.from)) prekey.users.set(message.from, undefined);
    for (const older of known.prekeys.values()) {
      if (older.createdAt >= prekey.createdAt) continue;
      if (older.users.has(message.from) && older.users.get(message.from) === undefined)
        older.users.set(message.from, model.now);
    }
    await observe(model, real, this.name);
    await checkClock(model, real, this.name, model.now, true);
    return 'and accept';
  }
}

/** A device renews what is due and gives it to the server. */
class Rotate extends Step {
  protected async step(model: Model, real: Real, { messenger, store }: Device, known: ModelDevice): Promise<undefined> {
    const { deviceList, prekeyBundle } = await messenger.publish();
    await observe(model, real, this.name);
    await checkClock(model, real, this.name, model.now);
    if (PRIMARY[this.name] === this.name) real.lists.set(JIDS[this.name], deviceList);
    real.bundles.set(this.name, prekeyBundle);
    known.sequence = (await store.get('account', 'self'))?.bundleSequence ?? 0;
    return undefined;
  }
}

/** A device takes in all that the server has, its own bundle included. */
class Fetch extends Step {
  protected async step(model: Model, real: Real, device: Device): Promise<undefined> {
    await fetch(real, device);
    await observe(model, real, this.name);
    return undefined;
  }
}

async function fetch({ lists, bundles, revocations }: Real, { messenger }: Device): Promise<void> {
  await messenger.importKeys([...lists.values(), ...revocations]);
  for (const bundle of bundles.values()) {
    // What is out of date, or of a device that gave itself up, is refused; both are seen when something is sealed.
    const code = await codeOf(() => messenger.importKeys([bundle]));
    assert.ok(code === undefined || code === 'ERR_VERIFY', code);
  }
}

/** Erasing, after catching up or without: what the model says is gone is gone, and nothing else. */
class Erase extends Step {
  private readonly caughtUp: boolean;
  constructor(name: Name, caughtUp: boolean) {
    super(name);
    this.caughtUp = caughtUp;
  }
  protected async step(model: Model, real: Real, { messenger }: Device, known: ModelDevice): Promise<string> {
    if (this.caughtUp) known.caughtUpAt = model.now;
    await (this.caughtUp ? messenger.caughtUp() : messenger.erase());
    return (await checkLeft(model, real, this.name, model.now)) > 0 ? 'something' : 'nothing';
  }
}

/** The model erases as the device did at a time of its clock, and both have the same left. Gives how many prekeys died. */
async function checkLeft(model: Model, real: Real, name: Name, now: number): Promise<number> {
  const known = model.devices[name];
  const isInDoubt = await checkClock(model, real, name, now);
  let count = 0;
  for (const [key, prekey] of known.prekeys) {
    const moved = [...prekey.users.values()];
    const last = Math.max(...(moved as number[]));
    const isMovedOn =
      prekey.class !== 'last-resort' &&
      moved.length > 0 &&
      moved.every((at) => at !== undefined) &&
      now >= last + RULES.grace &&
      known.caughtUpAt >= last;
    const isOld = now >= Math.min(prekey.notAfter, prekey.replacedAt ?? prekey.notAfter) + RULES.ceiling;
    if (!isMovedOn && (!isOld || isInDoubt)) continue;
    known.prekeys.delete(key);
    known.erased.add(prekey.secret);
    count++;
  }
  assert.deepEqual(
    (await real.devices[name].store.entries('prekeys')).map(([key]) => key).sort(),
    [...known.prekeys.keys()].sort(),
    `${name}: which prekeys are left`,
  );
  await checkErased(model, real, name);
  return count;
}

/**
 * Whether a device doubts its clock, after something at which it looked: never when it looked within 41 days, always when it did not
 * within 43; a doubt lasts for 7 days unless others end it, and no longer unless the clock jumps again.
 */
async function checkClock(model: Model, real: Real, name: Name, now: number, mayEnd = false): Promise<boolean> {
  const known = model.devices[name];
  const jump = (await real.devices[name].store.get('account', 'self'))?.clockJump;
  const isInDoubt = jump !== undefined && !jump.confirmed;
  const away = (now - known.lookedAt) / (24 * HOUR);
  const where = `${name}: clock in doubt ${isInDoubt}, last looked ${away} days ago`;
  if (known.doubtSince === undefined) {
    if (away < 41) assert.ok(!isInDoubt, where);
    if (away > 43) assert.ok(isInDoubt, where);
  } else {
    const stood = (now - known.doubtSince) / (24 * HOUR);
    if (stood < 7 && !mayEnd) assert.ok(isInDoubt, `${where}, in doubt for ${stood} days`);
    if (stood >= 7 && stood < 42) assert.ok(!isInDoubt, `${where}, in doubt for ${stood} days`);
    if (stood > 43 && !mayEnd) assert.ok(isInDoubt, `${where}, in doubt for ${stood} days`);
  }
  known.lookedAt = now;
  known.doubtSince = isInDoubt ? jump.to : undefined;
  return isInDoubt;
}

/** A device's clock jumps ahead by two years, and is put right: nothing dies for its age by it. */
class WrongClock extends Step {
  protected async step(model: Model, real: Real, { messenger }: Device, known: ModelDevice): Promise<undefined> {
    const { world } = real;
    await messenger.erase();
    await checkLeft(model, real, this.name, model.now);
    const { lookedAt, doubtSince } = known;
    world.now = model.now + 730 * 24 * HOUR;
    await messenger.erase();
    await checkLeft(model, real, this.name, world.now);
    assert.ok(known.doubtSince === world.now);
    world.now = model.now;
    await messenger.erase();
    known.lookedAt = lookedAt;
    known.doubtSince = doubtSince === undefined ? undefined : model.now;
    await checkLeft(model, real, this.name, model.now);
  }
}

/** Time goes by. */
class Wait extends Step {
  private readonly hours: number;
  constructor(hours: number) {
    super('romeo');
    this.hours = hours;
  }
  protected async step(model: Model, { world }: Real): Promise<undefined> {
    model.now += this.hours * HOUR + 1;
    world.now = model.now;
    return undefined;
  }
}

/** The process ends and begins again. */
class Restart extends Step {
  protected async step(model: Model, real: Real, device: Device): Promise<undefined> {
    await reopen(device, real.world);
    await observe(model, real, this.name);
    return undefined;
  }
}

/** The owner makes an image of the disk. */
class Image extends Step {
  protected async step(model: Model, _: Real, { disk }: Device, known: ModelDevice): Promise<undefined> {
    model.images[this.name] = { changes: await disk.load(), device: copied(known) };
    return undefined;
  }
}

function copied(device: ModelDevice): ModelDevice {
  const prekeys = new Map(
    [...device.prekeys].map(([key, prekey]) => [key, { ...prekey, users: new Map(prekey.users) }]),
  );
  return { ...device, prekeys, accepted: new Set(device.accepted), erased: new Set(device.erased) };
}

/**
 * The owner puts the image back. Where the device published since, it finds out and goes on as a new device: nothing that was erased
 * opens. Where it did not, all is as it was then, and that is what is promised.
 */
class Restore extends Step {
  override check({ images }: Readonly<Model>): boolean {
    return images[this.name] !== undefined;
  }
  protected async step(model: Model, real: Real, device: Device, known: ModelDevice): Promise<string> {
    const image = model.images[this.name] as NonNullable<Model['images'][Name]>;
    const { sequence, key, erased } = known;
    const put = copied(image.device);
    device.disk = createMemoryStorage(image.changes);
    await reopen(device, real.world);
    model.devices[this.name] = put;
    const isFound = put.sequence < sequence || put.key !== key;
    const bundle = real.bundles.get(this.name) as Uint8Array;
    if (put.key !== key) {
      // An image of a device that was given up meanwhile: nobody believes it, and it asks to be admitted as another.
      await goOn(model, real, this.name, put, key);
      return 'of a device given up';
    }
    const code = await codeOf(() => device.messenger.importKeys([bundle]));
    assert.equal(code, isFound ? 'ERR_ROLLBACK' : undefined);
    if (!isFound) {
      for (const prekey of put.prekeys.values()) erased.delete(prekey.secret);
      put.erased = erased;
      await fetch(real, device);
      await observe(model, real, this.name);
      return 'of what is still true';
    }
    const [message] = model.messages;
    if (message !== undefined) assert.equal(await codeOf(() => device.messenger.open(message.stanza)), 'ERR_ROLLBACK');
    assert.equal(await codeOf(() => device.messenger.seal(chat('x'), { to: JIDS.romeo })), 'ERR_ROLLBACK');
    assert.equal(await codeOf(() => device.messenger.publish()), 'ERR_ROLLBACK');
    for (const secret of erased) put.erased.add(secret);
    await goOn(model, real, this.name, put);
    return 'found out';
  }
}

/** A device goes on as a new one, which all others learn. */
async function goOn(model: Model, real: Real, name: Name, known: ModelDevice, also?: string): Promise<void> {
  const device = real.devices[name];
  const primary = real.devices[PRIMARY[name]];
  const jid = JIDS[name];
  const { request, replaced } = await continueAsNewDevice(device.messenger);
  for (const { secret } of known.prekeys.values()) known.erased.add(secret);
  known.prekeys.clear();
  await device.messenger.importKeys([real.lists.get(jid) as Uint8Array]);
  const admission = await admitDevice(primary.messenger, request);
  if (primary !== device) await joinAccount(device.messenger, admission);
  for (const gone of also === undefined ? [replaced] : [replaced, fromHex(also)]) {
    const { revocation, deviceList } = await revokeDevice(primary.messenger, gone);
    real.lists.set(jid, deviceList);
    real.revocations.push(revocation);
    model.revoked.add(toHex(gone));
  }
  await observe(model, real, name);
  await checkErased(model, real, name);
  await new Rotate(name).run(model, real);
  for (const each of NAMES) await new Fetch(each).run(model, real);
}

/** Any sequence of it all. */
export function commands(
  size: fc.SizeForArbitrary,
  maxCommands: number,
): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Real>>> {
  const name = fc.constantFrom(...NAMES);
  const endings: Ending[] = ['accept', 'accept', 'accept', 'accept twice', 'crash', 'broken'];
  const deliver = fc.tuple(name, fc.nat(999), fc.constantFrom(...endings)).map((values) => new Deliver(...values));
  const seal = fc.tuple(name, fc.nat(9)).map(([from, dice]) => new Seal(from, dice === 0));
  const once: fc.Arbitrary<fc.AsyncCommand<Model, Real>>[] = [
    name.map((value) => new Rotate(value)),
    name.map((value) => new Fetch(value)),
    fc.tuple(name, fc.boolean()).map((values) => new Erase(...values)),
    fc.tuple(name, fc.nat(4)).map(([value, dice]) => (dice === 0 ? new WrongClock(value) : new Erase(value, true))),
    fc.constantFrom(0, 1, 20, 49, 49, 49, 49, 24 * 7, 24 * 15, 24 * 36, 24 * 50).map((hours) => new Wait(hours)),
    name.map((value) => new Restart(value)),
    name.map((value) => new Image(value)),
    name.map((value) => new Restore(value)),
  ];
  return fc.commands([deliver, deliver, deliver, deliver, deliver, seal, seal, seal, ...once], { maxCommands, size });
}

/** Runs until a number of runs or a time in ms is reached. @throws Error with seed and path of what failed, shrunk */
export async function explore(parameters: { seed: number; runs: number; ms: number; maxCommands: number }): Promise<{
  runs: number;
  counts: Record<string, number>;
}> {
  const { seed, runs, ms, maxCommands } = parameters;
  const counts: Record<string, number> = {};
  let done = 0;
  const property = fc.asyncProperty(commands('max', maxCommands), async (steps) => {
    const { model, real } = await setUp('state machine');
    await fc.asyncModelRun(() => ({ model, real }), steps);
    for (const name of NAMES) await checkErased(model, real, name);
    for (const [kind, count] of Object.entries(model.counts)) counts[kind] = (counts[kind] ?? 0) + count;
    done++;
  });
  await fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: ms, includeErrorInReport: true });
  return { runs: done, counts };
}
