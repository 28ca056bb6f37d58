// J3: what a heap dump of a process shows of the keys of a store that it opened and closed. V8 writes texts and objects into it, not
// the octets of arrays: those are overwritten where that can be done, and what cannot be promised is in docs/where-secrets-live.md.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toBase64, toHex } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccountRecord, createAccount, createKeyStore, type PrekeyRecord } from '../src/index.js';
import { clock, crypto, owner, random, temporaryDirectory } from './fixture.js';
import { type DiskKind, diskStorage, STORE_KEY } from './storageKinds.js';

const test = suite('heap');
const child = fileURLToPath(new URL('./heapChild.ts', import.meta.url));

/** Spellings of octets that a text could have. Of base64 inside longer octets, what two of the three places of it share. */
function spellings(octets: Uint8Array): string[] {
  const base64 = toBase64(octets).replaceAll('=', '');
  const shifted = [1, 2].map((by) => toBase64(Uint8Array.from([...new Uint8Array(by), ...octets])).slice(4, -4));
  return [
    toHex(octets),
    toHex(octets).toUpperCase(),
    base64.slice(0, 42),
    base64.slice(0, 42).replaceAll('+', '-').replaceAll('/', '_'),
    ...shifted,
    octets.join(','),
    String.fromCharCode(...octets),
  ];
}

/** Names of secrets that a snapshot shows, and whether it is one of a process that had the store. */
async function leaked(kind: DiskKind, ...how: string[]): Promise<{ names: string[]; isOfTheStore: boolean }> {
  const directory = temporaryDirectory();
  const changes = await createAccount({ owner, random, clock, crypto });
  await (await createKeyStore(await diskStorage(kind, directory).create(), changes)).close();
  const file = `${directory}.heapsnapshot`;
  // Else texts are cut to 1,024 characters, and lines of records are longer.
  const args = [
    '--heap-snapshot-string-limit=10000000',
    '--import',
    'tsx',
    '--conditions=@stanzaseal/source',
    child,
    kind,
    directory,
    file,
    ...how,
  ];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
  const { strings } = JSON.parse(readFileSync(file, 'utf8')) as { strings: string[] };
  rmSync(file);
  const text = strings.join('\u0000');
  const [account, ...prekeys] = changes.map(({ record }) => record) as [AccountRecord, ...PrekeyRecord[]];
  const secrets: [string, Uint8Array][] = [
    ['store key', STORE_KEY],
    ['device', account.deviceSecret],
    ['identity', account.identitySecret as Uint8Array],
    ...prekeys.map(({ secret }, i): [string, Uint8Array] => [`prekey ${i}`, secret]),
  ];
  const found = secrets.filter(([, octets]) => spellings(octets).some((spelling) => text.includes(spelling)));
  return { names: found.map(([name]) => name), isOfTheStore: strings.includes(directory) };
}

for (const kind of ['file', 'sqlite'] as const) {
  test(`J3: after a store in ${kind === 'file' ? 'a file' : 'SQLite'} was opened, used and closed, no text on the heap has a secret of it`, async () => {
    assert.equal(await leaked(kind), { names: [], isOfTheStore: true });
  });
}

test('J3: where the process keeps one text with a secret, the same search finds that one', async () => {
  assert.equal((await leaked('file', 'keep')).names, ['prekey 1']);
});

test.run();
