// The storage in SQLite when what it writes to fails, at each operation in turn. Processes that are killed: process.test.ts.
import fs, { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemError } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ErasurePlace, erasureSlots } from '../src/fileStorage.js';
import type { Change, KeyStoreStorage } from '../src/index.js';
import { changeLine, placeOf } from '../src/recordCodec.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { random, temporaryDirectory } from './fixture.js';
import { diskStorage } from './storageKinds.js';

const test = suite('sqlite failures');

type Model = ReadonlyMap<string, Change>;
type Write = 'writeSync' | 'fsyncSync' | 'ftruncateSync' | 'unlinkSync';

/** Calls of the driver and of the place of erasure keys, each of which may fail. */
class Failing {
  operations = 0;
  /** While somebody else looks. */
  isPaused = false;
  readonly synchronised: number[] = [];
  #from = Number.POSITIVE_INFINITY;
  #until = Number.POSITIVE_INFINITY;
  readonly #originals = new Map<Write, (...args: never[]) => unknown>();

  /** From now on. The driver calls `node:fs` by its object, which this changes; nothing else here writes so. */
  begin(): void {
    for (const name of ['writeSync', 'fsyncSync', 'ftruncateSync', 'unlinkSync'] as const) {
      const original = fs[name] as (...args: never[]) => unknown;
      this.#originals.set(name, original);
      Object.assign(fs, {
        [name]: (...args: never[]) => {
          this.count();
          if (name === 'fsyncSync') this.synchronised.push(this.operations);
          return original(...args);
        },
      });
    }
  }

  end(): void {
    for (const [name, original] of this.#originals) Object.assign(fs, { [name]: original });
  }

  /** Lets operations fail, from one on, as many as said. */
  fail(from: number, count: number): void {
    [this.#from, this.#until] = [from, from + count];
  }

  count(): void {
    if (this.isPaused) return;
    this.operations++;
    if (this.operations >= this.#from && this.operations < this.#until) throw systemError('EIO');
  }

  /** Two slots that fail likewise. */
  readonly erasure: ErasurePlace = {
    kind: 'slots',
    of: (store) => {
      const slots = erasureSlots.of(store);
      const counted =
        <A>(action: (argument: A) => Promise<void>) =>
        async (argument: A) => {
          this.count();
          await action(argument);
          this.count(); // done, and not known to be
        };
      return { read: slots.read, add: counted(slots.add), keepOnly: counted(slots.keepOnly) };
    },
  };
}

const prekey = (key: string): Change => ({
  table: 'prekeys',
  key,
  record: { class: 'reply', publicKey: random(32), secret: random(32), createdAt: 1, notAfter: 2, uses: [] },
});

function changesOf(step: number): Change[] {
  const changes: Change[] = [
    { table: 'seen', key: `${step}`, record: { at: step } },
    { table: 'seen', key: `${step - 2}`, record: undefined },
    prekey(`${step}`),
  ];
  if (step % 2 === 0) changes.push({ table: 'prekeys', key: `${step - 1}`, record: undefined });
  if (step % 5 === 0)
    changes.push({ table: 'requests', key: 'x', record: { from: 'a@b', stanza: 'x'.repeat(9000), at: step } });
  return changes;
}

function applied(model: Model, changes: readonly Change[]): Model {
  const after = new Map(model);
  for (const change of changes) {
    if (change.record === undefined) after.delete(placeOf(change));
    else after.set(placeOf(change), change);
  }
  return after;
}

const textOf = (model: Model) => [...model.values()].map(changeLine).sort().join('');
const contentOf = async (storage: KeyStoreStorage) => textOf(applied(new Map(), await storage.load()));

/** Works on a store, of which operations fail; where it stands then, the directory as a killed process leaves it is opened too. */
async function work(failing: Failing, steps: number): Promise<{ commits: number; refused: number }> {
  const directory = temporaryDirectory();
  const parameters = { ...diskStorage('sqlite', directory).parameters, erasure: failing.erasure };
  const told = { commits: 0, refused: 0 };
  let acknowledged: Model = new Map();
  let possible: Model[] = [];
  failing.begin();
  try {
    const storage = await createSqliteStorage(parameters);
    for (let step = 1; step <= steps; step++) {
      const changes = changesOf(step);
      const after = applied(acknowledged, changes);
      try {
        await storage.commit(changes);
        [acknowledged, possible] = [after, []];
        told.commits++;
      } catch (error) {
        assert.match(
          `${(error as Error).message}`,
          /EIO|I\/O|disk|unable to open|Could not open|SQLite does not take|bring its log/,
        );
        possible.push(after);
        told.refused++;
        failing.isPaused = true;
        if (told.commits > 0) await checkKilled(directory, parameters, [acknowledged, ...possible]);
        failing.isPaused = false;
      }
      assert.is(await contentOf(storage), textOf(acknowledged));
    }
    await storage.close();
  } finally {
    failing.end();
  }
  const again = await openSqliteStorage({ ...parameters, erasure: erasureSlots });
  const found = await contentOf(again);
  assert.ok([acknowledged, ...possible].map(textOf).includes(found));
  await again.commit([{ table: 'seen', key: 'after', record: { at: 1 } }]);
  await again.close();
  await (await openSqliteStorage({ ...parameters, erasure: erasureSlots })).close();
  rmSync(directory, { recursive: true });
  return told;
}

async function checkKilled(directory: string, parameters: object, allowed: readonly Model[]): Promise<void> {
  const copy = temporaryDirectory();
  cpSync(directory, copy, { recursive: true });
  for (const name of readdirSync(copy)) if (name.startsWith('lock.')) rmSync(join(copy, name));
  const { parameters: fresh } = diskStorage('sqlite', copy);
  const storage = await openSqliteStorage({ ...parameters, ...fresh, erasure: erasureSlots });
  assert.ok(allowed.map(textOf).includes(await contentOf(storage)));
  await storage.close();
  rmSync(copy, { recursive: true });
}

test('each operation fails in turn: a commit is refused whole, and the store goes on (I7)', async () => {
  const total = new Failing();
  await work(total, 12);
  const { operations } = total;
  let refused = 0;
  for (let from = 1; from <= operations; from += 3) {
    const failing = new Failing();
    failing.fail(from, 1 + (from % 4));
    try {
      refused += (await work(failing, 12)).refused;
    } catch (error) {
      failing.end();
      throw new Error(`operation ${from} failed: ${(error as Error).message}`, { cause: error });
    }
  }
  console.log(`${operations} operations, ${refused} commits refused`);
  assert.ok(refused > 20);
});

test('a commit is one synchronisation of the log, one that erases too', async () => {
  const failing = new Failing();
  const directory = temporaryDirectory();
  const storage = await diskStorage('sqlite', directory).create();
  await storage.commit(changesOf(1));
  await storage.commit(changesOf(2)); // the first one behind an empty log synchronises its head as well
  failing.begin();
  for (let step = 3; step < 13; step++) await storage.commit(changesOf(step));
  failing.end();
  assert.is(failing.synchronised.length, 10);
  await storage.close();
});

test.run();
