// A process that puts stanzas into an archive and says which are durable, until it is killed. Arguments: file, number to begin with.
import { appendFileSync } from 'node:fs';
import { openArchive } from '../src/index.js';
import { checkpointKey, crypto, JULIET, ORIGIN, plain, random, START } from './fixture.js';

const [file, from, acknowledged] = process.argv.slice(2) as [string, string, string];
random(Number(from)); // other octets than the process before drew
const archive = await openArchive(`sqlite:${file}`, {
  origin: ORIGIN,
  checkpointKey,
  random,
  clock: () => START,
  crypto,
  onEvent: () => undefined,
  limits: { checkpointEntries: 20 },
});
async function* source() {
  for (let i = Number(from); ; i++) {
    yield { stanza: plain(`body ${i}`), owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` };
  }
}
console.log('ready');
for await (const { id } of archive.ingest(source())) appendFileSync(acknowledged, `${id}\n`);
