/** For tests of `stanzaseal cms`: keys, a letter, and what every refusal has in common. */
import * as assert from 'uvu/assert';
import { type Outcome, stanzaseal, write } from './shell.js';

/** The content. */
export const LETTER = 'Parting is such sweet sorrow\n';
/** Its type. */
export const TYPE = '--content-type 2.25.1';

/** Makes the keys `sign`, `other`, `p256`, `agree`, `foreign`, each as NAME.pem and NAME.pub, and letter.txt. */
export function makeKeys(): void {
  for (const [name, algorithm] of [
    ['sign', 'ed25519'],
    ['other', 'ed25519'],
    ['p256', 'p256'],
    ['agree', 'x25519'],
    ['foreign', 'x25519'],
  ]) {
    assert.is(stanzaseal(`key generate --algorithm ${algorithm} --out ${name}.pem`).code, 0);
    assert.is(stanzaseal(`key public --in ${name}.pem --out ${name}.pub`).code, 0);
  }
  write('letter.txt', LETTER);
}

/** Checks the one answer to everything that is wrong. */
export function refused({ code, stdout, stderr }: Outcome, line: RegExp, exitCode = 1): void {
  assert.match(stderr, line);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.is(code, exitCode);
  assert.is(stdout.length, 0);
}

/** A copy with one bit changed. */
export function flipped(octets: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
