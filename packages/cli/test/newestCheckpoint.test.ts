// The newest checkpoint beside the keys that signed it (docs/decisions/0036-no-second-history.md).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signCheckpoint } from '@stanzaseal/archive/evidence';
import { generatePrivateKey } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointKeeper, NEWEST } from '../src/archive/newestCheckpoint.js';
import { folder } from './shell.js';

const test = suite('newest checkpoint at the shell');

const crypto = createCryptoProvider();
const key = await (await generatePrivateKey('Ed25519', systemRandom, crypto)).signingKey(crypto);
const checkpoint = async (size: number) => ({
  size,
  note: await signCheckpoint({ origin: 'capulet.example/archive', size, root: new Uint8Array(32).fill(size) }, key),
});

test('what is kept is the newest of what came, whole, and nothing beside it', async () => {
  const keeper = checkpointKeeper(folder);
  const kept = () => readFileSync(join(folder, NEWEST), 'utf8');
  const [two, three, nine] = [await checkpoint(2), await checkpoint(3), await checkpoint(9)];
  keeper.keep(two);
  keeper.keep(three);
  keeper.keep(nine);
  await keeper.settled();
  assert.is(kept(), nine.note);
  keeper.keep(three);
  await keeper.settled();
  assert.is(kept(), nine.note, 'contents of before may have one signed, which takes no place');
  assert.equal(readdirSync(folder), [NEWEST]);
});

test('a directory that takes none is told of, and what was signed is signed', async () => {
  const keeper = checkpointKeeper(join(folder, 'missing'));
  const written: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((text: string) => written.push(text) > 0) as typeof process.stderr.write;
  try {
    keeper.keep(await checkpoint(1));
    await keeper.settled();
  } finally {
    process.stderr.write = write;
  }
  assert.match(written.join(''), /^warning: .*newest\.checkpoint could not be written\n$/);
});

test.run();
