/**
 * What a side remembers of a handshake between two messages, as octets for a store.
 *
 * ```
 * HandshakeState ::= SEQUENCE {
 *   version   INTEGER (0),
 *   role      ENUMERATED { initiator(0), responder(1) },
 *   peer      BareJid,
 *   messages  SEQUENCE OF OCTET STRING,                    -- all until now, the initiator's first
 *   secret    [0] IMPLICIT OCTET STRING OPTIONAL }         -- of the ephemeral key; gone when nothing more is to come
 * ```
 * @module
 */
import {
  CmsError,
  DerReader,
  encodeDer,
  enumerated,
  integer,
  octetString,
  sequence,
  utf8String,
} from '@stanzaseal/cms';
import type { Role } from '../runs/runState.js';
import { decodeHandshake, type Hello, type Protects } from './messages.js';

/** A handshake under way, or done. */
export interface HandshakeState {
  /** Which side this is. */
  readonly role: Role;
  /** Bare JID of the other. */
  readonly peer: string;
  /** All messages until now. */
  readonly messages: readonly Uint8Array[];
  /** Secret of the ephemeral key: 32 octets. */
  readonly secret: Uint8Array | undefined;
}

/** DER of a state. */
export function encodeState({ role, peer, messages, secret }: HandshakeState): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      enumerated(role === 'initiator' ? 0 : 1),
      utf8String(peer),
      sequence(...messages.map((message) => octetString(message))),
      ...(secret === undefined ? [] : [octetString(secret, 0x80)]),
    ),
  );
}

/** Reads a state. @throws CmsError for octets that `encodeState` did not write */
export function decodeState(state: Uint8Array): HandshakeState {
  const reader = new DerReader(state);
  const inside = reader.sequence();
  reader.end();
  if (inside.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'handshake state of another version');
  const role = inside.enumerated(2) === 0 ? 'initiator' : 'responder';
  const peer = inside.utf8String();
  const messages = inside.sequenceOf((message) => message.octetString(), 4);
  const secret = inside.tag === 0x80 ? inside.primitive(0x80) : undefined;
  inside.end();
  return { role, peer, messages, secret };
}

/** What a stored handshake is at, for who lists it or sends its last message again. Nothing secret. */
export interface HandshakeDescription {
  /** Which side this is. */
  readonly role: Role;
  /** Bare JID of the other. */
  readonly peer: string;
  /** Whose identity is protected. */
  readonly protects: Protects;
  /** Whether nothing more is to come. */
  readonly isDone: boolean;
  /** What this side said, oldest first. */
  readonly said: readonly Uint8Array[];
}

/** Describes a state that `beginHandshake` or `takeHandshake` gave. @throws CmsError for other octets */
export function describeHandshake(state: Uint8Array): HandshakeDescription {
  const { role, peer, messages, secret } = decodeState(state);
  const { protects } = decodeHandshake(messages[0] as Uint8Array) as Hello;
  const said = messages.filter((_, turn) => (turn % 2 === 0) === (role === 'initiator'));
  return { role, peer, protects, isDone: secret === undefined, said };
}
