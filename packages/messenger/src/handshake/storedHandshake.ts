/**
 * Handshakes in the table `runs`, under `JID RUN`: a peer's run can have no name that another peer's has, whatever name they choose.
 * Before the state, which `@stanzaseal/trust/handshake` writes, stands one octet: 1 when its last message was handed over to be sent.
 * @module
 */
import { concat, toHex } from '@stanzaseal/cms';
import type { Change, RunRecord } from '@stanzaseal/keystore';
import { describeHandshake, HANDSHAKE_KIND, type HandshakeDescription } from '@stanzaseal/trust/handshake';
import type { Session } from '../session.js';

/** A handshake that is remembered. */
export interface StoredHandshake extends HandshakeDescription {
  /** Name of the run: 32 hexadecimal digits. */
  readonly run: string;
  /** Its state. */
  readonly state: Uint8Array;
  /** Whether the last message of this side was handed over. */
  readonly isSent: boolean;
  /** When it began, in ms since 1970. */
  readonly at: number;
  /** When it is given up, or, when it is done, forgotten, in ms since 1970. */
  readonly expires: number;
}

/** Which handshake: names are the initiator's choice, and name one of this peer alone. */
export type HandshakeName = Pick<StoredHandshake, 'peer' | 'run'>;

/** The handshake of that name, whether it has expired or not. */
export async function storedHandshake({ store }: Session, name: HandshakeName): Promise<StoredHandshake | undefined> {
  const record = await store.get('runs', keyOf(name));
  return record === undefined ? undefined : read(name.run, record);
}

/** All handshakes. */
export async function storedHandshakes({ store }: Session): Promise<StoredHandshake[]> {
  const entries = (await store.entries('runs')).filter(([, { kind }]) => kind === HANDSHAKE_KIND);
  return entries.map(([key, record]) => read(key.slice(-32), record));
}

/** The change that remembers a state, or, where it is `undefined`, forgets it. */
export function handshakeChange(
  name: HandshakeName,
  kept: Pick<StoredHandshake, 'state' | 'isSent' | 'at' | 'expires'> | undefined,
): Change {
  if (kept === undefined) return { table: 'runs', key: keyOf(name), record: undefined };
  const { at, expires } = kept;
  const state = concat(Uint8Array.of(kept.isSent ? 1 : 0), kept.state);
  return { table: 'runs', key: keyOf(name), record: { kind: HANDSHAKE_KIND, peer: name.peer, state, at, expires } };
}

/** Name of a run, from its 16 octets. */
export function nameOf(peer: string, run: Uint8Array): HandshakeName {
  return { peer, run: toHex(run) };
}

function read(run: string, { state, at, expires }: RunRecord): StoredHandshake {
  const rest = state.subarray(1);
  return { ...describeHandshake(rest), run, state: rest, isSent: state[0] === 1, at, expires };
}

function keyOf({ peer, run }: HandshakeName): string {
  return `${peer} ${run}`;
}
