/**
 * Writes vectors, or with `--check` compares them with those that are there. The output of a success is what the operation
 * gives; that it is the expected outcome at all is said by hand, and a vector that does anything else stops the script.
 * @module
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { runVector } from '../../packages/cli/src/vectors/checkVectors.js';
import type { Vector } from '../../packages/cli/src/vectors/vector.js';

export const crypto = createCryptoProvider();

/** A vector by hand: name of the file, what it shows, where that is demanded. */
export interface Draft extends Omit<Vector, 'name' | 'intermediate' | 'output'> {
  readonly file: string;
}

/** Writes or checks the vectors of a group. */
export async function writeVectors(group: string, drafts: readonly Draft[]): Promise<void> {
  const directory = fileURLToPath(new URL(`../../test-vectors/${group}/`, import.meta.url));
  const check = process.argv.includes('--check');
  if (!check) mkdirSync(directory, { recursive: true });
  let stale = 0;
  for (const { file, ...draft } of drafts) {
    const name = `${group}/${file}`;
    const result = await runVector({ name, ...draft }, crypto);
    const outcome = 'code' in result ? result.code : 'success';
    if (outcome !== draft.expect) throw new Error(`${name}: expected ${draft.expect}, got ${outcome}`);
    const text = `${JSON.stringify({ name, ...draft, ...('code' in result ? {} : result) }, undefined, 2)}\n`;
    const path = `${directory}${file}.json`;
    if (!check) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      console.error(`${name} is stale`);
      stale++;
    }
  }
  const files = new Set(drafts.map(({ file }) => `${file}.json`));
  if (files.size !== drafts.length) throw new Error(`${group}: two vectors of one name`);
  for (const file of existsSync(directory) ? readdirSync(directory) : []) {
    if (files.has(file)) continue;
    console.error(`${group}/${file} is made by no script`);
    stale++;
  }
  console.log(
    `${group}: ${drafts.length} vectors, ${drafts.filter(({ expect }) => expect !== 'success').length} refusals`,
  );
  if (stale > 0) process.exitCode = 1;
}

/** Octets that look random and are the same every time: SHA-512 of the label, as many as asked for. */
export function octets(label: string, length: number): string {
  let text = '';
  for (let i = 0; text.length < 2 * length; i++)
    text += createHash('sha512').update(`stanzaseal vector ${label} ${i}`).digest('hex');
  return text.slice(0, 2 * length);
}

/** Hexadecimal of a UTF-8 text. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

/** A copy with one octet changed by XOR; negative positions count from the end. */
export function flipped(hex: string, position: number, mask = 1): string {
  const copy = Buffer.from(hex, 'hex');
  const at = position < 0 ? copy.length + position : position;
  copy[at] = (copy[at] as number) ^ mask;
  return copy.toString('hex');
}
