/**
 * The clear context: what servers know anyway and what a moved object must break on before any plaintext exists.
 *
 * ```
 * ClearContext ::= SEQUENCE {
 *   version           INTEGER (0),
 *   suite             INTEGER (1..127),
 *   kind              ENUMERATED { message(0), presence(1), iq(2) },
 *   type              UTF8String,
 *   from              UTF8String,                  -- bare JID, normalised
 *   to                UTF8String,                  -- bare JID or room JID, normalised
 *   messageId         OCTET STRING (SIZE(16)),
 *   recipientsDigest  OCTET STRING (SIZE(32)) }    -- SHA-256 of the rKeyIds, sorted, concatenated
 * ```
 * @module
 */
import { CmsError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import { encodeDer, enumerated, integer, octetString, sequence, utf8String } from '../derWriter.js';

/** Stanza kinds of RFC 6120 §8.1 in the order of their numbers. */
export const STANZA_KINDS = ['message', 'presence', 'iq'] as const;
/** A stanza kind. */
export type StanzaKind = (typeof STANZA_KINDS)[number];

/** Version of the profile `urn:xmpp:sealed:0`. */
export const PROFILE_VERSION = 0;
/** Suite 1: Ed25519, X25519, AES-256-GCM. */
export const SUITE_1 = 1;

/** The clear context. */
export interface ClearContext {
  /** Suite number. */
  readonly suite: number;
  /** Kind of the stanza. */
  readonly kind: StanzaKind;
  /** The stanza's type; `normal` for a message without, `available` for a presence without. */
  readonly type: string;
  /** Bare JID of the sender. */
  readonly from: string;
  /** Bare JID of the recipient, or room JID. */
  readonly to: string;
  /** 16 octets. */
  readonly messageId: Uint8Array;
  /** 32 octets. */
  readonly recipientsDigest: Uint8Array;
}

/** DER of a clear context. */
export function encodeClearContext(context: ClearContext): Uint8Array {
  return encodeDer(
    sequence(
      integer(PROFILE_VERSION),
      integer(context.suite),
      enumerated(STANZA_KINDS.indexOf(context.kind)),
      utf8String(context.type),
      utf8String(context.from),
      utf8String(context.to),
      octetString(context.messageId),
      octetString(context.recipientsDigest),
    ),
  );
}

/** Reads a clear context. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` for another version or suite */
export function decodeClearContext(der: Uint8Array): ClearContext {
  const reader = new DerReader(der);
  const context = reader.sequence();
  reader.end();
  const version = context.integer();
  const suite = context.integer();
  if (version !== PROFILE_VERSION || suite !== SUITE_1)
    throw new CmsError('ERR_UNSUPPORTED', 'another version or suite');
  const kind = STANZA_KINDS[context.enumerated(STANZA_KINDS.length)] as StanzaKind;
  const type = context.utf8String();
  const from = context.utf8String();
  const to = context.utf8String();
  const messageId = context.octetStringOf(16);
  const recipientsDigest = context.octetStringOf(32);
  context.end();
  return { suite, kind, type, from, to, messageId, recipientsDigest };
}
