/**
 * The prekey to which answers are sealed: made by the sending device and signed with everything else.
 *
 * ```
 * ReplyPrekey ::= SEQUENCE { key SubjectPublicKeyInfo, notAfter GeneralizedTime }
 * ```
 * @module
 */
import { derError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import { type DerNode, encodeDer, encoded, generalizedTime, sequence } from '../derWriter.js';
import type { RawPublicKey } from '../ports.js';
import { exportPublicKey, readPublicKey } from '../publicKey.js';

/** A reply prekey. */
export interface ReplyPrekey {
  /** X25519 key. */
  readonly key: RawPublicKey;
  /** Last moment of its use by the peer, in ms since 1970. */
  readonly notAfter: number;
}

/** DER of a reply prekey. */
export function encodeReplyPrekey(prekey: ReplyPrekey): Uint8Array {
  return encodeDer(replyPrekeyNode(prekey));
}

/** Node of a reply prekey. */
export function replyPrekeyNode(prekey: ReplyPrekey): DerNode {
  return sequence(encoded(exportPublicKey(prekey.key)), generalizedTime(prekey.notAfter));
}

/** Reads a reply prekey. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeReplyPrekey(der: Uint8Array): ReplyPrekey {
  const reader = new DerReader(der);
  const prekey = reader.sequence();
  reader.end();
  const key = readPublicKey(prekey);
  const notAfter = prekey.generalizedTime();
  prekey.end();
  if (key.algorithm !== 'X25519') throw derError('key of another algorithm');
  return { key, notAfter };
}
