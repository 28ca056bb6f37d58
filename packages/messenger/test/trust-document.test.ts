/** docs/trust.md: every cell of the table of levels names a test, so does every demand, promise and trap, and every named test exists. */
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

const HELD = [
  ...['R05', 'R06', 'R07', 'R08', 'R09', 'R13'],
  ...Array.from({ length: 15 }, (_, i) => `P${String(i + 1).padStart(2, '0')}`),
  ...['P30', 'T06', 'T22', 'T25'],
];

test('each demand, promise and trap has a row, and in it a test whose title names it', () => {
  const held = text.split('\n').filter((line) => /^\| [RPT]\d\d \|/.test(line));
  assert.equal(
    held.map((row) => row.slice(2, 5)),
    HELD,
  );
  for (const row of held) {
    const titles = [...row.matchAll(/\.test\.ts\) "([^"]+)"/g)].map(([, title]) => title as string);
    assert.ok(
      titles.some((title) => new RegExp(`\\b${row.slice(2, 5)}\\b`).test(title)),
      row,
    );
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
