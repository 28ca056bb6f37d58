// A process that makes a store and commits for ever, and says the number of each commit once it is made.
// Arguments: kind of storage, directory, and `careless` for one that synchronises nothing.
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import type { Change } from '../src/index.js';
import { type DiskKind, diskStorage } from './storageKinds.js';

const [kind = 'file', directory = '', how = ''] = process.argv.slice(2);

if (how === 'careless') {
  const handle = await open(process.argv[1] as string);
  const { sync } = Object.getPrototypeOf(handle) as { sync: unknown };
  if (typeof sync !== 'function') throw new TypeError('a file handle has no sync');
  Object.assign(Object.getPrototypeOf(handle), { sync: async () => undefined });
  fs.fsyncSync = () => undefined;
  await handle.close();
}

const storage = await diskStorage(kind as DiskKind, directory).create();
for (let counter = 1; ; counter++) {
  await storage.commit(commitOf(counter));
  await new Promise((resolve) => process.stdout.write(`${counter}\n`, resolve));
}

/** Records that only make sense together, in tables stored apart; every third commit erases what the three before brought. */
function commitOf(counter: number): Change[] {
  const octets = new Uint8Array(32).fill(1 + (counter % 255));
  const erased = counter % 3 === 0 ? [1, 2, 3].map((back) => `${counter - back}`) : [];
  return [
    { table: 'conversations', key: 'romeo@montague.example', record: { counter } },
    { table: 'seen', key: `${counter}`, record: { at: counter } },
    { table: 'seen', key: `${counter - 100}`, record: undefined },
    {
      table: 'prekeys',
      key: `${counter}`,
      record: { class: 'reply', publicKey: octets, secret: octets, createdAt: counter, notAfter: 2, uses: [] },
    },
    ...erased.map((key): Change => ({ table: 'prekeys', key, record: undefined })),
  ];
}
