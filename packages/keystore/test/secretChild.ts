// A process that makes a store and changes what opens it for ever, and says the number of each change once it is made.
// Arguments: kind of storage, directory.
import { givenKeySecret } from '../src/fileStorage.js';
import { type DiskKind, diskStorage, STORE_KEY } from './storageKinds.js';

const [kind = 'file', directory = ''] = process.argv.slice(2);
const storage = await diskStorage(kind as DiskKind, directory).create();
const octets = Uint8Array.from({ length: 32 }, (_, i) => i);
await storage.commit([
  { table: 'seen', key: 'a', record: { at: 1 } },
  {
    table: 'prekeys',
    key: 'b',
    record: { class: 'reply', publicKey: octets, secret: octets, createdAt: 1, notAfter: 2, uses: [] },
  },
]);
for (let number = 1; ; number++) {
  await storage.changeSecret(givenKeySecret(STORE_KEY.map((octet) => octet ^ (number % 256))));
  await new Promise((resolve) => process.stdout.write(`${number}\n`, resolve));
}
