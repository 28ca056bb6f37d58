/**
 * The keys of an open store, all derived from the key that its secret gives and from all that is fixed in its head.
 * @module
 */
import { type CryptoProvider, concat, equalConstantTime, type MaybePromise, toUtf8 } from '@stanzaseal/cms';
import { KeyStoreError } from './keyStoreError.js';
import { type StoreHead, stemOf } from './storeHead.js';
import { STORE_KEY_LENGTH, type StoreSecret } from './storeSecret.js';

/** Keys by HKDF-SHA-256 (RFC 5869). It never prints what it holds (E10). */
export class StoreKeys {
  /** What the keys belong to. */
  readonly head: StoreHead;
  readonly #root: Uint8Array;
  readonly #crypto: CryptoProvider;
  #slotKey: Uint8Array | undefined;

  private constructor(head: StoreHead, root: Uint8Array, crypto: CryptoProvider) {
    this.head = head;
    this.#root = root;
    this.#crypto = crypto;
  }

  /** The keys of a head, by the key that its secret gave, which is from now on this object's. @throws TypeError for a key that is not 32 octets */
  static of(head: StoreHead, root: Uint8Array, crypto: CryptoProvider): StoreKeys {
    if (root.length !== STORE_KEY_LENGTH) throw new TypeError('secret gave a key that is not 32 octets');
    return new StoreKeys(head, root, crypto);
  }

  /**
   * Asks a secret for the keys of a head that was read.
   * @throws KeyStoreError `ERR_PASSPHRASE` when it is of another kind or gives another key; what the secret throws
   */
  static async open(
    head: StoreHead,
    commitment: Uint8Array,
    secret: StoreSecret,
    crypto: CryptoProvider,
  ): Promise<StoreKeys> {
    checkKind(head, secret);
    const keys = StoreKeys.of(head, await secret.open(head.salt, head.parameters), crypto);
    // GCM opens under more than one key (D2), and damage is to be told from a wrong passphrase: the key first.
    if (await keys.isOf(commitment)) return keys;
    keys.erase();
    throw new KeyStoreError('ERR_PASSPHRASE', 'passphrase or key does not open the key store');
  }

  /** The keys of the same store under another secret. */
  async under(secret: StoreSecret): Promise<StoreKeys> {
    const { key, parameters } = await secret.create(Uint8Array.from(this.head.salt));
    return StoreKeys.of({ ...this.head, secretKind: secret.kind, parameters }, key, this.#crypto);
  }

  /** Tells one key from another and nothing about either. */
  commitment(): MaybePromise<Uint8Array> {
    return this.#derive('commitment');
  }

  /** Whether a store says that its key is this one. */
  async isOf(commitment: Uint8Array): Promise<boolean> {
    return equalConstantTime(await this.commitment(), commitment);
  }

  /** The key of the records of one file. */
  fileKey(fileId: Uint8Array): MaybePromise<Uint8Array> {
    return this.#derive('file', fileId);
  }

  /** The key under which erasure keys lie in their slots: one array, which goes with this object. */
  async slotKey(): Promise<Uint8Array> {
    this.#slotKey ??= await this.#derive('slots');
    return this.#slotKey;
  }

  /** Overwrites the keys in memory, but for those of files, which are their users' to overwrite. */
  erase(): void {
    this.#root.fill(0);
    this.#slotKey?.fill(0);
  }

  #derive(purpose: string, context: Uint8Array = new Uint8Array(0)): MaybePromise<Uint8Array> {
    const info = concat(toUtf8(`stanzaseal/store/2 ${purpose}`), context);
    return this.#crypto.hkdfSha256(this.#root, stemOf(this.head), info, 32);
  }
}

/** Never another kind of secret than the store names: what would open it instead might be weaker. @throws KeyStoreError `ERR_PASSPHRASE` */
export function checkKind({ secretKind }: Pick<StoreHead, 'secretKind'>, secret: StoreSecret): void {
  if (secret.kind === secretKind) return;
  throw new KeyStoreError('ERR_PASSPHRASE', `key store is opened by a ${secretKind}, not by a ${secret.kind}`);
}
