// What the tests of this package share: a provider, a fixed clock, one cheap cost, directories that go at exit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, CryptoProvider } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import type { ScryptCost } from '../src/fileStorage.js';
import { KeyStoreError, type KeyStoreErrorCode } from '../src/index.js';

export { systemRandom as random } from '@stanzaseal/cms/provider';
export const crypto: CryptoProvider = createCryptoProvider();
export const NOW: number = Date.UTC(2026, 0, 31, 12);
export const clock: Clock = () => NOW;
export const owner = 'juliet@capulet.example';
export const passphrase = 'wherefore art thou';
export const cost: ScryptCost = { N: 2 ** 16, r: 8, p: 1 };

const made: string[] = [];
process.once('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** Where a directory may be made; it goes when the tests end. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-keystore-'));
  made.push(directory);
  return join(directory, 'store');
}

/** The code of the KeyStoreError that something ends in; any other end fails the test. */
export async function codeOf(action: () => unknown): Promise<KeyStoreErrorCode> {
  try {
    await action();
  } catch (error) {
    if (error instanceof KeyStoreError) return error.code;
    throw error;
  }
  throw new Error('it was not refused');
}

/** The error that something ends in. */
export async function errorOf(action: () => unknown): Promise<NodeJS.ErrnoException> {
  try {
    await action();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('it did not fail');
}
