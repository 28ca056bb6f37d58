/**
 * What goes to and fro in a handshake, and the element that carries it, in the open: its messages protect themselves.
 *
 * ```
 * HandshakeMessage ::= SEQUENCE {
 *   version  INTEGER (0),
 *   run      OCTET STRING (SIZE (16)),
 *   step     CHOICE {                                      -- IMPLICIT TAGS
 *     hello  [0] SEQUENCE {
 *       suites     SEQUENCE SIZE (1..16) OF INTEGER,       -- ascending
 *       protects   ENUMERATED { initiator(0), responder(1) },
 *       ephemeral  OCTET STRING (SIZE (32)),               -- X25519
 *       nonce      OCTET STRING (SIZE (32)) },
 *     reply  [1] SEQUENCE {
 *       suite      INTEGER,
 *       ephemeral  OCTET STRING (SIZE (32)),
 *       nonce      OCTET STRING (SIZE (32)),
 *       proof      [0] IMPLICIT OCTET STRING OPTIONAL },   -- there if the initiator is protected
 *     proof  [2] SEQUENCE { proof OCTET STRING } } }
 * ```
 * @module
 */
import {
  CmsError,
  constructed,
  DER_LIMITS,
  DerReader,
  encodeDer,
  enumerated,
  fromBase64,
  integer,
  octetString,
  sequence,
  toBase64,
} from '@stanzaseal/cms';
import { childrenOf, element, textOf, type XmlElement } from '@stanzaseal/stanza';
import { TrustError } from '../trustError.js';
import { MESSAGE_LIMIT, RUN_LENGTH, VERIFICATION_NAMESPACE } from '../verificationMessage.js';

/** Whose identity an active attacker does not learn: each side shows itself only to who showed itself before. */
export type Protects = 'initiator' | 'responder';

/** First message. */
export interface Hello {
  readonly step: 'hello';
  readonly run: Uint8Array;
  readonly suites: readonly number[];
  readonly protects: Protects;
  readonly ephemeral: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Second message. */
export interface Reply {
  readonly step: 'reply';
  readonly run: Uint8Array;
  readonly suite: number;
  readonly ephemeral: Uint8Array;
  readonly nonce: Uint8Array;
  readonly proof: Uint8Array | undefined;
}

/** Third and, where the responder is protected, fourth message. */
export interface Proof {
  readonly step: 'proof';
  readonly run: Uint8Array;
  readonly proof: Uint8Array;
}

/** Any of them. */
export type HandshakeMessage = Hello | Reply | Proof;

const PROTECTS = ['initiator', 'responder'] as const;
const KEY_LENGTH = 32;
const MAX_SUITES = 16;

/** DER of a message. */
export function encodeHandshake(message: HandshakeMessage): Uint8Array {
  return encodeDer(sequence(integer(0), octetString(message.run), stepNode(message)));
}

function stepNode(message: HandshakeMessage) {
  switch (message.step) {
    case 'hello':
      return constructed(0xa0, [
        sequence(...message.suites.map((suite) => integer(suite))),
        enumerated(PROTECTS.indexOf(message.protects)),
        octetString(message.ephemeral),
        octetString(message.nonce),
      ]);
    case 'reply':
      return constructed(0xa1, [
        integer(message.suite),
        octetString(message.ephemeral),
        octetString(message.nonce),
        ...(message.proof === undefined ? [] : [octetString(message.proof, 0x80)]),
      ]);
    case 'proof':
      return constructed(0xa2, [octetString(message.proof)]);
  }
}

/** Reads a message. @throws TrustError `ERR_MESSAGE` */
export function decodeHandshake(octets: Uint8Array): HandshakeMessage {
  try {
    const reader = new DerReader(octets, { octets: MESSAGE_LIMIT, depth: DER_LIMITS.depth });
    const message = reader.sequence();
    reader.end();
    if (message.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'handshake of another version');
    const run = message.octetStringOf(RUN_LENGTH);
    const body = message.constructed(message.tag);
    const read = { 0xa0: readHello, 0xa1: readReply, 0xa2: readProof }[stepTag(octets)];
    if (read === undefined) throw new CmsError('ERR_DER', 'handshake without a step');
    const step = read(run, body);
    body.end();
    message.end();
    return step;
  } catch (cause) {
    throw new TrustError('ERR_MESSAGE', 'octets are no handshake message', { cause });
  }
}

/** The tag of the step, which stands behind version and run. */
function stepTag(octets: Uint8Array): number {
  const message = new DerReader(octets, { octets: MESSAGE_LIMIT, depth: DER_LIMITS.depth }).sequence();
  message.integer();
  message.octetString();
  return message.tag as number;
}

function readHello(run: Uint8Array, body: DerReader): Hello {
  const suites = body.sequence();
  const numbers: number[] = [];
  while (!suites.atEnd && numbers.length < MAX_SUITES) numbers.push(suites.integer());
  suites.end();
  // One spelling: ascending, none twice.
  if (numbers.length === 0 || numbers.some((suite, i) => i > 0 && suite <= (numbers[i - 1] as number)))
    throw new CmsError('ERR_DER', 'suites are not in order');
  const protects = PROTECTS[body.enumerated(PROTECTS.length)] as Protects;
  const ephemeral = body.octetStringOf(KEY_LENGTH);
  return { step: 'hello', run, suites: numbers, protects, ephemeral, nonce: body.octetStringOf(KEY_LENGTH) };
}

function readReply(run: Uint8Array, body: DerReader): Reply {
  const suite = body.integer();
  const ephemeral = body.octetStringOf(KEY_LENGTH);
  const nonce = body.octetStringOf(KEY_LENGTH);
  return { step: 'reply', run, suite, ephemeral, nonce, proof: body.atEnd ? undefined : body.primitive(0x80) };
}

function readProof(run: Uint8Array, body: DerReader): Proof {
  return { step: 'proof', run, proof: body.octetString() };
}

/** `<handshake xmlns='urn:xmpp:sealed:trust:0'>` with a message in canonical base64: in a `<message/>`, or as payload of an iq. */
export function handshakeElement(message: Uint8Array): XmlElement {
  return element(VERIFICATION_NAMESPACE, 'handshake', {}, [toBase64(message)]);
}

/** The octets in a stanza's `<handshake/>`; `undefined` where there is none. @throws TrustError `ERR_MESSAGE` */
export function readHandshake(stanza: XmlElement): Uint8Array | undefined {
  const [one, ...others] = childrenOf(stanza, VERIFICATION_NAMESPACE, 'handshake');
  if (one === undefined) return undefined;
  try {
    if (others.length > 0 || childrenOf(one).length > 0 || one.attributes.length > 0)
      throw new CmsError('ERR_DER', 'more than one handshake message, or more in it');
    return fromBase64(textOf(one));
  } catch (cause) {
    throw new TrustError('ERR_MESSAGE', 'stanza holds no handshake message', { cause });
  }
}
