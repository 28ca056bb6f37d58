/** docs/forward-secrecy.md: every sentence that promises something names a test, every attack has one of its number, and each exists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('forward secrecy, the document');
const text = readFileSync(join(repositoryRoot, 'docs/forward-secrecy.md'), 'utf8');
const promises = text.slice(text.indexOf('## A talking pair'), text.indexOf('## Attacks on it'));
const REFERENCE = /\]\(\.\.\/([\w./-]+\.test\.ts)\)\s+"([^"]+)"/g;
const references = [...text.matchAll(REFERENCE)];
const rows = text.split('\n').filter((line) => /^\| [IJPT]\d+ \|/.test(line));

test('each named test exists, by its title', () => {
  assert.ok(references.length >= 60);
  for (const [, file = '', title = ''] of references) {
    const source = readFileSync(join(repositoryRoot, file), 'utf8').replaceAll("\\'", "'");
    assert.ok(source.includes(title), `${file}: ${title}`);
  }
});

test('each promise, and each thing that is not promised, names a test, or the model', () => {
  const sentences = promises.split(/\n(?=- )/).filter((part) => part.startsWith('- '));
  assert.ok(sentences.length >= 30);
  for (const sentence of sentences) assert.match(sentence, /\.test\.ts|models\/README/, sentence.slice(0, 80));
});

test('each attack has a row, and each row a test that is named by it', () => {
  const numbers = (letter: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`);
  assert.equal(
    rows.map((row) => row.split(' ')[1]),
    [...numbers('I', 1, 15), ...numbers('J', 2, 3), ...numbers('P', 22, 27), 'T07', 'T13'],
  );
  for (const row of rows) {
    const attack = new RegExp(`\\b${row.split(' ')[1]}\\b`);
    assert.ok(
      [...row.matchAll(REFERENCE)].some(([, , title]) => attack.test(title ?? '')),
      row.slice(0, 60),
    );
  }
});

test.run();
