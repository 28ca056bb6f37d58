// What storageSuite.ts takes from fixture.ts, for a page.
import type { Clock, CryptoProvider } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider/webcrypto';
import { KeyStoreError, type KeyStoreErrorCode } from '../../src/index.js';

export { systemRandom as random } from '@stanzaseal/cms/provider/webcrypto';
export const crypto: CryptoProvider = createCryptoProvider();
export const clock: Clock = () => Date.UTC(2026, 0, 31, 12);
export const owner = 'juliet@capulet.example';

/** The code of the KeyStoreError that something ends in; any other end fails the test. */
export async function codeOf(action: () => unknown): Promise<KeyStoreErrorCode> {
  const error = await errorOf(action);
  if (error instanceof KeyStoreError) return error.code;
  throw error;
}

/** The error that something ends in. */
export async function errorOf(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
