// Rewrapping and erasing in a file of SQLite, killed at random moments. The long form is soak/resume.soak.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { killRewraps, killShred } from './resuming.js';
import { octetsOf, sqlitePlace } from './sqlitePlace.js';

const test = suite('rewrap and shred under kill -9');

test('K5: at any moment each key is under the old archive key or the new one; contents are never touched', async () => {
  const { killed, between } = await killRewraps(sqlitePlace, 1024, 4);
  console.log(`  killed ${killed} times, ${between} times in the middle`);
  assert.ok(killed > 0 && between > 0, 'somebody was killed, and in the middle');
});

test('K7: an erasure that is killed again and again ends; what stays is there at any moment, what goes is gone', async () => {
  const { killed, between } = await killShred(sqlitePlace, 800, 4, octetsOf);
  console.log(`  killed ${killed} times, ${between} times in the middle`);
  assert.ok(killed > 0);
});

test.run();
