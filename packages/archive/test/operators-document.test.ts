/** docs/for-archive-operators.md: K1 to K16 each have a row, every row names a test, and every named test exists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('archive operators, the document');
const text = readFileSync(join(repositoryRoot, 'docs/for-archive-operators.md'), 'utf8');
const rows = text.split('\n').filter((line) => /^\| K\d+ \|/.test(line));
const REFERENCE = /\]\(\.\.\/([\w./-]+\.ts)\) "([^"]+)"/g;

test('each attack has a row, and each row a test', () => {
  assert.equal(
    rows.map((row) => row.split(' ')[1]),
    Array.from({ length: 16 }, (_, i) => `K${i + 1}`),
  );
  for (const row of rows) assert.ok([...row.matchAll(REFERENCE)].length > 0, row);
});

test('each named test exists, by its title, and is of that attack', () => {
  for (const row of rows) {
    const attack = row.split(' ')[1] as string;
    const titles = [...row.matchAll(REFERENCE)].map(([, file = '', title = '']) => {
      const source = readFileSync(join(repositoryRoot, file), 'utf8').replaceAll("\\'", "'");
      assert.ok(source.includes(`'${title}'`), `${file}: ${title}`);
      return title;
    });
    assert.ok(
      titles.some((title) => new RegExp(`\\b${attack}\\b`).test(title)),
      `${attack} is in the title of a test of its row`,
    );
  }
});

test.run();
