// SoftHSM tokens of a test's own, in a directory that goes at exit; `undefined` with a `SKIPPED` line where there is no SoftHSM.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cryptoki, loadCryptoki } from '../src/pkcs11/cryptoki.js';
import { temporaryDirectory } from './fixture.js';

export const PIN = '5678-4321';

const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/lib64/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];

export interface SoftHsm {
  readonly library: string;
  readonly cryptoki: Cryptoki;
  /** Where the tokens are, each in a directory of its own. */
  readonly directory: string;
}

/** SoftHSM with tokens of these labels. Once a process: the library reads its configuration when it begins. */
export async function softHsm(...labels: readonly string[]): Promise<SoftHsm | undefined> {
  const library = LIBRARIES.find((path) => existsSync(path));
  if (library === undefined) return void console.log('SKIPPED: no softhsm2 (apt-get install softhsm2)');
  const directory = temporaryDirectory();
  mkdirSync(directory);
  const configuration = join(directory, '..', 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${directory}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env.SOFTHSM2_CONF = configuration;
  for (const label of labels) {
    const pins = ['--so-pin', '1234-8765', '--pin', PIN];
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins], { stdio: 'ignore' });
  }
  try {
    return { library, cryptoki: await loadCryptoki(library), directory };
  } catch (error) {
    if (!/pkcs11js/.test((error as Error).message)) throw error;
    return void console.log('SKIPPED: pkcs11js is not compiled (node scripts/buildPkcs11.mjs)');
  }
}
