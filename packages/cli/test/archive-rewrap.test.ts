// Archive keys at the shell: wraps are checked, moved to the next key, and one that holds another key than was sent is named.
import { generateKeyPairSync } from 'node:crypto';
import { importPublicKey } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crypto } from '../../archive/test/fixture.js';
import { type Pair, sealedTo } from '../../archive/test/rightsFixture.js';
import { ARCHIVE, done, JULIET } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { type Outcome, stanzaseal, write } from './shell.js';

const test = suite('archive rewrap at the shell');
const rewrap = (options: string): Outcome => stanzaseal(`archive rewrap ${ARCHIVE} --json ${options}`.trim());

/** A pair of X25519 in PEM; its public half for senders. */
async function writePair(name: string): Promise<Pair> {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  write(`${name}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  write(`${name}.pub.pem`, publicKey.export({ type: 'spki', format: 'pem' }));
  const key = await importPublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })), crypto);
  return { publicKey: key, keyIdentifier: key.keyIdentifier } as Pair;
}

test('wraps wait for the old key, then all that are good are under the new one; a bad one is named (K3)', async () => {
  const [old] = [await writePair('old'), await writePair('new')];
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
