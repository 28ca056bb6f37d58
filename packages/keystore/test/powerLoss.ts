// A key store on a simulated disk: random work on it, a power loss before every operation of the disk, and every operation
// failing in turn. What was acknowledged is there, whole; what was erased is nowhere.
import { toBase64 } from '@stanzaseal/cms';
import { SimulatedDisk, type Survival, systemError, unsafeSeededRandom } from '@stanzaseal/testkit';
import * as assert from 'uvu/assert';
import {
  createJournalStorage,
  erasureSlots,
  type JournalStorage,
  openJournalStorage,
  readJournalStorage,
  type StoreSecret,
} from '../src/fileStorage.js';
import type { Change, PrekeyRecord } from '../src/index.js';
import { changeLine, placeOf } from '../src/recordCodec.js';
import { crypto } from './fixture.js';
import { type Loot, readMedium } from './thief.js';

/** A storage over a disk, and the thief of its files. */
export interface SimulatedKind {
  /** Name of the file that is there when there is a store. */
  readonly file: string;
  create(parameters: JournalStorageParameters): Promise<WorkedStorage>;
  open(parameters: JournalStorageParameters): Promise<WorkedStorage>;
  /** As it is, without changing it; where that can be done on a simulated disk. */
  read?(parameters: JournalStorageParameters): Promise<WorkedStorage>;
  readMedium(medium: readonly Uint8Array[], storeKey: Uint8Array, parameters: readonly Uint8Array[]): Loot;
  /** Whether a key of before reads nothing at all: else nothing that lay under an erasure key. */
  readonly forgetsHeads: boolean;
  /** Lets go of a storage whose process was killed: nothing more of it reaches the disk. Where there is nothing to let go of, absent. */
  kill?(storage: WorkedStorage): Promise<void>;
  /** Whether it is an error of a failing disk that the storage passed on. */
  isOfTheSystem(error: { readonly code?: string; readonly message: string }): boolean;
}

/** What is done with a storage here. */
export type WorkedStorage = Pick<JournalStorage, 'load' | 'commit' | 'close' | 'changeSecret'> &
  Partial<JournalStorage>;
type JournalStorageParameters = Parameters<typeof openJournalStorage>[0] & { readonly disk: SimulatedDisk };

/** The storage in a file. */
export const FILE: SimulatedKind = {
  file: 'keystore',
  create: createJournalStorage,
  open: openJournalStorage,
  read: readJournalStorage,
  readMedium: (medium, storeKey, parameters) => readMedium(medium, storeKey, 1, parameters),
  forgetsHeads: true,
  isOfTheSystem: ({ code }) => /^(EIO|ENOSPC)$/.test(code ?? ''),
};

/** What opens the store, after so many changes of it. */
const storeKey = (number: number) => Uint8Array.from({ length: 32 }, (_, i) => number + i + 1);

/** Opens the store whichever of them it was sealed with, and tells; seals a store with one. */
function numberedKey(number: number, onOpen: (number: number) => void = () => undefined): StoreSecret {
  return {
    kind: 'given-key',
    create: async () => ({ key: storeKey(number), parameters: Uint8Array.of(number) }),
    async open(_, [found = 0]) {
      onOpen(found);
      return storeKey(found);
    },
    describe: ([found]) => `key ${found}`,
  };
}

const SURVIVALS: readonly Survival[] = ['nothing', 'all', 'prefix', 'any', 'any'];

/** Records as they should be, by place. */
type Model = ReadonlyMap<string, Change>;

/** What may be found, and by which keys, what was acknowledged first. */
interface Allowed {
  readonly models: readonly Model[];
  readonly keys: readonly number[];
}

/** What must not be found by the key, nor anything by keys of before. */
interface Gone {
  readonly erased: readonly string[];
  readonly key: number;
  readonly retired: readonly number[];
}

/** What a run did, to be told. */
export interface Counts {
  operations: number;
  crashes: number;
  failures: number;
  commits: number;
  erased: number;
  changedKeys: number;
}

/** A storage on a disk, and what it should hold. */
class Work {
  readonly kind: SimulatedKind;
  disk: SimulatedDisk;
  storage: WorkedStorage | undefined;
  acknowledged: Model = new Map();
  /** What else may be there: commits under way, or refused since the last that was made. */
  possible: Model[] = [];
  /** Base64 of secrets that were erased and acknowledged to be. */
  readonly erased = new Set<string>();
  commits = 0;
  /** Number of the key that opens the store, and of those that may instead: their changes are under way, or were refused since the last commit. */
  key = 0;
  possibleKeys: number[] = [];
  /** Keys that opened it before. */
  readonly retired = new Set<number>();
  #lastKey = 0;
  readonly #seed: string;
  readonly #below: (limit: number) => number;
  readonly #random: ReturnType<typeof unsafeSeededRandom>;
  /** For who looks at copies of the disk meanwhile, and is not to change what the work does. */
  readonly #checking: ReturnType<typeof unsafeSeededRandom>;

  constructor(kind: SimulatedKind, seed: string) {
    this.kind = kind;
    this.#seed = seed;
    const decide = unsafeSeededRandom(`${seed} decide`);
    this.#below = (limit) => new DataView(Uint8Array.from(decide(4)).buffer).getUint32(0) % limit;
    this.#random = unsafeSeededRandom(`${seed} random`);
    this.#checking = unsafeSeededRandom(`${seed} checking`);
    this.disk = new SimulatedDisk(unsafeSeededRandom(`${seed} disk`));
  }

  parameters(disk: SimulatedDisk, onOpen?: (number: number) => void) {
    return {
      disk,
      files: disk.files,
      secret: numberedKey(0, onOpen),
      erasure: erasureSlots,
      random: disk === this.disk ? this.#random : this.#checking,
      crypto,
    };
  }

  get allowed(): Allowed {
    return { models: [this.acknowledged, ...this.possible], keys: [this.key, ...this.possibleKeys] };
  }

  get gone(): Gone {
    return { erased: [...this.erased], key: this.key, retired: [...this.retired] };
  }

  /**
   * Some steps: commits that add, change and erase, compactions, closing and opening, and processes that are killed.
   * @param look what is to be seen to after each: copies of the disk are large, and those of a whole run do not fit in memory
   */
  async run(steps: number, look: () => Promise<void> = async () => undefined): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.#step(step).catch((error) => this.#onlySystemErrors(error));
      await look();
    }
  }

  /** The end of it: the storage is closed. */
  async close(): Promise<void> {
    await this.storage?.close();
    this.storage = undefined;
  }

  async #step(step: number): Promise<void> {
    const what = this.#below(20);
    const changes = this.#changes(step);
    this.storage ??= await this.#open();
    if (what === 0 || what === 1) return this.storage.compact?.();
    if (what === 2 || what === 3) {
      const closed = this.storage;
      this.storage = undefined;
      if (what === 2) await closed.close();
      else await this.kind.kill?.(closed);
      return; // if killed, killed: the next one finds what the system has, durable or not
    }
    if (what === 4 && this.commits > 0) {
      const next = ++this.#lastKey;
      this.possibleKeys.push(next);
      try {
        await this.storage.changeSecret(numberedKey(next));
      } finally {
        // Where all that failed was to forget the old one, the change is made, and the storage says so.
        if (this.storage.sealedBy === `key ${next}`) this.#acceptKey(next);
      }
      return;
    }
    const after = applied(this.acknowledged, changes);
    this.possible.push(after);
    await this.storage.commit(changes);
    this.commits++;
    this.#accept(after);
    this.possibleKeys = [];
  }

  #acceptKey(number: number): void {
    if (number !== this.key) this.retired.add(this.key);
    [this.key, this.possibleKeys] = [number, []];
  }

  #accept(after: Model): void {
    for (const [place, { record }] of this.acknowledged) {
      const secret = secretOf(record);
      if (secret !== undefined && secret !== secretOf(after.get(place)?.record)) this.erased.add(secret);
    }
    this.acknowledged = after;
    this.possible = [];
  }

  /** What the next process finds is what holds: a commit that was refused may have been made. */
  async #adopt(storage: WorkedStorage, key: number): Promise<WorkedStorage> {
    const found = await contentOf(storage);
    const model = [this.acknowledged, ...this.possible].find((each) => textOf(each) === found);
    if (model === undefined) throw new Error('opened with none of the allowed states');
    if (![this.key, ...this.possibleKeys].includes(key)) throw new Error(`opened by key ${key}`);
    this.#accept(model);
    this.#acceptKey(key);
    return storage;
  }

  async #open(): Promise<WorkedStorage> {
    let key = 0;
    const parameters = this.parameters(this.disk, (number) => {
      key = number;
    });
    if (this.commits > 0) return this.#adopt(await this.kind.open(parameters), key);
    try {
      return await this.kind.create(parameters);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_IN_USE') throw error;
      return this.#adopt(await this.kind.open(parameters), key); // its first commit was refused, and made
    }
  }

  #changes(step: number): Change[] {
    const changes: Change[] = [{ table: 'seen', key: `${step}`, record: { at: step } }];
    const secrets = [...this.acknowledged.values()].filter(({ record }) => secretOf(record) !== undefined);
    const victim = secrets[this.#below(secrets.length + 1)];
    switch (this.#below(6)) {
      case 0:
        if (victim) changes.push({ ...victim, record: undefined });
        break;
      case 1:
        if (victim) changes.push(this.#secret(victim.table, victim.key));
        break;
      case 2:
        if (victim?.table === 'prekeys') {
          const uses = [{ device: 'd', at: step }];
          changes.push({ ...victim, record: { ...(victim.record as PrekeyRecord), uses } });
        }
        break;
      case 5:
        changes.push(this.#secret('outbox', `${step}`), this.#secret('runs', `${step}`));
        break;
      case 3:
        changes.push({
          table: 'requests',
          key: 'x',
          record: { from: 'a@b', stanza: 'x'.repeat(this.#below(3000)), at: step },
        });
        break;
      default:
        changes.push(this.#secret('prekeys', `${this.#seed} ${step}`), {
          table: 'seen',
          key: `${step - 3}`,
          record: undefined,
        });
    }
    return changes;
  }

  /** A record with something that is found nowhere else. */
  #secret(table: Change['table'], key: string): Change {
    const secret = this.#random(32);
    const rest = { publicKey: secret.slice(0, 4), createdAt: 1, notAfter: 2, uses: [] };
    if (table === 'prekeys') return { table, key, record: { class: 'one-time', secret, ...rest } };
    if (table === 'runs') return { table, key, record: { kind: 'sas', peer: 'a@b', state: secret, at: 1, expires: 2 } };
    const [stanza, messageId] = [toBase64(secret), secret.slice(0, 16)];
    return { table: 'outbox', key, record: { stanza, to: 'a@b', messageId, at: 1 } };
  }

  #onlySystemErrors(error: Error): void {
    if (!this.kind.isOfTheSystem(error)) throw error;
    // A storage whose opening failed is none.
  }
}

/** A power loss before every operation, and after some of them another one while the store is brought up again. */
export async function losePower(
  kind: SimulatedKind,
  seed: string,
  steps: number,
  counts: Counts,
  stride = 1,
): Promise<void> {
  const work = new Work(kind, seed);
  const crashes: { disk: SimulatedDisk; allowed: Allowed; operation: number; gone: Gone }[] = [];
  let looked = 0;
  work.disk.onOperation = (operation) => {
    if (operation % stride !== 0) return;
    for (const survival of SURVIVALS) {
      crashes.push({ disk: work.disk.afterPowerLoss(survival), allowed: work.allowed, operation, gone: work.gone });
    }
  };
  const look = async (): Promise<void> => {
    for (const { disk, allowed, operation, gone } of crashes.splice(0)) {
      const i = looked++;
      const where = `seed ${seed}, power lost before operation ${operation}, state ${i}`;
      if (i % 7 === 0) await loseItAgain(work, disk, allowed, where);
      const key = await check(work, disk, allowed, where, i % 5 === 0);
      if (i % 25 === 0) assertNotFound(work.kind, disk, { ...gone, key }, where);
    }
  };
  await work.run(steps, look);
  await work.close();
  await look();
  assertNotFound(work.kind, work.disk, work.gone, seed);
  counts.operations += work.disk.operations;
  counts.crashes += looked;
  counts.commits += work.commits;
  counts.erased += work.erased.size;
  counts.changedKeys += work.retired.size;
}

/** One operation after the other fails; work goes on, and power is lost at some moment after it. */
export async function failEach(
  kind: SimulatedKind,
  seed: string,
  steps: number,
  counts: Counts,
  stride = 1,
): Promise<void> {
  const total = new Work(kind, seed);
  await total.run(steps);
  const { operations } = total.disk;
  await total.close();
  for (let failing = 1; failing <= operations; failing += stride) {
    const work = new Work(kind, seed);
    const crashes: { disk: SimulatedDisk; allowed: Allowed; operation: number }[] = [];
    // A disk that failed once may go on failing for a while.
    const lasting = 1 + (failing % 3);
    let isHit = false;
    work.disk.onOperation = (operation) => {
      if (operation > failing && operation % 5 === failing % 5 && work.commits > 0) {
        const disk = work.disk.afterPowerLoss(operation % 2 ? 'any' : 'nothing');
        crashes.push({ disk, allowed: work.allowed, operation });
      }
      if (operation < failing || operation >= failing + lasting) return;
      isHit = true;
      throw systemError(failing % 2 ? 'EIO' : 'ENOSPC');
    };
    const where = `seed ${seed}, operation ${failing} failed`;
    const look = async (): Promise<void> => {
      for (const { disk, allowed, operation } of crashes.splice(0)) {
        await check(work, disk, allowed, `${where}, power lost at ${operation}`);
        counts.crashes++;
      }
    };
    await work.run(steps, look);
    work.disk.onOperation = () => undefined;
    await work.close();
    assert.ok(isHit, `${where}: it did not come to that`);
    if (work.commits > 0) {
      const key = await check(work, work.disk, work.allowed, where);
      assertNotFound(work.kind, work.disk, { ...work.gone, key }, where);
    }
    counts.failures++;
    counts.commits += work.commits;
    counts.erased += work.erased.size;
    counts.changedKeys += work.retired.size;
  }
}

/** The store opens, to read and to write, and holds one of the allowed states, whole. Gives the number of the key that opens it. */
async function check(
  work: Work,
  disk: SimulatedDisk,
  { models, keys }: Allowed,
  where: string,
  goesOn = true,
): Promise<number> {
  try {
    const expected = models.map(textOf);
    if (models[0]?.size === 0 && !(await disk.files.list()).includes(work.kind.file)) {
      await (await work.kind.create(work.parameters(disk))).close(); // nothing was acknowledged: it can be made anew
      return 0;
    }
    const reading = await work.kind.read?.(work.parameters(disk));
    const read = reading && (await contentOf(reading));
    await reading?.close();
    let key = -1;
    const storage = await work.kind.open(work.parameters(disk, (number) => (key = number)));
    const found = await contentOf(storage);
    assert.ok(keys.includes(key), `opened by key ${key}, not by one of ${keys}`);
    assert.ok(expected.includes(found), 'holds none of the allowed states');
    if (reading !== undefined) assert.is(read, found);
    // An erasure that was made and not acknowledged is brought to its end by opening.
    const erased = [...(models[0] ?? new Map()).values()]
      .map(({ record }) => secretOf(record))
      .filter((secret) => secret && !found.includes(secret)) as string[];
    const retired = key === keys[0] ? [] : [keys[0] as number];
    if (erased.length + retired.length > 0)
      assertNotFound(work.kind, disk, { erased, key, retired }, 'unacknowledged change');
    if (!goesOn) {
      await storage.close();
      return key;
    }
    await storage.commit([{ table: 'seen', key: 'after', record: { at: 1 } }]);
    await storage.close();
    const again = await work.kind.open(work.parameters(disk));
    assert.ok((await contentOf(again)).includes('["seen","after"'));
    await again.close();
    return key;
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

/** A process is killed at an operation; the next one opens the store, and power is lost when it did. What it saw is there. */
export async function killThenLosePower(
  kind: SimulatedKind,
  seed: string,
  steps: number,
  counts: Counts,
): Promise<void> {
  const total = new Work(kind, seed);
  await total.run(steps);
  for (let killed = 1; killed <= total.disk.operations; killed++) {
    const work = new Work(kind, seed);
    const death = new Promise<void>((resolve) => {
      work.disk.onOperation = (operation) => {
        if (operation < killed) return;
        resolve();
        return new Promise<never>(() => undefined);
      };
    });
    await Promise.race([work.run(steps), death]);
    if (work.commits === 0) continue;
    work.disk.onOperation = () => undefined;
    const where = `seed ${seed}, killed at operation ${killed}`;
    const [next, allowed] = await openSettled(work, work.disk);
    for (const survival of SURVIVALS) await check(work, work.disk.afterPowerLoss(survival), allowed, where, false);
    await next.close();
    assertNotFound(work.kind, work.disk, { ...work.gone, key: allowed.keys[0] as number }, where);
    counts.crashes += SURVIVALS.length;
    counts.commits += work.commits;
  }
}

/** Opens a store of which more than one state is allowed, and tells which it is from now on. */
async function openSettled(work: Work, disk: SimulatedDisk, allowed = work.allowed): Promise<[WorkedStorage, Allowed]> {
  const keys: number[] = [];
  const storage = await work.kind.open(work.parameters(disk, (number) => keys.push(number)));
  const found = await contentOf(storage);
  return [storage, { models: allowed.models.filter((model) => textOf(model) === found), keys }];
}

async function loseItAgain(work: Work, disk: SimulatedDisk, allowed: Allowed, where: string): Promise<void> {
  if (!(await disk.files.list()).includes(work.kind.file)) return;
  const again: SimulatedDisk[] = [];
  disk.onOperation = () => void again.push(disk.afterPowerLoss('any'));
  const [storage, settled] = await openSettled(work, disk, allowed);
  disk.onOperation = () => undefined;
  await storage.close();
  for (const each of again) await check(work, each, settled, `${where}, and again`);
}

/** What was erased is not on the medium, in the clear or under any key to be found there; what was not, is. And keys of before read nothing at all. */
function assertNotFound(kind: SimulatedKind, disk: SimulatedDisk, { erased, key, retired }: Gone, where: string): void {
  const { erasable, lines } = kind.readMedium(disk.medium(), storeKey(key), []);
  const found = [...erasable, ...lines].join('');
  assert.ok(lines.length > 0 || erased.length === 0, where); // the thief can read
  for (const secret of erased) assert.not.ok(found.includes(secret), `${where}: an erased secret was found`);
  for (const number of retired) {
    const loot = kind.readMedium(disk.medium(), storeKey(number), [Uint8Array.of(number)]);
    const read = [...loot.erasable, ...(kind.forgetsHeads ? loot.lines : [])];
    assert.equal([read, loot.erasureKeys], [[], 0], `${where}: key ${number} of before reads something`);
  }
}

function applied(model: Model, changes: readonly Change[]): Model {
  const after = new Map(model);
  for (const change of changes) {
    if (change.record === undefined) after.delete(placeOf(change));
    else after.set(placeOf(change), change);
  }
  return after;
}

async function contentOf(storage: WorkedStorage): Promise<string> {
  return textOf(applied(new Map(), await storage.load()));
}

function textOf(model: Model): string {
  return [...model.values()].map(changeLine).sort().join('');
}

function secretOf(record: Change['record']): string | undefined {
  if (record === undefined) return undefined;
  if ('secret' in record) return toBase64(record.secret);
  if ('messageId' in record) return record.stanza;
  return 'state' in record ? toBase64(record.state) : undefined;
}
