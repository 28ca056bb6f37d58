/**
 * Writes the vectors of `test-vectors/evidence` and `test-vectors/archive`, or with `--check` compares them with those that are there. What must be refused is
 * said by hand; a vector that does anything else stops the script.
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type EvidenceVector,
  type Fields,
  runEvidenceVector,
} from '../../packages/archive/test/evidence/evidenceVector.js';

/** A vector by hand. */
export type Draft = Omit<EvidenceVector, 'name' | 'output' | 'expect'> & {
  readonly file: string;
  readonly expect?: string;
};

/** Where our own formats are written down. */
export const SPEC = 'docs/specification.md, evidence';

/** What must be refused. */
export const bad = (
  file: string,
  title: string,
  evidence: string,
  input: Fields,
  source = SPEC,
  expect = 'ERR_PROOF',
): Draft => ({
  file,
  title,
  source,
  evidence,
  expect,
  input,
});

/** What must be done. */
export const good = (file: string, title: string, evidence: string, input: Fields, source = SPEC): Draft => ({
  file,
  title,
  source,
  evidence,
  input,
});

/** Writes or checks them all. */
export async function write(drafts: readonly Draft[], group: 'evidence' | 'archive' = 'evidence'): Promise<void> {
  const directory = fileURLToPath(new URL(`../../test-vectors/${group}/`, import.meta.url));
  const check = process.argv.includes('--check');
  mkdirSync(directory, { recursive: true });
  let stale = 0;
  for (const { file, expect = 'success', ...draft } of drafts) {
    const name = `${group}/${file}`;
    const result = await runEvidenceVector(draft);
    const outcome = typeof result === 'string' ? result : 'success';
    if (outcome !== expect) throw new Error(`${name}: expected ${expect}, got ${outcome}`);
    const { title, source, evidence, input } = draft;
    const vector = {
      name,
      title,
      source,
      evidence,
      expect,
      input,
      ...(typeof result === 'string' ? {} : { output: result }),
    };
    const text = `${JSON.stringify(vector, undefined, 2)}\n`;
    const place = `${directory}${file}.json`;
    if (!check) writeFileSync(place, text);
    else if (!existsSync(place) || readFileSync(place, 'utf8') !== text) {
      console.error(`${name} is stale`);
      stale++;
    }
  }
  const files = new Set(drafts.map(({ file }) => `${file}.json`));
  if (files.size !== drafts.length) throw new Error(`${group}: two vectors of one name`);
  for (const file of readdirSync(directory).filter((each) => each.endsWith('.json') && !files.has(each))) {
    console.error(`${group}/${file} is made by no script`);
    stale++;
  }
  const refusals = drafts.filter(({ expect = 'success' }) => expect !== 'success').length;
  console.log(`${group}: ${drafts.length} vectors, ${refusals} refusals`);
  if (stale > 0) process.exitCode = 1;
}
