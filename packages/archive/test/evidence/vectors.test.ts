// The vectors of `test-vectors/evidence` and `test-vectors/archive`, as anybody would run them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '@stanzaseal/cms';
import { repositoryRoot } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EVIDENCE_FUNCTIONS, type EvidenceVector, runEvidenceVector } from './evidenceVector.js';
import { plainHash, plainPath, plainProof, plainRoot } from './evidenceWorld.js';
import { RIGHTS_FUNCTIONS } from './rightsVector.js';

const test = suite('vectors of evidence');
const vectors = ['evidence', 'archive'].flatMap((group) => {
  const folder = join(repositoryRoot, 'test-vectors', group);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as EvidenceVector);
});

for (const vector of vectors)
  test(`${vector.name}: ${vector.title}`, async () => {
    const result = await runEvidenceVector(vector);
    if (vector.expect === 'success') assert.equal(result, vector.output);
    else {
      assert.is(result, vector.expect);
      assert.is(vector.output, undefined);
    }
  });

test('every function has a vector that succeeds', () => {
  const done = new Set(vectors.filter(({ expect }) => expect === 'success').map(({ evidence }) => evidence));
  assert.equal([...done].sort(), Object.keys({ ...EVIDENCE_FUNCTIONS, ...RIGHTS_FUNCTIONS }).sort());
});

test('the reference trees and proofs of Certificate Transparency are those of the definitions too', () => {
  const tree = vectors.find(({ evidence }) => evidence === 'tree') as EvidenceVector;
  const leaves = (tree.input.leaves as string[]).map((leaf) => plainHash(Uint8Array.of(0), fromHex(leaf)));
  const roots = tree.output?.roots as string[];
  roots.forEach((root, size) => {
    assert.is(toHex(plainRoot(leaves.slice(0, size))), root);
  });
  for (const { name, evidence, input } of vectors.filter((each) => each.name.includes('-reference-'))) {
    const { index, size, first, second, path } = input as Record<string, number> & { path: string[] };
    const nodes =
      evidence === 'inclusion'
        ? plainPath(index as number, leaves.slice(0, size))
        : plainProof(first as number, leaves.slice(0, second));
    assert.equal(nodes.map(toHex), path, name);
  }
});

test.run();
