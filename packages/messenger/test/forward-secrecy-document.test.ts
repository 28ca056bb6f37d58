/** docs/forward-secrecy.md: every sentence that promises something names a test, and every named test exists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('forward secrecy, the document');
const text = readFileSync(join(repositoryRoot, 'docs/forward-secrecy.md'), 'utf8');
const promises = text.slice(text.indexOf('## A talking pair'), text.indexOf('## What is not promised'));
const references = [...promises.matchAll(/\]\(\.\.\/([\w./-]+\.test\.ts)\)\s+"([^"]+)"/g)];

test('each named test exists, by its title', () => {
  assert.ok(references.length >= 18);
  for (const [, file = '', title = ''] of references) {
    const source = readFileSync(join(repositoryRoot, file), 'utf8').replaceAll("\\'", "'");
    assert.ok(source.includes(title), `${file}: ${title}`);
  }
});

test('each sentence of the promises names a test, or the model', () => {
  const sentences = promises.split(/\n(?=- )/).filter((part) => part.startsWith('- '));
  assert.ok(sentences.length >= 16);
  for (const sentence of sentences) assert.match(sentence, /\.test\.ts|models\/README/, sentence.slice(0, 80));
});

test.run();
