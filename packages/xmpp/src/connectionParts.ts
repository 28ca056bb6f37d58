/**
 * What stands behind an entry of its own works with, of a connection: so that a page loads it only where it is used.
 * @module
 */
import type { Messenger } from '@stanzaseal/messenger';
import type { Arrived } from './arrival/unwrap.js';
import type { SealedConnection } from './connection.js';
import type { Link } from './link.js';

/** Takes a message that is not sealed, for somebody else than the application's handler; gives whether it was its own. Where it throws, the message comes again. */
export type Taker = (arrived: Arrived) => Promise<boolean>;

/** The parts. */
export interface ConnectionParts {
  /** The connection's link; online when own keys are in order and what waited was taken in. */
  readonly link: Link;
  /** What seals and opens. */
  readonly messenger: Messenger;
  /** Who takes what is not sealed. */
  readonly takers: Set<Taker>;
  /** Full JIDs of an account that are online, as far as presence tells. */
  resources(jid: string): readonly string[];
}

const known = new WeakMap<SealedConnection, ConnectionParts>();

/** Remembers a connection's parts, and gives the connection. */
export function withParts(connection: SealedConnection, parts: ConnectionParts): SealedConnection {
  known.set(connection, parts);
  return connection;
}

/** Parts of a connection. @throws TypeError for one that `sealed` did not make */
export function partsOf(connection: SealedConnection): ConnectionParts {
  const parts = known.get(connection);
  if (parts === undefined) throw new TypeError('connection is none of this package');
  return parts;
}
