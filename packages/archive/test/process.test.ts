// K10: a process that is killed at any moment has lost nothing that it acknowledged, and its log goes on from every checkpoint that it showed.
// The long form is soak/kill.soak.ts.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from './fixture.js';
import { killWriters } from './killing.js';

const test = suite('archive in a process that is killed');

test('K10: nothing acknowledged is lost, nothing is there twice, and no history is another', async () => {
  const { kills, acknowledged, lost } = await killWriters(`sqlite:${join(temporaryDirectory(), 'archive.db')}`, 10);
  console.log(`  ${kills} kills, ${acknowledged} stanzas acknowledged, ${lost} lost`);
  assert.equal([kills, lost], [10, 0]);
  assert.ok(acknowledged > 10);
});

test.run();
