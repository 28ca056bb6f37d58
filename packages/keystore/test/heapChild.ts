// A process that opens a store, works with its keys, closes it, and writes what is on its heap.
// Arguments: kind of storage, directory, file of the snapshot, and `keep` for one that forgot to let go of a text with a secret.
import { writeHeapSnapshot } from 'node:v8';
import { fromHex, toBase64 } from '@stanzaseal/cms';
import { givenKeySecret, openFileStorage } from '../src/fileStorage.js';
import { openKeyStore } from '../src/index.js';
import { openSqliteStorage } from '../src/sqlite/index.js';
import { crypto, random } from './fixture.js';
import { STORE_KEY } from './storageKinds.js';

const [kind, directory = '', file = '', how] = process.argv.slice(2);
const kept: string[] = [];

async function work(): Promise<void> {
  const parameters = { directory, secret: givenKeySecret(STORE_KEY), random, crypto };
  const store = await openKeyStore(await (kind === 'file' ? openFileStorage : openSqliteStorage)(parameters));
  await (await store.deviceKey(crypto)).sign(new Uint8Array(1));
  await (await store.identityKey(crypto))?.sign(new Uint8Array(1));
  const prekeys = await store.entries('prekeys');
  const [[first], [second, record]] = prekeys as [(typeof prekeys)[number], (typeof prekeys)[number]];
  await store.prekey(fromHex(first), crypto);
  await store.commit([
    { table: 'prekeys', key: first, record: undefined },
    { table: 'prekeys', key: second, record: { ...record, uses: [{ device: 'd', at: 1 }] } },
  ]);
  if (how === 'keep') kept.push(`${'x'.repeat(5000)} ${toBase64(record.secret)}`);
  await store.close();
}

await work();
await new Promise((resolve) => setTimeout(resolve, 10)); // promises that are settled let go of what they gave
writeHeapSnapshot(file); // which collects garbage first
process.exitCode = kept.length > 1 ? 1 : 0;
