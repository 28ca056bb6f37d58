/**
 * The message that all verification protocols share, and the element that carries it inside a sealed message.
 *
 * ```
 * VerificationMessage ::= SEQUENCE {
 *   version  INTEGER (0),
 *   run      OCTET STRING (SIZE (16)),
 *   step     CHOICE {                                     -- IMPLICIT TAGS
 *     end              [0] SEQUENCE { reason ENUMERATED { declined(0), mismatch(1), failed(2) } },
 *     sasCommit        [1] SEQUENCE { commitment OCTET STRING (SIZE (32)) },
 *     sasAnswer        [2] SEQUENCE { nonce OCTET STRING (SIZE (32)) },
 *     sasOpening       [3] SEQUENCE { nonce OCTET STRING (SIZE (32)) },
 *     passwordStart    [4] SEQUENCE { share OCTET STRING (SIZE (32)), question UTF8String OPTIONAL },
 *     passwordAnswer   [5] SEQUENCE { share OCTET STRING (SIZE (32)), confirmation OCTET STRING (SIZE (64)) },
 *     passwordConfirm  [6] SEQUENCE { confirmation OCTET STRING (SIZE (64)) } } }
 * ```
 * @module
 */
import {
  constructed,
  DER_LIMITS,
  type DerNode,
  DerReader,
  encodeDer,
  fromBase64,
  integer,
  octetString,
  sequence,
  toBase64,
} from '@stanzaseal/cms';
import { childrenOf, element, textOf, type XmlElement } from '@stanzaseal/stanza';
import { TrustError } from './trustError.js';

/** Namespace of `<verification/>`. */
export const VERIFICATION_NAMESPACE = 'urn:xmpp:sealed:trust:0';
/** Octets of a run's name: they are drawn at random by who begins. */
export const RUN_LENGTH = 16;
/** Octets of a message at most. */
export const MESSAGE_LIMIT = 16384;
/** Step that ends a run before its time, of every protocol. */
export const END_STEP = 0;

/** A verification message, read as far as all protocols agree. */
export interface VerificationMessage {
  /** Name of the run: 16 octets. */
  readonly run: Uint8Array;
  /** Which step it is: the number of the tag. */
  readonly step: number;
  /** What the step says, unread. */
  readonly body: DerReader;
}

/** DER of a message: a run, a step, and the members of its sequence. */
export function encodeMessage(run: Uint8Array, step: number, ...members: readonly DerNode[]): Uint8Array {
  return encodeDer(sequence(integer(0), octetString(run), constructed(0xa0 | step, members)));
}

/** Reads a message; the step's members are left to its protocol. @throws TrustError `ERR_MESSAGE` */
export function decodeMessage(octets: Uint8Array): VerificationMessage {
  try {
    const reader = new DerReader(octets, { octets: MESSAGE_LIMIT, depth: DER_LIMITS.depth });
    const message = reader.sequence();
    reader.end();
    if (message.integer() !== 0) throw new TrustError('ERR_MESSAGE', 'verification message of another version');
    const run = message.octetStringOf(RUN_LENGTH);
    const { tag } = message;
    // 31 announces a tag of more octets, which no step has.
    if ((tag & 0xe0) !== 0xa0 || tag === 0xbf)
      throw new TrustError('ERR_MESSAGE', 'verification message without a step');
    const body = message.constructed(tag);
    message.end();
    return { run, step: tag & 0x1f, body };
  } catch (cause) {
    if (cause instanceof TrustError) throw cause;
    throw new TrustError('ERR_MESSAGE', 'octets are no verification message', { cause });
  }
}

/**
 * `<verification xmlns='urn:xmpp:sealed:trust:0'>` with a message in canonical base64: content of a message that is sealed.
 * @example
 * await messenger.seal(element(NS.CLIENT, 'message', { type: 'chat' }, [verificationElement(outcome.send)]), { to: outcome.peer.jid });
 */
export function verificationElement(message: Uint8Array): XmlElement {
  return element(VERIFICATION_NAMESPACE, 'verification', {}, [toBase64(message)]);
}

/**
 * The octets in `<verification/>`, which is the element given or the one such child of it; `undefined` where there is none. What
 * carries it must have been sealed: outside an opened stanza it means nothing.
 * @throws TrustError `ERR_MESSAGE` for two of them, or anything in it but canonical base64
 */
export function readVerification(stanza: XmlElement): Uint8Array | undefined {
  const found = isVerification(stanza) ? [stanza] : childrenOf(stanza, VERIFICATION_NAMESPACE, 'verification');
  const [one, ...others] = found;
  if (one === undefined) return undefined;
  try {
    if (others.length > 0 || childrenOf(one).length > 0 || one.attributes.length > 0)
      throw new TrustError('ERR_MESSAGE', 'stanza has more than one verification message, or more in it');
    return fromBase64(textOf(one));
  } catch (cause) {
    if (cause instanceof TrustError) throw cause;
    throw new TrustError('ERR_MESSAGE', 'verification message is not base64', { cause });
  }
}

function isVerification({ namespace, name }: XmlElement): boolean {
  return namespace === VERIFICATION_NAMESPACE && name === 'verification';
}
