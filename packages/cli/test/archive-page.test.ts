// Pages of an archive at the shell.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHIVE, done, JULIET, keepThree } from './archiveFixture.js';
import { conformsTo } from './jsonSchema.js';
import { stanzaseal } from './shell.js';

const test = suite('archive page at the shell');

test.before(keepThree);

test('page gives messages in the order of the log, a line each', () => {
  const page = `archive page ${ARCHIVE} --owner ${JULIET}`;
  const lines = done(stanzaseal(page)).split('\n');
  assert.is(lines.length, 3);
  assert.match(lines[1] as string, /and&#10;I’ll be new baptized/);
  const [only, rest] = done(stanzaseal(`${page} --with romeo@montague.example --start 2026-11-02 --json`)).split('\n');
  assert.is(rest, '');
  const entry = JSON.parse(only as string);
  conformsTo('archivePage')(entry);
  assert.equal([entry.id, entry.receivedAt, entry.sealed], ['id2', '2026-11-02T10:00:00.000Z', false]);
  for (const [options, id] of [
    ['--after id1', 'id2'],
    ['--before id2', 'id1'],
    ['--before --max 1', 'id2'],
  ] as const) {
    const found = done(stanzaseal(`${page} --json ${options}`))
      .trim()
      .split('\n');
    assert.equal(
      found.map((each) => JSON.parse(each).id),
      [id],
      options,
    );
  }
  assert.match(stanzaseal(`${page} --after none`).stderr, /^error: ERR_NOT_FOUND: /);
  assert.is(stanzaseal(`archive page ${ARCHIVE} --owner ${JULIET}/balcony`).code, 2);
  assert.is(stanzaseal(`${page} --start yesterday`).code, 2);
});

test.run();
