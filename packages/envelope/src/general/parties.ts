/**
 * To whom content is encrypted, and with what it is opened.
 * @module
 */
import type { MaybePromise } from '@stanzaseal/cms';
import type { GeneralPrivateKey, GeneralPublicKey, KeyName, RecipientInfoToWrite } from '@stanzaseal/cms/general';

/**
 * A recipient who has a private key, under one of the names that the key goes by: SHA-256 of the SubjectPublicKeyInfo (ours), SHA-1
 * of the key (RFC 5280's, in most certificates), or the identifier that some certificate gives it.
 *
 * X25519: KeyAgreeRecipientInfo with HKDF-SHA-256 and without ukm (RFC 8418). P-256 and P-384: KeyAgreeRecipientInfo with
 * X9.63 and SHA-256 or SHA-384 (RFC 5753). RSA: KeyTransRecipientInfo with OAEP and SHA-256 (RFC 4055). ML-KEM:
 * KEMRecipientInfo with HKDF-SHA-256 (RFC 9629, RFC 9936). The key wrap is AES-256 everywhere.
 */
export interface KeyRecipient {
  /** A public key. */
  readonly kind: 'key';
  /** X25519, P-256, P-384, RSA or ML-KEM. */
  readonly key: GeneralPublicKey;
  /** Which name; SHA-256 unless said otherwise. */
  readonly name?: 'sha256' | 'sha1' | { readonly keyIdentifier: Uint8Array };
}

/** A recipient who has the same symmetric key: KEKRecipientInfo with AES key wrap (RFC 5652 §6.2.3, RFC 3565). */
export interface KekRecipient {
  /** A symmetric key. */
  readonly kind: 'kek';
  /** The name that both sides give it. */
  readonly keyIdentifier: Uint8Array;
  /** 16, 24 or 32 octets. */
  readonly key: Uint8Array;
}

/** What it costs to make a key from a password. */
export type PasswordCost =
  /** PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2). */
  | { readonly kind: 'pbkdf2'; readonly iterations: number }
  /** scrypt (RFC 7914): 128 n r octets of memory, p times. */
  | { readonly kind: 'scrypt'; readonly n: number; readonly r: number; readonly p: number };

/** A recipient who knows a password: PasswordRecipientInfo (RFC 3211), AES-256-CBC inside. */
export interface PasswordRecipient {
  /** A password. */
  readonly kind: 'password';
  /** Its octets: UTF-8 where it is a text. */
  readonly password: Uint8Array;
  /** What it is to cost; `PASSWORD_COST` is sensible. */
  readonly cost: PasswordCost;
}

/** To whom content is encrypted. */
export type GeneralRecipient = KeyRecipient | KekRecipient | PasswordRecipient;

/** PBKDF2 with 600,000 iterations of HMAC-SHA-256, as OWASP asks: other software reads it, which is not so with scrypt. */
export const PASSWORD_COST: PasswordCost = Object.freeze({ kind: 'pbkdf2', iterations: 600_000 });

/** Something that opens. */
export type OwnKey =
  /** A private key; `names` are further identifiers that it goes by, beside SHA-256 and SHA-1 of the public half. */
  | { readonly kind: 'key'; readonly key: GeneralPrivateKey; readonly names?: readonly Uint8Array[] }
  /** A symmetric key of 16, 24 or 32 octets. */
  | { readonly kind: 'kek'; readonly keyIdentifier: Uint8Array; readonly key: Uint8Array }
  /** A password in octets. */
  | { readonly kind: 'password'; readonly password: Uint8Array };

/** A certificate as messages name it. */
export type CertificateName = Extract<KeyName, { readonly kind: 'issuerAndSerialNumber' }>;

/** Maps a certificate's name to an identifier of the bare key that the caller knows it to be for; `undefined` where it is not known. */
export type NameOf = (certificate: CertificateName) => MaybePromise<Uint8Array | undefined>;

/** A public key with the name that it is to go by. */
export interface NamedKey {
  /** The key. */
  readonly key: GeneralPublicKey;
  /** The name. */
  readonly name: KeyName;
}

/** Wraps a key for some recipients: all randomness was drawn before. */
export type WrapStep = (key: Uint8Array) => Promise<RecipientInfoToWrite>;
