// Stanzas into an archive at the shell.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, JULIET, said } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { folder, stanzaseal } from './shell.js';

const test = suite('archive at the shell');

test('ingest keeps each stanza once, under the id and time that its server gave, and makes the keys it signs with', () => {
  const input = `${said('Call me but love', 'id1')}\n${said('and\nI’ll be new baptized', 'id2')}`;
  assert.is(done(stanzaseal(`archive ingest ${ARCHIVE}`, input)), 'id1 0\nid2 1\n');
  assert.is(
    done(stanzaseal(`archive ingest ${ARCHIVE} --owner ${JULIET}`, input)),
    'id1 0 duplicate\nid2 1 duplicate\n',
  );
  const third = stanzaseal(`archive ingest ${ARCHIVE} --owner ${JULIET} --json`, `${said('x', 'id2')}<message><`);
  assert.is(third.code, 1);
  assert.match(third.stderr, /^warning: stanza 1 is in quarantine as #2: ./m);
  assert.match(third.stderr, /^error: ERR_XML: stanza 2: ./m);
  const line = JSON.parse(third.stdout.toString());
  conformsTo('archiveIngest')(line);
  assert.equal([line.status, line.leafIndex], ['quarantined', 2]);
  assert.equal(readdirSync(join(folder, 'archive.db.signing')).sort(), [
    'checkpoint.pem',
    'checkpoint.pub.pem',
    'checkpoint.vkey',
    'newest.checkpoint',
    'origin',
    'record.pem',
    'record.pub.pem',
  ]);
  const whose = stanzaseal(`archive ingest ${ARCHIVE}`, '<message><body>whose?</body></message>');
  assert.equal([whose.code, whose.stdout.toString()], [1, '']);
  assert.match(whose.stderr, /ERR_ADDRESS: stanza 1/);
});

test('what is no archive, no verb or no option is refused, and nothing is made', () => {
  assert.match(stanzaseal(`archive page --archive sqlite:none.db --owner ${JULIET}`).stderr, /^error: ERR_NOT_FOUND: /);
  assert.not(existsSync(join(folder, 'none.db')));
  const lost = stanzaseal(`archive ingest ${ARCHIVE} --signing lost`, said('x', 'id9'));
  assert.match(lost.stderr, /^error: ERR_NOT_FOUND: lost holds no keys/, 'no second log over the same entries');
  for (const line of ['ingest --archive postgres://127.0.0.1/x', 'verify', 'serve'])
    assert.is(stanzaseal(`archive ${line}`).code, 2, line);
  assert.is(stanzaseal(`archive ingest ${ARCHIVE} --origin another.example`, said('x', 'id9')).code, 2);
});

test('contents that were put back from a backup can be read, and get no second history under the same name', () => {
  const archive = '--archive sqlite:restored.db';
  const place = (name: string) => join(folder, name);
  const files = () => readdirSync(folder).filter((name) => /^restored\.db(\.keys)?$/.test(name));
  done(stanzaseal(`archive ingest ${archive}`, said('kept', 'id1')));
  for (const name of files()) cpSync(place(name), place(`${name}.backup`));
  const newest = () => readFileSync(place('restored.db.signing/newest.checkpoint'), 'utf8').split('\n')[1];
  assert.is(newest(), '1');
  done(stanzaseal(`archive ingest ${archive}`, said('lost with the disk', 'id2')));
  assert.is(newest(), '2');
  for (const name of files()) cpSync(place(`${name}.backup`), place(name));
  const refused =
    /^error: ERR_PROOF: contents did not grow from the checkpoint in restored\.db\.signing.newest\.checkpoint/;
  for (const line of [`ingest ${archive}`, `verify ${archive}`, `hold ${archive} --owner ${JULIET} --reason x`])
    assert.match(stanzaseal(`archive ${line}`, said('another second entry', 'id3')).stderr, refused, line);
  assert.match(done(stanzaseal(`archive export ${archive}`)), /kept/);
  assert.is(newest(), '2', 'what is only read is remembered by nobody');
  for (const name of files()) rmSync(place(name));
  assert.match(stanzaseal(`archive ingest ${archive}`, said('from the start', 'id4')).stderr, refused);
  assert.equal(files(), [], 'nothing was made');
});

test.run();
