// A process that holds a store: says `open`, then does what its second argument says, and tells each commit once it is made.
//   commit   commits for ever
//   hold     waits for a line on standard input, closes the store and ends
//   exit     ends at once with the store open
//   fill     commits ever longer records until one fails, then says why and commits a short one
// Third argument, for `commit`: the first number. Fourth: the kind of storage, opened by the key of these tests; else it is a file's, by the passphrase.
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { openFileStorage } from '../src/fileStorage.js';
import { type Change, openKeyStore } from '../src/index.js';
import { passphrase } from './fixture.js';
import { type DiskKind, diskStorage } from './storageKinds.js';

const [directory = '', verb = '', first = '0', kind] = process.argv.slice(2);
const store = await openKeyStore(
  await (kind === undefined
    ? openFileStorage({ directory, passphrase, random, crypto: createCryptoProvider() })
    : diskStorage(kind as DiskKind, directory, 5000).open()),
);
const say = (line: string) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));
await say('open');

const octets = (counter: number) => new Uint8Array(32).fill(1 + (counter % 255));
const erased = (...counters: number[]): Change[] =>
  counters.map((counter) => ({ table: 'prekeys', key: `${counter}`, record: undefined }));

/** Records that only make sense together, in tables stored apart; every second commit erases a prekey. */
const both = (counter: number): Change[] => [
  { table: 'conversations', key: 'romeo@montague.example', record: { counter } },
  { table: 'seen', key: `${counter}`, record: { at: counter } },
  { table: 'seen', key: `${counter - 1}`, record: undefined },
  {
    table: 'prekeys',
    key: `${counter}`,
    record: {
      class: 'reply',
      publicKey: octets(counter),
      secret: octets(counter),
      createdAt: 1,
      notAfter: 2,
      uses: [],
    },
  },
  ...(counter % 2 === 0 ? erased(counter - 1, counter - 2) : []),
];

if (verb === 'commit') {
  for (let counter = Number(first); ; counter++) {
    await store.commit(both(counter));
    await say(`${counter}`);
  }
}
if (verb === 'hold') {
  process.stdin.once('data', () => void store.close().then(() => process.exit(0)));
}
if (verb === 'exit') process.exit(0);
if (verb === 'fill') {
  process.on('SIGXFSZ', () => undefined); // else the limit kills instead of failing the write
  try {
    for (let size = 2 ** 10; ; size *= 2) {
      await store.commit([
        { table: 'requests', key: 'x', record: { from: 'a@b', stanza: 'x'.repeat(size), at: size } },
      ]);
      await say(`${size}`);
    }
  } catch (error) {
    await say((error as NodeJS.ErrnoException).code ?? 'no code');
  }
  await store.commit([{ table: 'seen', key: 'after', record: { at: 1 } }]);
  await say('after');
  process.exit(0);
}
