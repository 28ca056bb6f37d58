// Power losses under an archive in a file of SQLite: the short form. The long one is soak/powerLoss.soak.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whyNoLoopDisk } from '../../keystore/test/loopDisk.js';
import { losePower, SQLITE } from './powerLosing.js';

const test = suite('archive in SQLite that loses power');
const reason = whyNoLoopDisk();

test('K10: what was acknowledged is there, once, and the log goes on from every checkpoint that was shown', async () => {
  if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
  const { runs, acknowledged, lost } = await losePower(SQLITE, 5, 'careful');
  console.log(`  ${runs} power losses after ${acknowledged} stanzas, ${lost} lost`);
  assert.equal([runs, lost], [5, 0]);
  assert.ok(acknowledged > 5);
});

test('one that synchronises nothing loses them, so that this test would see it', async () => {
  if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
  const { lost, broken } = await losePower(SQLITE, 2, 'careless');
  assert.ok(lost + broken > 0);
});

test.run();
