/** SoftHSM tokens for commands of a shell, in its folder. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { folder, write } from './shell.js';

/** The PIN of every token. */
export const PIN = '5678-4321';

/** SoftHSM, where it is installed. */
export const LIBRARY = '/usr/lib/softhsm/libsofthsm2.so';

/** Where the tokens are. */
export const tokens: string = join(folder, 'tokens');

/** Why a test of tokens cannot run here. */
export function missingToken(): string | undefined {
  if (!existsSync(LIBRARY)) return 'no softhsm2 (apt-get install softhsm2)';
  return isPkcs11Compiled() ? undefined : 'pkcs11js is not compiled (node scripts/buildPkcs11.mjs)';
}

/** Whether the package is there that talks to tokens: an optional one, which installing does not compile. */
export function isPkcs11Compiled(): boolean {
  try {
    createRequire(new URL('../../keystore/src/index.ts', import.meta.url))('pkcs11js');
    return true;
  } catch {
    return false;
  }
}

/** Makes tokens of these labels, which commands find. Once a process. */
export function makeTokens(...labels: readonly string[]): void {
  mkdirSync(tokens);
  write('softhsm2.conf', `directories.tokendir = ${tokens}\nobjectstore.backend = file\n`);
  process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
  for (const label of labels) {
    const pins = ['--so-pin', '1234-8765', '--pin', PIN];
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins], { stdio: 'ignore' });
  }
}
