/**
 * What opens a store: a port that gives a key for what the store's head says. The head names the kind of secret that sealed
 * the store, and every key is derived over that name: a store is never opened by another kind than it was sealed with.
 * @module
 */

/** Kinds of secrets, in the order of their numbers in a store's head, from 1. */
export const SECRET_KINDS = ['passphrase', 'given-key', 'keyring', 'pkcs11'] as const;

/** A kind of secret. */
export type StoreSecretKind = (typeof SECRET_KINDS)[number];

/** Length of a store key in octets. */
export const STORE_KEY_LENGTH = 32;

/** What opens a store. A key that it gives is the store's from then on, which overwrites it. */
export interface StoreSecret {
  /** Its kind. */
  readonly kind: StoreSecretKind;
  /**
   * The key (32 octets) of a new store, and what the store's head is to keep for opening it again: 1024 octets at most, not
   * secret.
   * @param salt 32 random octets that name the store
   */
  create(salt: Uint8Array): Promise<{ readonly key: Uint8Array; readonly parameters: Uint8Array }>;
  /**
   * The key of a store. A wrong one is noticed by the store; one that is not where it should be is `ERR_PASSPHRASE`, one that
   * is locked away or out of reach `ERR_LOCKED`.
   * @param parameters found in a file: anybody's octets until the store has opened
   * @throws KeyStoreError `ERR_CORRUPT` for parameters that are not of this kind or out of bounds (G2, G3), `ERR_PASSPHRASE`, `ERR_LOCKED`
   */
  open(salt: Uint8Array, parameters: Uint8Array): Promise<Uint8Array>;
  /** In words for people, with the cost of a guess where there is one; nothing secret. */
  describe(parameters: Uint8Array): string;
}

/**
 * A key of 32 octets that the application keeps, random and for this store alone. It is copied.
 * @throws RangeError for another length
 * @example
 * const storage = await createFileStorage({ directory, secret: givenKeySecret(key), random, crypto });
 */
export function givenKeySecret(key: Uint8Array): StoreSecret {
  if (key.length !== STORE_KEY_LENGTH) throw new RangeError('key is not 32 octets');
  const kept = Uint8Array.from(key);
  return Object.freeze({
    kind: 'given-key' as const,
    create: async () => ({ key: Uint8Array.from(kept), parameters: new Uint8Array(0) }),
    open: async () => Uint8Array.from(kept),
    describe: () => 'a key that the application keeps',
  });
}
