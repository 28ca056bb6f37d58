// A process that feeds an archive for ever and says what outsiders may rely on: `kept N` once item N is durable, `note BASE64` once a
// checkpoint was signed. Arguments: URL, number to begin with, and `careless` where nothing is to be
// synchronised (of PostgreSQL that is the server's part).
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { coreOf } from '../src/archive.js';
import { openArchive } from '../src/index.js';
import { checkpointKey, crypto, itemOf, ORIGIN, START } from './fixture.js';

const [url = '', from = '0', how = ''] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);
const archive = await openArchive(url, {
  origin: ORIGIN,
  checkpointKey,
  random: (length) => new Uint8Array(randomBytes(length)), // a seed would give each process the nonces of the one before
  clock: () => START,
  crypto,
  onEvent: (event) => event.type === 'checkpoint' && say(`note ${Buffer.from(event.note).toString('base64')}`),
  limits: { batch: 8, queue: 16, checkpointEntries: 20, checkpointInterval: 20 },
});
if (how === 'careless')
  for (const database of [coreOf(archive).content, coreOf(archive).keys])
    if (database.engine === 'sqlite') await database.rows('PRAGMA synchronous = 0');
function* items() {
  for (let i = Number(from); ; i++) yield itemOf(i);
}
let next = Number(from);
for await (const receipt of archive.ingest(items())) {
  if (receipt.quarantined !== undefined) throw new Error(receipt.quarantined);
  say(`kept ${next++}`);
}
