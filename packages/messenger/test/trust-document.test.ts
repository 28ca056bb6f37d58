/** docs/trust.md: every cell of the table of levels names a test, and every named test exists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('trust, the document');
const text = readFileSync(join(repositoryRoot, 'docs/trust.md'), 'utf8');
const rows = text.split('\n').filter((line) => /^\| `(unverified|vouched|endorsed|verified)` \|/.test(line));

test('the table has every level, and a test in every cell', () => {
  assert.is(rows.length, 4);
  for (const row of rows) {
    const cells = row.split(' | ').slice(1);
    assert.is(cells.length, 3, row);
    for (const cell of cells) assert.match(cell, /\]\(\.\.\/[\w./-]+\.test\.ts\) "[^"]+"/, cell);
  }
});

test('each named test exists, by its title', () => {
  const references = [...text.matchAll(/\]\(\.\.\/([\w./-]+\.test\.ts)\) "([^"]+)"/g)];
  assert.ok(references.length >= 12);
  for (const [, file = '', title = ''] of references) {
    const source = readFileSync(join(repositoryRoot, file), 'utf8').replaceAll("\\'", "'");
    assert.ok(source.includes(title), `${file}: ${title}`);
  }
});

test.run();
