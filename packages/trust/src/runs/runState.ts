/**
 * What a run remembers between two messages, as octets in a store.
 *
 * ```
 * RunState ::= SEQUENCE {
 *   version     INTEGER (0),
 *   role        ENUMERATED { initiator(0), responder(1) },
 *   stage       ENUMERATED { open(0), done(1) },
 *   own         OCTET STRING (SIZE (32)),                 -- identity key identifiers as the run began
 *   peer        OCTET STRING (SIZE (32)),
 *   transcript  SEQUENCE OF OCTET STRING,                 -- the messages, the initiator's first
 *   secret      [0] IMPLICIT OCTET STRING OPTIONAL }
 * ```
 * @module
 */
import { CmsError, DerReader, encodeDer, enumerated, integer, octetString, sequence } from '@stanzaseal/cms';
import { IDENTITY_LENGTH, type Party } from './party.js';

/** Which side of a run this is. */
export type Role = 'initiator' | 'responder';

/** A run as its protocol sees it. */
export interface Run {
  /** Its name: 16 octets. */
  readonly id: Uint8Array;
  /** Which side this is. */
  readonly role: Role;
  /** This side. */
  readonly own: Party;
  /** The other side. */
  readonly peer: Party;
  /** All messages until now, the initiator's first, in turn. */
  readonly transcript: readonly Uint8Array[];
  /** What this side drew and did not show yet. */
  readonly secret: Uint8Array | undefined;
  /** Whether nothing more is to come. */
  readonly done: boolean;
}

/** Who began a run, and who was asked. */
export function sidesOf({ role, own, peer }: Run): { readonly initiator: Party; readonly responder: Party } {
  return role === 'initiator' ? { initiator: own, responder: peer } : { initiator: peer, responder: own };
}

/** DER of a run's state; its name and the JIDs stand elsewhere. */
export function encodeRun({ role, done, own, peer, transcript, secret }: Run): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      enumerated(role === 'initiator' ? 0 : 1),
      enumerated(done ? 1 : 0),
      octetString(own.identity),
      octetString(peer.identity),
      sequence(...transcript.map((message) => octetString(message))),
      ...(secret === undefined ? [] : [octetString(secret, 0x80)]),
    ),
  );
}

/** Reads a run's state. @throws CmsError for octets that `encodeRun` did not write */
export function decodeRun(state: Uint8Array, names: { id: Uint8Array; own: string; peer: string }): Run {
  const reader = new DerReader(state);
  const inside = reader.sequence();
  reader.end();
  if (inside.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'run state of another version');
  const role = inside.enumerated(2) === 0 ? 'initiator' : 'responder';
  const done = inside.enumerated(2) === 1;
  const own = { jid: names.own, identity: inside.octetStringOf(IDENTITY_LENGTH) };
  const peer = { jid: names.peer, identity: inside.octetStringOf(IDENTITY_LENGTH) };
  const transcript = inside.sequenceOf((message) => message.octetString(), 8);
  const secret = inside.tag === 0x80 ? inside.primitive(0x80) : undefined;
  inside.end();
  return { id: names.id, role, own, peer, transcript, secret, done };
}
