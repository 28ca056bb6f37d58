// Power loss and failing operations on a simulated disk under SQLite's driver: the short form. The long one is soak/powerLoss.soak.ts.
import { SimulatedDisk, systemError, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { erasureSlots, givenKeySecret } from '../src/fileStorage.js';
import type { Change } from '../src/index.js';
import { createDatabaseStorage, openDatabaseStorage } from '../src/sqlite/databaseStorage.js';
import { crypto, errorOf } from './fixture.js';
import { type Counts, failEach, losePower } from './powerLoss.js';
import { mount } from './simulatedDriver.js';
import { SQLITE } from './simulatedSqlite.js';

const test = suite('sqlite power loss');
const counts = (): Counts => ({ operations: 0, crashes: 0, failures: 0, commits: 0, erased: 0, changedKeys: 0 });

test('SQLite writes to the simulated disk, to nothing else, and an operation that fails there fails its commit', async () => {
  const disk = new SimulatedDisk(unsafeSeededRandom('driver'));
  const names = new Set<string>();
  disk.onOperation = (_, name) => void names.add(name);
  const random = unsafeSeededRandom('driver, random');
  const parameters = { ...mount(disk), secret: givenKeySecret(random(32)), erasure: erasureSlots, random, crypto };
  const storage = await createDatabaseStorage(parameters);
  await storage.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
  assert.equal([...(await disk.files.list())].sort(), ['keystore.db', 'keystore.db-erasure', 'keystore.db-wal']);
  for (const name of ['make', 'write', 'sync', 'truncate', 'rename', 'syncDirectory']) assert.ok(names.has(name), name);
  disk.onOperation = (_, name) => {
    if (name === 'sync') throw systemError('EIO');
  };
  assert.match((await errorOf(() => storage.commit([{ table: 'seen', key: 'b', record: { at: 1 } }]))).message, /I\/O/);
  disk.onOperation = () => undefined;
  await storage.close();
});

test('a log that the system failed to write, and shows as written, is written once more before SQLite builds on it', async () => {
  let states = 0;
  for (let seed = 0; seed < 6; seed++) {
    const disk = new SimulatedDisk(unsafeSeededRandom(`log ${seed}`));
    const random = unsafeSeededRandom(`log ${seed}, random`);
    const parameters = { secret: givenKeySecret(random(32)), erasure: erasureSlots, random, crypto };
    const storage = await createDatabaseStorage({ ...parameters, ...mount(disk) });
    const entries = (from: number): Change[] =>
      Array.from({ length: 40 }, (_, i) => ({ table: 'seen', key: `${from + i}`, record: { at: from + i } }));
    await storage.commit(entries(0));
    await storage.commit(entries(0)); // the log begins
    disk.onOperation = (_, name) => {
      if (name === 'sync') throw systemError('EIO');
    };
    await errorOf(() => storage.commit(entries(100))); // and the process is killed
    const crashes: SimulatedDisk[] = [];
    disk.onOperation = () => void crashes.push(disk.afterPowerLoss('nothing'), disk.afterPowerLoss('any'));
    await openDatabaseStorage({ ...parameters, ...mount(disk) });
    for (const crash of crashes) {
      const found = await openDatabaseStorage({ ...parameters, ...mount(crash) });
      assert.ok([40, 80].includes((await found.load()).length), `seed ${seed}`);
      await found.close();
    }
    states += crashes.length;
  }
  assert.ok(states > 30, `${states}`);
});

/**
 * Commits go on after a synchronisation failed in a commit, where the log is brought in, or at some place (`number`) of a change of the
 * secret; and the power is lost after each. All of them are there.
 */
async function goOn(seed: string, failing: 'commit' | 'checkpoint' | 'change', number = 1): Promise<void> {
  const disk = new SimulatedDisk(unsafeSeededRandom(seed));
  const random = unsafeSeededRandom(`${seed}, random`);
  const [key, other] = [random(32), random(32)];
  const parameters = { secret: givenKeySecret(key), erasure: erasureSlots, random, crypto };
  const storage = await createDatabaseStorage({ ...parameters, ...mount(disk) });
  let syncs = 0;
  disk.onOperation = (_, name) => {
    if (name === 'sync' && ++syncs === number) throw systemError('EIO');
  };
  const acknowledged: string[] = [];
  const commit = async (count: number, length = 0): Promise<void> => {
    const keys = Array.from({ length: count }, (_, i) => `${acknowledged.length} ${i}`);
    const record = { from: 'a@b', stanza: 'x'.repeat(length), at: 1 };
    await storage.commit(keys.map((key): Change => ({ table: 'requests', key, record })));
    acknowledged.push(...keys);
  };
  syncs = Number.NEGATIVE_INFINITY;
  for (const count of [1, 1, 2, 3]) await commit(count);
  syncs = 0;
  if (failing === 'commit') await errorOf(() => commit(2));
  if (failing === 'change') await errorOf(() => storage.changeSecret(givenKeySecret(other)));
  for (let i = 0; failing === 'checkpoint' && syncs < number; i++) {
    assert.ok(i < 20, 'the log is not brought in');
    syncs = 0; // of which a commit has one
    await commit(100, 3000);
  }
  assert.ok(syncs >= number);
  const losses: [SimulatedDisk, number][] = [];
  for (let i = 0; i < 3; i++) {
    await commit(1 + i);
    losses.push([disk.afterPowerLoss('nothing'), acknowledged.length]);
  }
  await storage.close();
  for (const [lost, count] of losses) {
    const open = (by: Uint8Array) => openDatabaseStorage({ ...parameters, secret: givenKeySecret(by), ...mount(lost) });
    const found = await open(key).catch((error) => (failing === 'change' ? open(other) : Promise.reject(error)));
    assert.is((await found.load()).length, count, `${seed}, ${count} acknowledged`);
    await found.close();
  }
}

test('a log that the system failed to write is also written once more before commits go on in the same process', async () => {
  for (let seed = 0; seed < 6; seed++) await goOn(`go on ${seed}`, 'commit');
});

test('so is one that it failed to write when the log was brought in, though no commit failed', async () => {
  await goOn('bring in 1', 'checkpoint', 2);
});

test('so is one that it failed to write when the secret was changed', async () => {
  // From the last one of the new database on: of the old log, of the old database, and of the new one under its name.
  for (let number = 10; number <= 14; number++)
    for (const seed of ['a', 'b', 'c']) await goOn(`change ${seed}`, 'change', number);
});

test('before every operation: what was acknowledged is there, whole, and what was erased is nowhere (I5, I7)', async () => {
  const told = counts();
  await losePower(SQLITE, 'a', 50, told, 31);
  console.log(
    `${told.operations} operations, ${told.commits} commits, ${told.erased} secrets erased, ${told.changedKeys} keys changed, ${told.crashes} states after power losses`,
  );
  assert.ok(told.erased > 3 && told.changedKeys > 1 && told.crashes > 50);
});

test('operations fail in turn, and the store goes on (I7: EIO, ENOSPC)', async () => {
  const told = counts();
  await failEach(SQLITE, 'c', 24, told, 41);
  console.log(`${told.failures} failures, ${told.crashes} states after power losses, ${told.erased} secrets erased`);
  assert.ok(told.failures > 5 && told.changedKeys > 2);
});

test.run();
