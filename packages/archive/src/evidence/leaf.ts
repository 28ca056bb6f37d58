/**
 * The leaf of an entry: SHA-256(0x00 || H(salt1 || meta || object) || H(salt2 || recipientInfos)). Whoever has one half can prove
 * it while the other is known by its hash alone: the RecipientInfos, or the whole content, may be erased and the proofs go on.
 * The salts are erased with what they salt: without them a hash confirms no guess (K6, K7, K15).
 * @module
 */
import { copyOctets, drawOctets, type RandomSource } from '@stanzaseal/cms';
import { HASH_LENGTH, sha256 } from './sha256.js';

/** Length of a salt in octets. */
export const SALT_LENGTH = 32;

/** The half that holds what was said. */
export interface LeafContent {
  /** 32 octets, of this entry alone. */
  readonly salt1: Uint8Array;
  /** DER of the meta (`encodeMeta`). */
  readonly meta: Uint8Array;
  /** A sealed object without its RecipientInfos (`cutRecipientInfos`); the octets of anything else. */
  readonly object: Uint8Array;
}

/** The half that holds who could read it. */
export interface LeafRecipients {
  /** 32 octets, of this entry alone. */
  readonly salt2: Uint8Array;
  /** DER of the RecipientInfos as they came; empty for what is no sealed object. */
  readonly recipientInfos: Uint8Array;
}

/** Two salts for one entry. */
export function drawSalts(random: RandomSource): { readonly salt1: Uint8Array; readonly salt2: Uint8Array } {
  const salts = drawOctets(random, 2 * SALT_LENGTH);
  return { salt1: copyOctets(salts.subarray(0, SALT_LENGTH)), salt2: copyOctets(salts.subarray(SALT_LENGTH)) };
}

/**
 * The leaf hash of an entry.
 * @throws RangeError for a salt of another length
 * @example
 * const { object, recipientInfos } = cutRecipientInfos(sealedObject);
 * const leaf = leafHash({ ...drawSalts(random), meta: encodeMeta(meta), object, recipientInfos });
 */
export function leafHash(entry: LeafContent & LeafRecipients): Uint8Array {
  return leafOf(contentHash(entry), recipientsHash(entry));
}

/** Hash of the content half: 32 octets. @throws RangeError for a salt of another length */
export function contentHash({ salt1, meta, object }: LeafContent): Uint8Array {
  if (salt1.length !== SALT_LENGTH) throw new RangeError('salt1 has not 32 octets');
  return sha256(salt1, meta, object);
}

/** Hash of the recipients' half: 32 octets. @throws RangeError for a salt of another length */
export function recipientsHash({ salt2, recipientInfos }: LeafRecipients): Uint8Array {
  if (salt2.length !== SALT_LENGTH) throw new RangeError('salt2 has not 32 octets');
  return sha256(salt2, recipientInfos);
}

/** The leaf hash of two halves (RFC 9162 §2.1.1: 0x00 before what is in the log). @throws RangeError for a hash of another length */
export function leafOf(content: Uint8Array, recipients: Uint8Array): Uint8Array {
  if (content.length !== HASH_LENGTH) throw new RangeError('content has not 32 octets');
  if (recipients.length !== HASH_LENGTH) throw new RangeError('recipients has not 32 octets');
  LEAF.set(content, 1);
  LEAF.set(recipients, 1 + HASH_LENGTH);
  return sha256(LEAF);
}

/** Filled and hashed in one go, so one serves all. */
const LEAF = new Uint8Array(1 + 2 * HASH_LENGTH);
