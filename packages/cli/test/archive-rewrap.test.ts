// Archive keys at the shell: wraps are checked, moved to the next key, and one that holds another key than was sent is named.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sealedTo } from '../../archive/test/rightsFixture.js';
import { ARCHIVE, done, JULIET, writePair } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { type Outcome, stanzaseal } from './shell.js';

const test = suite('archive rewrap at the shell');
const rewrap = (options: string): Outcome => stanzaseal(`archive rewrap ${ARCHIVE} --json ${options}`.trim());

test('wraps wait for the old key, then all that are good are under the new one; a bad one is named (K3)', async () => {
  const [old] = [await writePair('x25519', 'old'), await writePair('x25519', 'new')];
  const stanzas = [await sealedTo('one', [old]), await sealedTo('two', [old]), await sealedTo('three', [old], true)];
  done(stanzaseal(`archive ingest ${ARCHIVE} --owner ${JULIET}`, stanzas.join('\n')));
  assert.match(rewrap('').stderr, /^error: ERR_NOT_FOUND: /);
  conformsTo('archiveRewrap')(JSON.parse(done(rewrap('--new-key old.pub.pem --epoch 1 --organisation Capulet'))));
  const waiting = rewrap('--new-key new.pub.pem --epoch 2');
  const { count, left } = JSON.parse(waiting.stdout.toString());
  assert.equal([waiting.code, count, left], [1, 0, [0, 1, 2]]);
  assert.match(waiting.stderr, /^error: ERR_NO_KEYS: .* 3 wraps/);
  const moved = rewrap('--key old.pem');
  const found = JSON.parse(moved.stdout.toString());
  conformsTo('archiveRewrap')(found);
  assert.equal([moved.code, found.epoch, found.moved, found.mismatched, found.left], [1, 2, 2, [2], []]);
  assert.match(moved.stderr, /^error: ERR_PROOF: wrap of entry #2 /);
  assert.is(rewrap('--new-key old.pub.pem --epoch 3').code, 2, 'a key that was one before');
});

test.run();
