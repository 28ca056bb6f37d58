/**
 * The private context: signed, and seen by recipients only.
 *
 * ```
 * PrivateContext ::= SEQUENCE {
 *   clearContext       OCTET STRING,                              -- DER of the ClearContext in authAttrs
 *   senderDevice       OCTET STRING (SIZE(32)),                   -- key identifier of the device key
 *   senderListVersion  INTEGER (0..9007199254740991),
 *   peerListVersion    INTEGER (0..9007199254740991),             -- highest seen of the peer, 0 for none
 *   counter            INTEGER (1..9007199254740991),             -- of this device in this conversation
 *   previous           [0] IMPLICIT OCTET STRING (SIZE(32)) OPTIONAL,  -- absent where counter is 1
 *   inReplyTo          [1] IMPLICIT OCTET STRING (SIZE(16)) OPTIONAL } -- message id of the iq request answered
 * ```
 * @module
 */
import { derError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import { constructed, type DerNode, encodeDer, integer, octetString } from '../derWriter.js';

/** The private context. */
export interface PrivateContext {
  /** DER of the clear context. */
  readonly clearContext: Uint8Array;
  /** Key identifier of the sending device. */
  readonly senderDevice: Uint8Array;
  /** Version of the sender's device list. */
  readonly senderListVersion: number;
  /** Highest version seen of the peer's device list; 0 for none. */
  readonly peerListVersion: number;
  /** Number of this object among those of the device in the conversation, from 1. */
  readonly counter: number;
  /** SHA-256 of the signedAttrs (tag 0x31) of the object before, absent for the first. */
  readonly previous?: Uint8Array | undefined;
  /** Message id of the request that an iq answers. */
  readonly inReplyTo?: Uint8Array | undefined;
}

/** DER of a private context. */
export function encodePrivateContext(context: PrivateContext): Uint8Array {
  return encodeDer(privateContextNode(context.clearContext, context.senderDevice, context));
}

/** Node of a private context. Its members come apart: to have them in one object, who seals would copy one for each message. */
export function privateContextNode(
  clearContext: Uint8Array,
  senderDevice: Uint8Array,
  context: Omit<PrivateContext, 'clearContext' | 'senderDevice'>,
): DerNode {
  const members = [
    octetString(clearContext),
    octetString(senderDevice),
    integer(context.senderListVersion),
    integer(context.peerListVersion),
    integer(context.counter),
  ];
  if (context.previous !== undefined) members.push(octetString(context.previous, 0x80));
  if (context.inReplyTo !== undefined) members.push(octetString(context.inReplyTo, 0x81));
  return constructed(0x30, members);
}

/** Reads a private context. @throws CmsError `ERR_DER` */
export function decodePrivateContext(der: Uint8Array): PrivateContext {
  const reader = new DerReader(der);
  const context = reader.sequence();
  reader.end();
  const clearContext = context.octetString();
  const senderDevice = context.octetStringOf(32);
  const senderListVersion = context.integer();
  const peerListVersion = context.integer();
  const counter = context.integer();
  const previous = context.tag === 0x80 ? context.octetStringOf(32, 0x80) : undefined;
  const inReplyTo = context.tag === 0x81 ? context.octetStringOf(16, 0x81) : undefined;
  context.end();
  if (counter < 1 || (counter === 1) !== (previous === undefined)) throw derError('counter does not fit');
  return {
    clearContext,
    senderDevice,
    senderListVersion,
    peerListVersion,
    counter,
    ...(previous === undefined ? {} : { previous }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  };
}
