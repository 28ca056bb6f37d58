// A key store on a simulated disk: random work on it, a power loss before every operation of the disk, and every operation
// failing in turn. What was acknowledged is there, whole; what was erased is nowhere.
import { toBase64 } from '@stanzaseal/cms';
import { SimulatedDisk, type Survival, systemError, unsafeSeededRandom } from '@stanzaseal/testkit';
import * as assert from 'uvu/assert';
import {
  createJournalStorage,
  erasureSlots,
  givenKeySecret,
  type JournalStorage,
  openJournalStorage,
  readJournalStorage,
} from '../src/fileStorage.js';
import type { Change, PrekeyRecord } from '../src/index.js';
import { changeLine, placeOf } from '../src/recordCodec.js';
import { crypto } from './fixture.js';
import { readMedium } from './thief.js';

const STORE_KEY = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const SURVIVALS: readonly Survival[] = ['nothing', 'all', 'prefix', 'any', 'any'];

/** Records as they should be, by place. */
type Model = ReadonlyMap<string, Change>;

/** What a run did, to be told. */
export interface Counts {
  operations: number;
  crashes: number;
  failures: number;
  commits: number;
  erased: number;
}

/** A storage on a disk, and what it should hold. */
class Work {
  disk: SimulatedDisk;
  storage: JournalStorage | undefined;
  acknowledged: Model = new Map();
  /** What else may be there: commits under way, or refused since the last that was made. */
  possible: Model[] = [];
  /** Base64 of secrets that were erased and acknowledged to be. */
  readonly erased = new Set<string>();
  commits = 0;
  readonly #seed: string;
  readonly #below: (limit: number) => number;
  readonly #random: ReturnType<typeof unsafeSeededRandom>;

  constructor(seed: string) {
    this.#seed = seed;
    const decide = unsafeSeededRandom(`${seed} decide`);
    this.#below = (limit) => new DataView(Uint8Array.from(decide(4)).buffer).getUint32(0) % limit;
    this.#random = unsafeSeededRandom(`${seed} random`);
    this.disk = new SimulatedDisk(unsafeSeededRandom(`${seed} disk`));
  }

  parameters(disk: SimulatedDisk) {
    return {
      files: disk.files,
      secret: givenKeySecret(STORE_KEY),
      erasure: erasureSlots,
      random: this.#random,
      crypto,
    };
  }

  /** Some steps: commits that add, change and erase, compactions, closing and opening, and processes that are killed. */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) await this.#step(step).catch((error) => this.#onlySystemErrors(error));
  }

  async #step(step: number): Promise<void> {
    const what = this.#below(20);
    const changes = this.#changes(step);
    this.storage ??= await this.#adopt(await this.#open());
    if (what === 0 || what === 1) return this.storage.compact();
    if (what === 2 || what === 3) {
      const closed = this.storage;
      this.storage = undefined;
      if (what === 2) await closed.close();
      return; // else killed: the next one finds what the system has, durable or not
    }
    const after = applied(this.acknowledged, changes);
    this.possible.push(after);
    await this.storage.commit(changes);
    this.commits++;
    this.#accept(after);
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
  async #adopt(storage: JournalStorage): Promise<JournalStorage> {
    const found = await contentOf(storage);
    const model = [this.acknowledged, ...this.possible].find((each) => textOf(each) === found);
    if (model === undefined) throw new Error('opened with none of the allowed states');
    this.#accept(model);
    return storage;
  }

  async #open(): Promise<JournalStorage> {
    if (this.commits > 0) return openJournalStorage(this.parameters(this.disk));
    try {
      return await createJournalStorage(this.parameters(this.disk));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_IN_USE') throw error;
      return openJournalStorage(this.parameters(this.disk)); // its first commit was refused, and made
    }
  }

  #changes(step: number): Change[] {
    const changes: Change[] = [{ table: 'seen', key: `${step}`, record: { at: step } }];
    const prekeys = [...this.acknowledged.values()].filter(({ table }) => table === 'prekeys');
    const victim = prekeys[this.#below(prekeys.length + 1)];
    switch (this.#below(5)) {
      case 0:
        if (victim) changes.push({ table: 'prekeys', key: victim.key, record: undefined });
        break;
      case 1:
        if (victim) changes.push(this.#prekey(victim.key));
        break;
      case 2:
        if (victim) {
          const uses = [{ device: 'd', at: step }];
          changes.push({ table: 'prekeys', key: victim.key, record: { ...(victim.record as PrekeyRecord), uses } });
        }
        break;
      case 3:
        changes.push({
          table: 'requests',
          key: 'x',
          record: { from: 'a@b', stanza: 'x'.repeat(this.#below(3000)), at: step },
        });
        break;
      default:
        changes.push(this.#prekey(`${this.#seed} ${step}`), { table: 'seen', key: `${step - 3}`, record: undefined });
    }
    return changes;
  }

  #prekey(key: string): Change {
    const secret = this.#random(32);
    const rest = { publicKey: secret.slice(0, 4), createdAt: 1, notAfter: 2, uses: [] };
    return { table: 'prekeys', key, record: { class: 'one-time', secret, ...rest } };
  }

  #onlySystemErrors(error: { code?: string }): void {
    if (!/^(EIO|ENOSPC)$/.test(error.code ?? '')) throw error;
    // A storage whose opening failed is none.
  }
}

/** A power loss before every operation, and after some of them another one while the store is brought up again. */
export async function losePower(seed: string, steps: number, counts: Counts): Promise<void> {
  const work = new Work(seed);
  const crashes: { disk: SimulatedDisk; allowed: Model[]; operation: number; erased: string[] }[] = [];
  work.disk.onOperation = (operation) => {
    for (const survival of SURVIVALS) {
      const [allowed, erased] = [[work.acknowledged, ...work.possible], [...work.erased]];
      crashes.push({ disk: work.disk.afterPowerLoss(survival), allowed, operation, erased });
    }
  };
  await work.run(steps);
  for (const [i, { disk, allowed, operation, erased }] of crashes.entries()) {
    const where = `seed ${seed}, power lost before operation ${operation}, state ${i}`;
    if (i % 7 === 0) await loseItAgain(work, disk, allowed, where);
    else await check(work, disk, allowed, where, i % 5 === 0);
    if (i % 25 === 0) assertNotFound(disk, erased, where);
  }
  await work.storage?.close();
  assertNotFound(work.disk, [...work.erased], seed);
  counts.operations += work.disk.operations;
  counts.crashes += crashes.length;
  counts.commits += work.commits;
  counts.erased += work.erased.size;
}

/** One operation after the other fails; work goes on, and power is lost at some moment after it. */
export async function failEach(seed: string, steps: number, counts: Counts, stride = 1, first = 1): Promise<void> {
  const total = new Work(seed);
  await total.run(steps);
  for (let failing = first; failing <= total.disk.operations; failing += stride) {
    const work = new Work(seed);
    const crashes: { disk: SimulatedDisk; allowed: Model[]; operation: number }[] = [];
    // A disk that failed once may go on failing for a while.
    const lasting = 1 + (failing % 3);
    work.disk.onOperation = (operation) => {
      if (operation > failing && operation % 5 === failing % 5 && work.commits > 0) {
        const allowed = [work.acknowledged, ...work.possible];
        crashes.push({ disk: work.disk.afterPowerLoss(operation % 2 ? 'any' : 'nothing'), allowed, operation });
      }
      if (operation >= failing && operation < failing + lasting) throw systemError(failing % 2 ? 'EIO' : 'ENOSPC');
    };
    await work.run(steps);
    work.disk.onOperation = () => undefined;
    const where = `seed ${seed}, operation ${failing} failed`;
    if (work.commits > 0) {
      for (const { disk, allowed, operation } of crashes)
        await check(work, disk, allowed, `${where}, power lost at ${operation}`);
      await work.storage?.close();
      await check(work, work.disk, [work.acknowledged, ...work.possible], where);
      assertNotFound(work.disk, [...work.erased], where);
    }
    counts.failures++;
    counts.crashes += crashes.length;
    counts.commits += work.commits;
    counts.erased += work.erased.size;
  }
}

/** The store opens, to read and to write, and holds one of the allowed states, whole. */
async function check(
  work: Work,
  disk: SimulatedDisk,
  allowed: readonly Model[],
  where: string,
  goesOn = true,
): Promise<void> {
  try {
    const expected = allowed.map(textOf);
    if (allowed[0]?.size === 0 && !(await disk.files.list()).includes('keystore')) {
      await (await createJournalStorage(work.parameters(disk))).close(); // nothing was acknowledged: it can be made anew
      return;
    }
    const reading = await readJournalStorage(work.parameters(disk));
    const read = await contentOf(reading);
    await reading.close();
    const storage = await openJournalStorage(work.parameters(disk));
    const found = await contentOf(storage);
    assert.ok(expected.includes(found), 'holds none of the allowed states');
    assert.is(read, found);
    // An erasure that was made and not acknowledged is brought to its end by opening.
    const gone = [...(allowed[0] ?? new Map()).values()]
      .map(({ record }) => secretOf(record))
      .filter((secret) => secret && !found.includes(secret));
    if (gone.length > 0) assertNotFound(disk, gone as string[], 'unacknowledged erasure');
    if (!goesOn) return await storage.close();
    await storage.commit([{ table: 'seen', key: 'after', record: { at: 1 } }]);
    await storage.close();
    const again = await openJournalStorage(work.parameters(disk));
    assert.ok((await contentOf(again)).includes('["seen","after"'));
    await again.close();
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

/** A process is killed at an operation; the next one opens the store, and power is lost when it did. What it saw is there. */
export async function killThenLosePower(seed: string, steps: number, counts: Counts): Promise<void> {
  const total = new Work(seed);
  await total.run(steps);
  for (let killed = 1; killed <= total.disk.operations; killed++) {
    const work = new Work(seed);
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
    const next = await openJournalStorage(work.parameters(work.disk));
    const found = await contentOf(next);
    const allowed = [work.acknowledged, ...work.possible].filter((model) => textOf(model) === found);
    const where = `seed ${seed}, killed at operation ${killed}`;
    for (const survival of SURVIVALS) await check(work, work.disk.afterPowerLoss(survival), allowed, where, false);
    await next.close();
    assertNotFound(work.disk, [...work.erased], where);
    counts.crashes += SURVIVALS.length;
    counts.commits += work.commits;
  }
}

async function loseItAgain(work: Work, disk: SimulatedDisk, allowed: readonly Model[], where: string): Promise<void> {
  if (!(await disk.files.list()).includes('keystore')) return check(work, disk, allowed, where);
  const again: SimulatedDisk[] = [];
  disk.onOperation = () => void again.push(disk.afterPowerLoss('any'));
  const storage = await openJournalStorage(work.parameters(disk));
  const found = await contentOf(storage);
  disk.onOperation = () => undefined;
  await storage.close();
  const settled = allowed.filter((model) => textOf(model) === found);
  for (const each of again) await check(work, each, settled, `${where}, and again`);
}

/** What was erased is not on the medium, in the clear or under any key to be found there; what was not, is. */
function assertNotFound(disk: SimulatedDisk, erased: readonly string[], where: string): void {
  const { erasable, lines } = readMedium(disk.medium(), STORE_KEY);
  const found = [...erasable, ...lines].join('');
  assert.ok(lines.length > 0 || erased.length === 0, where); // the thief can read
  for (const secret of erased) assert.not.ok(found.includes(secret), `${where}: an erased secret was found`);
}

function applied(model: Model, changes: readonly Change[]): Model {
  const after = new Map(model);
  for (const change of changes) {
    if (change.record === undefined) after.delete(placeOf(change));
    else after.set(placeOf(change), change);
  }
  return after;
}

async function contentOf(storage: JournalStorage): Promise<string> {
  return textOf(applied(new Map(), await storage.load()));
}

function textOf(model: Model): string {
  return [...model.values()].map(changeLine).sort().join('');
}

function secretOf(record: Change['record']): string | undefined {
  return record !== undefined && 'secret' in record ? toBase64(record.secret) : undefined;
}
