// More than one process, and processes that die.
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileStorage, openFileStorage } from '../src/fileStorage.js';
import { openKeyStore } from '../src/index.js';
import { codeOf, cost, crypto, passphrase, random } from './fixture.js';
import { FILES, killAmidCommits, newStore, start } from './killing.js';

const test = suite('process');

const open = (directory: string, patience = 0) => openFileStorage({ directory, passphrase, random, crypto, patience });

test('a second process is refused while the first holds the store, and may wait for it (I15)', async () => {
  const directory = await newStore();
  const holder = start([directory, 'hold']);
  assert.is(await holder.next(), 'open');
  assert.is(await codeOf(() => open(directory)), 'ERR_IN_USE');
  assert.is(await codeOf(() => open(directory, 60)), 'ERR_IN_USE');
  assert.is(await codeOf(() => createFileStorage({ directory, passphrase, cost, random, crypto })), 'ERR_IN_USE');
  setTimeout(() => holder.process.stdin?.write('close\n'), 50);
  const storage = await open(directory, 10_000);
  assert.equal(await holder.rest(), []);
  assert.is(await codeOf(() => open(directory)), 'ERR_IN_USE'); // nor twice in one process
  await storage.close();
  await (await open(directory)).close();
  assert.equal(readdirSync(directory), FILES);
});

test('a process that ends, in order or not, gives the store up', async () => {
  const directory = await newStore();
  const leaving = start([directory, 'exit']);
  assert.equal(await leaving.rest(), ['open']);
  assert.equal(readdirSync(directory), FILES);
  const killed = start([directory, 'hold']);
  assert.is(await killed.next(), 'open');
  killed.process.kill('SIGKILL');
  await killed.rest();
  assert.is(readdirSync(directory).length, 3); // its claim is still there
  await (await open(directory, 1000)).close();
  assert.equal(readdirSync(directory), FILES);
});

test('claims are judged by process, start and host', async () => {
  const directory = await newStore();
  const host = hostname().replace(/[^\w-]/g, '-');
  const claim = (pid: number, start: string, on = host) => `lock.${pid}.${start}.0123456789abcdef.${on}`;
  const dead = start([directory, 'exit']);
  await dead.rest();
  const cases: [name: string, holds: boolean][] = [
    [claim(dead.process.pid as number, '0'), false], // nobody's number any more
    [claim(process.pid, '0'), true], // a living process whose start is not known
    [claim(dead.process.pid as number, '1', 'elsewhere'), true], // of another host nothing is known
    ['lock.1.txt', false],
  ];
  if (process.platform === 'linux') cases.push([claim(process.pid, '1'), false]); // our number, held by another before us
  for (const [name, holds] of cases) {
    writeFileSync(join(directory, name), '');
    if (holds) assert.is(await codeOf(() => open(directory)), 'ERR_IN_USE', name);
    else await (await open(directory)).close();
    if (holds) (await import('node:fs')).unlinkSync(join(directory, name));
  }
  assert.equal(readdirSync(directory).sort(), [...FILES, 'lock.1.txt']);
});

test('of many that open at once never two hold the store', async () => {
  const directory = await newStore();
  writeFileSync(join(directory, `lock.999999999.7.0123456789abcdef.${hostname().replace(/[^\w-]/g, '-')}`), ''); // a stale one, to be taken over
  let holding = 0;
  let held = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const storage = await open(directory, 60_000);
      assert.is(++holding, 1);
      held++;
      await storage.commit([{ table: 'seen', key: `${held}`, record: { at: held } }]);
      holding--;
      await storage.close();
    }),
  );
  const storage = await open(directory);
  assert.is((await storage.load()).filter(({ table }) => table === 'seen').length, 8);
  await storage.close();
});

for (const kind of ['file', 'sqlite'] as const) {
  test(`${kind}: kill -9 amid commits, twelve times: the old state or the new, and nothing acknowledged is lost (I7)`, async () => {
    const { kills, acknowledged, erased } = await killAmidCommits(kind, 2, 6);
    assert.is(kills, 12);
    assert.ok(acknowledged >= kills && erased > 0, `${acknowledged} commits, ${erased} prekeys erased`);
  });
}

test('a file that may not grow: the commit fails with the error of the system, the old state stays (I7)', async () => {
  if (process.platform === 'win32') return console.log('SKIPPED: no limits of file size');
  const directory = await newStore();
  const filling = start([directory, 'fill'], 'ulimit -f 256'); // in 512-octet blocks by POSIX, in 1,024 by some shells
  const said = await filling.rest();
  const [sizes, failure] = [said.slice(1, -2).map(Number), said.at(-2)];
  assert.is(said[0], 'open');
  assert.is(failure, 'EFBIG');
  assert.is(said.at(-1), 'after');
  assert.ok(sizes.length > 0);
  const store = await openKeyStore(await open(directory));
  assert.is((await store.get('requests', 'x'))?.stanza.length, sizes.at(-1));
  assert.equal(await store.entries('seen'), [['after', { at: 1 }]]);
  await store.close();
  assert.equal(readdirSync(directory), FILES);
});

test.run();
