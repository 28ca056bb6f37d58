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
