/**
 * The primitives of the general profile, as a port. The sealed profile has its own, narrower one (`CryptoProvider`).
 * @module
 */
import type { MaybePromise, RandomSource } from '../ports.js';
import type { GeneralKeyAlgorithm, GeneralPrivateKey, GeneralPublicKey } from './generalKey.js';

/** Hash functions. SHA-1 is there for what others have written (key identifiers, X9.63 key derivation, PBKDF2) and is never written. */
export type HashName = 'SHA-1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** Authenticated content encryption (RFC 5084, RFC 8103): 16, 24 or 32 octets of key, 12 octets of nonce when writing. */
export type AeadName = 'AES-128-GCM' | 'AES-192-GCM' | 'AES-256-GCM' | 'ChaCha20-Poly1305';

/** How a signature is made: what a CMS signatureAlgorithm says, taken apart. */
export type SignatureScheme =
  | { readonly name: 'Ed25519' }
  | { readonly name: 'ECDSA'; readonly hash: HashName }
  /** RFC 4056: MGF1 with the same hash; `saltLength` in octets. */
  | { readonly name: 'RSA-PSS'; readonly hash: HashName; readonly saltLength: number }
  /** RFC 9882: pure ML-DSA, empty context string. */
  | { readonly name: 'ML-DSA' };

/** RSA-OAEP parameters (RFC 4055 §4.1). */
export interface OaepParameters {
  /** Hash of the label. */
  readonly hash: HashName;
  /** Hash of MGF1. */
  readonly mgfHash: HashName;
  /** pSpecified: empty normally. */
  readonly label: Uint8Array;
}

/** Encryption by an AEAD in pieces: for content that does not fit into memory. */
export interface SealStream {
  /** Gives the next piece of the ciphertext. */
  update(octets: Uint8Array): Uint8Array;
  /** Ends it and gives the tag of 16 octets. */
  final(): Uint8Array;
}

/** Decryption by an AEAD in pieces. */
export interface OpenStream {
  /** Gives the next piece of the plaintext; nothing of it is authentic before `final` returned. */
  update(octets: Uint8Array): Uint8Array;
  /** Ends it; throws on a wrong tag, and on one of another length than announced. */
  final(tag: Uint8Array): void;
}

/** A hash that takes its input in pieces. */
export interface HashStream {
  /** Takes the next piece. */
  update(octets: Uint8Array): void;
  /** The digest. */
  digest(): Uint8Array;
}

/**
 * The primitives. Octets given are never changed nor kept. Failures of authentication throw; callers map every throw to their
 * one error. What a provider does not have throws CmsError `ERR_UNSUPPORTED`.
 */
export interface GeneralCrypto {
  /** For messages and reports: `node:crypto`, `WebCrypto`. */
  readonly name: string;
  /** Imports a SubjectPublicKeyInfo. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
  importPublicKey(spki: Uint8Array): MaybePromise<GeneralPublicKey>;
  /** Imports a PKCS#8 key; ML-KEM and ML-DSA in all three forms of RFC 9935 and RFC 9881, checked against each other. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
  importPrivateKey(pkcs8: Uint8Array): MaybePromise<GeneralPrivateKey>;
  /** Makes a key. RSA keys (3072 bits) come from the platform's own generator, all others from `random`. */
  generatePrivateKey(algorithm: GeneralKeyAlgorithm, random: RandomSource): MaybePromise<GeneralPrivateKey>;

  /** A digest. */
  digest(hash: HashName, octets: Uint8Array): MaybePromise<Uint8Array>;
  /** HMAC (RFC 2104). */
  hmac(hash: HashName, key: Uint8Array, octets: Uint8Array): MaybePromise<Uint8Array>;
  /** HKDF (RFC 5869). */
  hkdf(hash: HashName, ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): MaybePromise<Uint8Array>;
  /** PBKDF2 with HMAC (RFC 8018 §5.2). */
  pbkdf2(
    hash: HashName,
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
  ): MaybePromise<Uint8Array>;
  /** scrypt (RFC 7914). */
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    cost: { readonly n: number; readonly r: number; readonly p: number },
    length: number,
  ): MaybePromise<Uint8Array>;

  /** ECDH or X25519: the shared secret (x-coordinate for P-256 and P-384). Throws for a point that is not on the curve, and for an all-zero secret. */
  agree(key: GeneralPrivateKey, peer: GeneralPublicKey): MaybePromise<Uint8Array>;
  /** RSAES-OAEP. */
  encryptOaep(key: GeneralPublicKey, parameters: OaepParameters, octets: Uint8Array): MaybePromise<Uint8Array>;
  /** The reverse. */
  decryptOaep(key: GeneralPrivateKey, parameters: OaepParameters, octets: Uint8Array): MaybePromise<Uint8Array>;
  /** ML-KEM encapsulation (FIPS 203): draws 32 octets from `random`. */
  encapsulate(
    key: GeneralPublicKey,
    random: RandomSource,
  ): MaybePromise<{ readonly sharedSecret: Uint8Array; readonly ciphertext: Uint8Array }>;
  /** ML-KEM decapsulation; implicit rejection gives a secret that fits nothing. Throws for a ciphertext of another length. */
  decapsulate(key: GeneralPrivateKey, ciphertext: Uint8Array): MaybePromise<Uint8Array>;

  /** AES key wrap (RFC 3394) by a key of 16, 24 or 32 octets. */
  wrapKey(keyEncryptionKey: Uint8Array, key: Uint8Array): MaybePromise<Uint8Array>;
  /** The reverse; throws when the integrity check fails. */
  unwrapKey(keyEncryptionKey: Uint8Array, wrapped: Uint8Array): MaybePromise<Uint8Array>;
  /** AES-CBC without padding, for PWRI-KEK alone (RFC 3211 §2.3). */
  encryptCbc(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): MaybePromise<Uint8Array>;
  /** The reverse. */
  decryptCbc(key: Uint8Array, iv: Uint8Array, octets: Uint8Array): MaybePromise<Uint8Array>;

  /** AEAD encryption: ciphertext followed by the tag of 16 octets. */
  seal(
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): MaybePromise<Uint8Array>;
  /** The reverse; the tag may have 12 to 16 octets for GCM (RFC 5084 §3.2), its length being the caller's to check. Nothing comes out before it fits. */
  open(
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
    tag: Uint8Array,
  ): MaybePromise<Uint8Array>;

  /** A signature: raw for Ed25519 and ML-DSA, DER ECDSA-Sig-Value, an RSA integer. ML-DSA draws 32 octets from `random`. */
  sign(
    key: GeneralPrivateKey,
    scheme: SignatureScheme,
    octets: Uint8Array,
    random: RandomSource,
  ): MaybePromise<Uint8Array>;
  /** Whether a signature is good; `false`, never a throw, for octets that are no good signature. */
  verify(
    key: GeneralPublicKey,
    scheme: SignatureScheme,
    octets: Uint8Array,
    signature: Uint8Array,
  ): MaybePromise<boolean>;

  /** AEAD encryption in pieces; only where the platform can. */
  sealStream?(aead: AeadName, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array): SealStream;
  /** AEAD decryption in pieces, under a tag of `tagLength` octets that comes last; only where the platform can. */
  openStream?(aead: AeadName, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, tagLength: number): OpenStream;
  /** A digest in pieces; only where the platform can. */
  digestStream?(hash: HashName): HashStream;
}
