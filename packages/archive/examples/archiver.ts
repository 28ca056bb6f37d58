// An archiver beside Prosody, whose own archive is in PostgreSQL: node archiver.js PROSODY-DATABASE ARCHIVE CHECKPOINT-KEY. It ends by SIGTERM, and goes
// on where it was. `stanzaseal key generate --algorithm ed25519` makes the key, once: proofs name it.
import { readFileSync } from 'node:fs';
import { follow, openArchive, prosodyArchive } from '@stanzaseal/archive';
import { decodePem, importPrivateKey } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';

const [database = '', url = '', keyFile = ''] = process.argv.slice(2);
const crypto = createCryptoProvider();
const key = await importPrivateKey(decodePem(readFileSync(keyFile, 'utf8'), 'PRIVATE KEY'), crypto);
const archive = await openArchive(url, {
  origin: 'capulet.example/archive',
  checkpointKey: await key.signingKey(crypto),
  random,
  clock: Date.now,
  crypto,
  onEvent: ({ type }) => console.log(type),
});
const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());
console.log('the archiver is there');
const { kept } = await follow(archive, prosodyArchive({ url: database, live: true, onAway: console.error }), {
  signal: ending.signal,
  onProgress: ({ done }) => console.log(`${done} so far`),
  onRefused: console.error,
});
await archive.close();
console.log(`kept ${kept}`);
