/**
 * The seams through which everything trusted comes in: primitives, randomness, private keys. A port answers `undefined`
 * for "not mine"; a throw means "mine, but it failed".
 * @module
 */

/** A value, or a promise of it: a provider that computes synchronously need not pretend otherwise. */
export type MaybePromise<T> = T | Promise<T>;

/** What comes of a value or of a promise of it: at once where it is there, since awaiting what is no promise costs a turn of the queue. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Algorithms of bare keys: Ed25519 signs, X25519 agrees, P-256 signs. */
export type KeyAlgorithm = 'Ed25519' | 'X25519' | 'P-256';

/** A public key as a primitive needs it: 32 octets for Ed25519 and X25519, an uncompressed point of 65 octets for P-256. */
export interface RawPublicKey {
  /** What the key is for. */
  readonly algorithm: KeyAlgorithm;
  /** The key's octets. */
  readonly raw: Uint8Array;
}

/** A bare public key: a checked raw key and its identifier, SHA-256 of the DER SubjectPublicKeyInfo (32 octets). */
export interface PublicKey extends RawPublicKey {
  /** SHA-256 of the SubjectPublicKeyInfo: fingerprint, subjectKeyIdentifier and database key in one. */
  readonly keyIdentifier: Uint8Array;
}

/** Gives `length` fresh random octets. Always an argument: there is no default source. */
export type RandomSource = (length: number) => Uint8Array;

/** Gives the present time in ms since 1970. Always an argument. */
export type Clock = () => number;

/** Signs with one private key, wherever it lives. */
export interface SigningKey {
  /** The public half. */
  readonly publicKey: PublicKey;
  /** Signature over octets: 64 octets for Ed25519 (RFC 8032), DER ECDSA-Sig-Value for P-256 with SHA-256 (RFC 5480). */
  sign(octets: Uint8Array): MaybePromise<Uint8Array>;
}

/** Agrees with one private key, wherever it lives. */
export interface AgreementKey {
  /** The public half. */
  readonly publicKey: RawPublicKey;
  /** Shared secret of 32 octets with a peer's public key (RFC 7748 §6.1). Throws for a key that yields none. */
  agree(peer: RawPublicKey): MaybePromise<Uint8Array>;
}

/** Own agreement keys by their identifiers. */
export interface AgreementKeys {
  /** The private key of an identifier, or `undefined` when it is not ours. */
  find(keyIdentifier: Uint8Array): MaybePromise<AgreementKey | undefined>;
}

/** Base64 in its one canonical form (RFC 4648 §4): no white space, padding present, unused bits zero. */
export interface Base64 {
  /** Text of octets, padded. */
  encode(octets: Uint8Array): string;
  /** Octets of a canonical text. @throws CmsError `ERR_DER` for any other text (F13) */
  decode(text: string): Uint8Array;
}

/**
 * The primitives. Implementations hold no state but a cache of imported keys. Octets given are never changed, but for `into`, nor kept.
 * Failures of authentication throw; callers map every throw to their one error.
 */
export interface CryptoProvider {
  /** For messages and reports: `node:crypto`, `WebCrypto`. */
  readonly name: string;
  /** SHA-256 (FIPS 180-4). */
  sha256(octets: Uint8Array): MaybePromise<Uint8Array>;
  /** SHA-512 (FIPS 180-4). */
  sha512(octets: Uint8Array): MaybePromise<Uint8Array>;
  /** HKDF-SHA-256 (RFC 5869): extract with `salt` (empty: 32 zero octets), expand to `length` octets, 8160 at most (§2.3). */
  hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): MaybePromise<Uint8Array>;
  /** AES-256 key wrap (RFC 3394): 8 octets longer than `key`. */
  wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array): MaybePromise<Uint8Array>;
  /** The reverse of `wrapKey`; throws when the integrity check fails. */
  unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array): MaybePromise<Uint8Array>;
  /**
   * AES-256-GCM with a nonce of 12 octets: the ciphertext followed by the tag of 16 octets.
   * @param into where to write them, of exactly their length; it may be where the plaintext stands
   */
  encryptAesGcm(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    into?: Uint8Array,
  ): MaybePromise<Uint8Array>;
  /** The reverse of `encryptAesGcm`, with the tag (16 octets, no other length: CVE-2026-34182) given apart; throws on a wrong tag and gives nothing out before. */
  decryptAesGcm(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
    tag: Uint8Array,
  ): MaybePromise<Uint8Array>;
  /** The raw public key of a secret: the 32-octet seed (Ed25519), scalar string (X25519) or scalar (P-256). */
  rawPublicKey(algorithm: KeyAlgorithm, secret: Uint8Array): MaybePromise<Uint8Array>;
  /** A signing key of a secret and its public key. */
  signingKey(publicKey: PublicKey, secret: Uint8Array): MaybePromise<SigningKey>;
  /** An agreement key of a secret of 32 octets; computes the public half where it is not given. */
  agreementKey(secret: Uint8Array, publicKey?: RawPublicKey): MaybePromise<AgreementKey>;
  /** Whether a signature over octets is good; `false`, never a throw, for any octets that are no good signature. */
  verify(publicKey: RawPublicKey, octets: Uint8Array, signature: Uint8Array): MaybePromise<boolean>;
  /** Base64 in native code, where the runtime has it: as strict as ours, and many times as fast. */
  readonly base64?: Base64;
}
