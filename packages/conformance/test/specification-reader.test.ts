/** The reader in Python says what is wrong, is not taken for a success where it did not run, and runs on vectors of this repository. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runSpecificationReader } from '../src/peers/specificationReader.js';

const VECTORS = fileURLToPath(new URL('../../../test-vectors/', import.meta.url));
const test = suite('the reader of the specification');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-reader-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with some vectors, the last one changed. */
function someVectors(name: string, change: (text: string) => string): string {
  const vectors = join(folder, name);
  mkdirSync(join(vectors, 'envelope'), { recursive: true });
  for (const file of ['tag-changed.json', 'decrypt-one-recipient.json']) {
    cpSync(join(VECTORS, 'envelope', file), join(vectors, 'envelope', file));
  }
  const last = join(vectors, 'envelope', 'decrypt-one-recipient.json');
  writeFileSync(last, change(readFileSync(last, 'utf8')));
  return vectors;
}

test('a Python without python3-cryptography is told, and is a failure where it must be there', async () => {
  const lenient = await runSpecificationReader(false, VECTORS, join(folder, 'no-python'));
  assert.is(lenient.failures.length, 0);
  assert.match(lenient.skips[0] ?? '', /needs python3-cryptography/);
  const strict = await runSpecificationReader(true, VECTORS, join(folder, 'no-python'));
  assert.is(strict.skips.length, 0);
  assert.match(strict.failures[0] ?? '', /needs python3-cryptography/);
});

const { skips } = await runSpecificationReader(false, folder);
if (skips.length > 0) console.log(`SKIPPED: ${skips.join()}`);
else {
  test('vectors that hold are counted', async () => {
    const { passed, failures } = await runSpecificationReader(
      true,
      someVectors('good', (text) => text),
    );
    assert.equal([passed, failures], [2, []]);
  });

  test('an octet of an expected value that is changed is a failure', async () => {
    const changed = someVectors('bad', (text) => text.replace(/"content": "../, '"content": "00'));
    const { passed, failures } = await runSpecificationReader(true, changed);
    assert.is(passed, 1);
    assert.match(failures[0] ?? '', /envelope\/decrypt-one-recipient: .*another content/);
    assert.is(failures.length, 1);
  });

  test('what must be refused and is not is a failure', async () => {
    const changed = someVectors('open', (text) => text.replace('"success"', '"ERR_OPEN"'));
    const { failures } = await runSpecificationReader(true, changed);
    assert.match(failures[0] ?? '', /not refused/);
  });
}

test.run();
