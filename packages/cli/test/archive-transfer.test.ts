// Out of an archive at the shell, and in again; and the whole against a checkpoint from before.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, JULIET, KEY, keepThree, said } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { folder, read, stanzaseal, write } from './shell.js';

const test = suite('archive transfer at the shell');

test.before(keepThree);

test('K14: export, import and export again are the same octets; what is there is not kept again', () => {
  done(stanzaseal(`archive export ${ARCHIVE} --out first.jsonl`));
  const other = '--archive sqlite:second.db';
  const imported = JSON.parse(done(stanzaseal(`archive import ${other} --json`, read('first.jsonl'))));
  conformsTo('archiveImport')(imported);
  assert.equal(imported, { kept: 2, duplicates: 0, quarantined: 1, refused: 0 });
  assert.equal(stanzaseal(`archive export ${other}`).stdout, read('first.jsonl'));
  const again = stanzaseal(`archive import ${other}`, `${read('first.jsonl')}{"owner":1}\n`);
  assert.is(again.stdout.toString(), '0 kept, 0 in quarantine, 3 there already, 1 refused\n');
  assert.equal([again.code, /^error: ERR_UNSUPPORTED: line 4: /.test(again.stderr)], [1, true]);
});

test('the directory holds each entry with its proof, and a checkpoint that the log must grow from', () => {
  done(stanzaseal(`archive export ${ARCHIVE} --owner ${JULIET} --format directory --out juliet`));
  assert.is(read('juliet/000000000000.xml').toString(), said('Call me but love', 'id1'));
  assert.ok(existsSync(join(folder, 'juliet/000000000002.quarantined')));
  done(stanzaseal(`archive verify ${KEY} --in juliet/000000000002.tlog-proof`));
  const verify = `archive verify ${ARCHIVE} --checkpoint`;
  assert.match(done(stanzaseal(`${verify} juliet/checkpoint`)), / 0 damaged, .*; the log holds\n$/);
  write('edited', read('juliet/checkpoint').toString().replace('\n3\n', '\n2\n'));
  assert.match(stanzaseal(`${verify} edited`).stderr, /^error: ERR_PROOF: /);
});

test.run();
