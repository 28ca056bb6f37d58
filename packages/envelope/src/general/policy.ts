/**
 * What an opener of general CMS takes. Nothing of it is built in: the caller passes a policy, `GENERAL_POLICY` being a sensible one.
 * @module
 */
import type { AeadName, GeneralLimits, HashName } from '@stanzaseal/cms/general';

/** Bounds, both ends included. */
export interface Bounds {
  /** Least. */
  readonly least: number;
  /** Most. */
  readonly most: number;
}

/** What is taken of a key that comes from a password, and what it may cost. */
export interface PasswordPolicy {
  /** Most PasswordRecipientInfos that one password is tried on: they bear no names, so each costs a derivation (D2, G2). */
  readonly entries: number;
  /** Hashes of HMAC inside PBKDF2. */
  readonly pbkdf2Hashes: readonly HashName[];
  /** Iterations of PBKDF2. */
  readonly pbkdf2Iterations: Bounds;
  /** Memory of scrypt in octets: 128 N r (RFC 7914 §2). */
  readonly scryptMemory: Bounds;
  /** Work of scrypt in octets that are mixed: 128 N r p. */
  readonly scryptWork: Bounds;
}

/** What an opener takes: whatever is not listed here is refused as if it were damaged. */
export interface GeneralPolicy {
  /** Content encryptions, by themselves or behind RFC 9709. */
  readonly contentEncryption: readonly AeadName[];
  /** Octets of AES-GCM tags; RFC 5084 §3.2 knows 12 to 16, and nothing below 12 is ever taken (CVE-2026-34182). */
  readonly tagLength: Bounds;
  /** Octets of AES-GCM nonces (CVE-2025-15467); 12 is what everybody should write. */
  readonly nonceLength: Bounds;
  /** Hashes of key agreement: HKDF with X25519, X9.63 with P-256 and P-384. */
  readonly agreementHashes: readonly HashName[];
  /** Hashes of RSA-OAEP: of its label and of MGF1. */
  readonly oaepHashes: readonly HashName[];
  /** Hashes of HKDF in KEMRecipientInfo. */
  readonly kemHashes: readonly HashName[];
  /** Hashes of HMAC in AuthenticatedData, and of its message-digest. */
  readonly macHashes: readonly HashName[];
  /** Passwords. */
  readonly password: PasswordPolicy;
  /** Greatest number of recipients, the keys inside KeyAgreeRecipientInfos counted; the reader takes 512 at most. */
  readonly recipients: number;
  /** Sizes. */
  readonly limits: GeneralLimits;
}

const STRONG: readonly HashName[] = Object.freeze(['SHA-256', 'SHA-384', 'SHA-512'] as const);

/**
 * What is sound today. SHA-1 is left out of key agreement and of OAEP: OpenSSL writes both unless told otherwise, so who must read
 * that adds it, by name. The hash of PBKDF2 may be SHA-1, whose HMAC stands unbroken and which is PBKDF2's DEFAULT (RFC 8018
 * §A.2).
 *
 * PBKDF2: 100,000 iterations are a sixth of what OWASP asks of a password store today (600,000 with SHA-256), and
 * fifty times what OpenSSL writes (2,048), which falls to a dictionary; 2,500,000 are twice what OWASP asks with SHA-1 and take
 * some 2 s. scrypt: from 32 MiB (N = 2^15, r = 8) to 256 MiB, and twice as much mixed. Four entries bound the whole work.
 */
export const GENERAL_POLICY: GeneralPolicy = Object.freeze({
  contentEncryption: Object.freeze(['AES-128-GCM', 'AES-192-GCM', 'AES-256-GCM', 'ChaCha20-Poly1305'] as const),
  tagLength: Object.freeze({ least: 12, most: 16 }),
  nonceLength: Object.freeze({ least: 12, most: 16 }),
  agreementHashes: STRONG,
  oaepHashes: STRONG,
  kemHashes: STRONG,
  macHashes: STRONG,
  password: Object.freeze({
    entries: 4,
    pbkdf2Hashes: Object.freeze(['SHA-1', ...STRONG] as const),
    pbkdf2Iterations: Object.freeze({ least: 100_000, most: 2_500_000 }),
    scryptMemory: Object.freeze({ least: 2 ** 25, most: 2 ** 28 }),
    scryptWork: Object.freeze({ least: 2 ** 25, most: 2 ** 29 }),
  }),
  recipients: 512,
  limits: Object.freeze({ octets: 68157440, depth: 32, nodes: 50_000 }),
});

/** Whether a number is within bounds. */
export function isWithin(value: number, { least, most }: Bounds): boolean {
  return value >= least && value <= most;
}
