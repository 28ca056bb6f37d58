// Holds and erasure at the shell.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, JULIET, KEY, keepThree } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { cli, type Outcome, run, stanzaseal } from './shell.js';

const test = suite('archive hold and shred at the shell');

/** A verb with a reason of several words. */
function because(args: string, reason: string): Outcome {
  return run([...cli, 'archive', ...args.split(' '), ...ARCHIVE.split(' '), '--reason', reason]);
}

test.before(keepThree);

test('a hold keeps shred from erasing until it is lifted; then keys go, and proofs still verify', () => {
  assert.is(stanzaseal(`archive hold ${ARCHIVE} --owner ${JULIET}`).code, 2, 'a hold has a reason');
  done(stanzaseal(`archive prove ${ARCHIVE} --id id1 --out id1.proof`));
  const held = JSON.parse(done(because(`hold --owner ${JULIET} --end 2026-11-30 --json`, 'case 17')));
  conformsTo('archiveHold')(held);
  const [listed, ...others] = JSON.parse(done(stanzaseal(`archive hold ${ARCHIVE} --list --json`)));
  assert.equal([listed.hold, others], [held.hold, []]);
  const shred = `shred --owner ${JULIET} --end 2026-11-01T12:00:00Z --json`;
  assert.match(because(shred, 'asked for').stderr, /^error: ERR_HOLD: /);
  done(because(`hold --lift ${held.hold}`, 'case 17 is closed'));
  const erased = JSON.parse(done(because(shred, 'asked for')));
  conformsTo('archiveShred')(erased);
  assert.equal([erased.length, erased[0].entries > 0], [1, true]);
  const left = done(stanzaseal(`archive page ${ARCHIVE} --owner ${JULIET} --json`));
  assert.equal(JSON.parse(left).id, 'id2');
  done(stanzaseal(`archive verify ${KEY} --in id1.proof`));
});

test.run();
