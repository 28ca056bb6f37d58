// What commits and openings cost in each storage, by what is stored: figures in ms, of docs/decisions/0009.
//   node --import tsx --conditions=@stanzaseal/source packages/keystore/test/measureStorages.ts [ENTRIES ...]
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createFileStorage, givenKeySecret, openFileStorage } from '../src/fileStorage.js';
import {
  type Change,
  createAccount,
  createKeyStore,
  generatePrekeys,
  type KeyStore,
  openKeyStore,
} from '../src/index.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { clock, crypto, owner, random, temporaryDirectory } from './fixture.js';

const KINDS = [
  { kind: 'file', file: 'keystore', create: createFileStorage, open: openFileStorage },
  { kind: 'SQLite', file: 'keystore.db', create: createSqliteStorage, open: openSqliteStorage },
] as const;
const COMMITS = 200;

const seen = (at: number): Change => ({ table: 'seen', key: at.toString(16).padStart(64, '0'), record: { at } });
const sent = (counter: number): Change => ({
  table: 'conversations',
  key: 'romeo@montague.example',
  record: { counter },
});
const reply = () => generatePrekeys(1, 'reply', { random, clock, crypto });

const sizes = process.argv.slice(2).map(Number);
for (const entries of sizes.length > 0 ? sizes : [10, 10_000]) {
  for (const kind of KINDS) await measure(kind, entries);
}

async function measure({ kind, file, create, open }: (typeof KINDS)[number], entries: number): Promise<void> {
  const parameters = { directory: temporaryDirectory(), secret: givenKeySecret(random(32)), random, crypto };
  const store = await createKeyStore(await create(parameters), await createAccount({ owner, random, clock, crypto }));
  const filling = performance.now();
  for (let made = 0; made < entries; made += 20_000) {
    const length = Math.min(20_000, entries - made);
    await store.commit(Array.from({ length }, (_, i) => seen(made + i)));
  }
  const filled = performance.now() - filling;
  const accepting: number[] = [];
  const erasing: number[] = [];
  for (let i = 0; i < COMMITS; i++) {
    accepting.push(await timed(store, [...(await reply()), seen(entries + 2 * i), seen(entries + 2 * i + 1), sent(i)]));
    const [[key]] = (await store.entries('prekeys')) as unknown as [[string]];
    if (i % 4 === 0) erasing.push(await timed(store, [{ table: 'prekeys', key, record: undefined }]));
  }
  await store.close();
  const opening = performance.now();
  const again = await openKeyStore(await open(parameters));
  const opened = performance.now() - opening;
  const { size } = statSync(join(parameters.directory, file));
  console.log(
    `${kind}, ${entries} entries: filled in ${filled.toFixed(0)}; commit ${middle(accepting)}, of erasing ${middle(erasing)}; ` +
      `opened in ${opened.toFixed(0)}; ${(size / 2 ** 20).toFixed(1)} MiB, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB of memory`,
  );
  await again.close();
}

async function timed(store: KeyStore, changes: readonly Change[]): Promise<number> {
  const start = performance.now();
  await store.commit(changes);
  return performance.now() - start;
}

function middle(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] as number).toFixed(1);
  return `${at(0.5)} (99 of 100 below ${at(0.99)})`;
}
