// Proofs of an archive at the shell.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, JULIET, KEY, keepThree, said } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { read, stanzaseal } from './shell.js';

const test = suite('archive proofs at the shell');

test.before(keepThree);

test('prove writes what a stranger verifies with the public key alone; an edited one is refused', () => {
  done(stanzaseal(`archive prove ${ARCHIVE} --id id1 --out id1.proof`));
  assert.match(
    done(stanzaseal(`archive verify ${KEY} --in id1.proof`)),
    /^plain of juliet@.*: leaf 0 of 3 in the log /,
  );
  const proved = JSON.parse(done(stanzaseal(`archive verify ${KEY} --json`, read('id1.proof'))));
  conformsTo('archiveVerify')(proved);
  assert.equal([proved.owner, proved.id, proved.stanza], [JULIET, 'id1', said('Call me but love', 'id1')]);
  const text = read('id1.proof').toString();
  const at = text.indexOf('\n', 100) + 5;
  const edited = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  assert.match(stanzaseal(`archive verify ${KEY}`, edited).stderr, /^error: ERR_PROOF: /);
  assert.match(stanzaseal(`archive verify ${KEY} --origin another.example`, text).stderr, /^error: ERR_PROOF: /);
  assert.match(
    stanzaseal('archive verify --key archive.db.signing/record.pub.pem', text).stderr,
    /^error: ERR_PROOF: /,
  );
  assert.match(stanzaseal(`archive prove ${ARCHIVE} --id nobody`).stderr, /^error: ERR_NOT_FOUND: /);
});

test.run();
