import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { providers } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkVector, OPERATIONS, readVectors } from '../src/vectors/checkVectors.js';
import type { Vector } from '../src/vectors/vector.js';

const test = suite('test vectors');
const directory = fileURLToPath(new URL('../../../test-vectors', import.meta.url));
const vectors = readVectors(directory);

test('there are at least 60, a third of them refusals, of every operation', () => {
  assert.ok(vectors.length >= 60);
  assert.ok(vectors.filter(({ expect }) => expect !== 'success').length * 3 >= vectors.length);
  const operations = new Set(vectors.map(({ operation }) => operation));
  assert.equal([...operations].sort(), Object.keys(OPERATIONS).sort());
});

test('each is named after its file and has the members of the schema', () => {
  const schema = JSON.parse(readFileSync(join(directory, 'vector.schema.json'), 'utf8'));
  const known = new Set(Object.keys(schema.properties));
  for (const group of readdirSync(directory, { withFileTypes: true })) {
    if (!group.isDirectory()) continue;
    for (const file of readdirSync(join(directory, group.name))) {
      if (!file.endsWith('.json')) continue;
      const vector: Partial<Vector> = JSON.parse(readFileSync(join(directory, group.name, file), 'utf8'));
      if (vector.operation === undefined) continue;
      assert.is(vector.name, `${group.name}/${file.replace(/\.json$/, '')}`);
      assert.equal(
        Object.keys(vector).filter((key) => !known.has(key)),
        [],
        vector.name,
      );
      assert.equal(
        schema.required.filter((key: string) => !(key in vector)),
        [],
        vector.name,
      );
      assert.ok(schema.properties.operation.enum.includes(vector.operation), vector.name);
      assert.ok(schema.properties.expect.enum.includes(vector.expect), vector.name);
      assert.is(vector.output !== undefined, vector.expect === 'success', vector.name);
    }
  }
});

test('a vector that expects something else fails', async () => {
  const [[, crypto]] = providers() as [[string, Parameters<typeof checkVector>[1]]];
  const vector = vectors.find(({ name }) => name === 'keys/x25519') as Vector;
  assert.type((await checkVector({ ...vector, expect: 'ERR_DER' }, crypto)).failure, 'string');
  assert.type((await checkVector({ ...vector, output: { algorithm: 'X25519' } }, crypto)).failure, 'string');
});

for (const [name, crypto] of providers()) {
  test(`all pass with ${name}`, async () => {
    for (const vector of vectors)
      assert.is((await checkVector(vector, crypto)).failure, undefined, `${vector.name} with ${name}`);
  });
}

test.run();
