/**
 * A message of a handshake that arrived: whether it begins one here, and what it changes, in one commit.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { Change } from '@stanzaseal/keystore';
import { type HandshakeMessage, takeHandshake } from '@stanzaseal/trust/handshake';
import { accountOf, admitted, type Session } from '../session.js';
import { admitsStranger } from '../strangers.js';
import { handshakeEffects } from './effects.js';
import { type HandshakeOutcome, outcomeOf } from './handshakeOutcome.js';
import { portsOf } from './handshakePorts.js';
import type { HandshakeRules } from './handshakes.js';
import {
  type HandshakeName,
  handshakeChange,
  type StoredHandshake,
  storedHandshake,
  storedHandshakes,
} from './storedHandshake.js';

/** Takes a message of a peer. */
export async function takeStep(
  session: Session,
  name: HandshakeName,
  { step: kindOfMessage }: HandshakeMessage,
  octets: Uint8Array,
  { rules, common }: { readonly rules: HandshakeRules; readonly common: Uint8Array | undefined },
): Promise<HandshakeOutcome> {
  const { store, clock, onEvent } = session;
  const { peer } = name;
  const account = admitted(await accountOf(session));
  const now = clock();
  const known = await storedHandshake(session, name);
  const ignored = outcomeOf(name, 'ignored', undefined);
  if (known !== undefined && known.expires <= now) {
    await store.commit([handshakeChange(name, undefined)]);
    return known.isDone ? ignored : outcomeOf(name, 'ended', undefined);
  }
  const contact = await store.get('contacts', peer);
  // The user has to say first which of two keys is meant, as with sealed objects.
  if (contact?.changedIdentity !== undefined) return ignored;
  const changes: Change[] = [];
  if (known === undefined) {
    if (kindOfMessage !== 'hello') return ignored;
    const room = await roomFor(session, name, rules, contact !== undefined);
    // Said again: where it was lost, both would wait for each other.
    if (room.kind === 'own') return outcomeOf(room.own, 'waiting', room.own.said[0]);
    if (room.kind === 'none') return ignored;
    changes.push(...room.cleared);
  }
  const { ports, changes: offered, check } = await portsOf(session, account, peer, common);
  const step = await takeHandshake(known?.state, octets, peer, ports);
  check();
  if (step.kind === 'ignored') return outcomeOf(name, 'ignored', step.send);
  if (step.kind === 'ended') {
    if (step.changed !== undefined) onEvent({ kind: 'key-changed', jid: peer, identity: step.changed.raw });
    // What does not begin well never began.
    if (known === undefined) return ignored;
    await store.commit([handshakeChange(name, undefined)]);
    return outcomeOf(name, 'ended', undefined);
  }
  const { at, expires } = known ?? { at: now, expires: now + rules.validity };
  const isSent = step.send === undefined;
  changes.push(...offered, handshakeChange(name, { state: step.state as Uint8Array, isSent, at, expires }));
  if (step.peer === undefined || step.kind !== 'done') {
    await store.commit(changes);
    return outcomeOf(name, 'waiting', step.send);
  }
  const effects = await handshakeEffects(session, step.peer, {
    isLastWord: !isSent,
    isStranger: known?.role !== 'initiator',
  });
  // Of finished ones with a peer the last is enough: they are remembered for the sake of repetitions.
  const older = (await storedHandshakes(session)).filter(
    (one) => one.peer === peer && one.isDone && one.run !== name.run,
  );
  await store.commit([...changes, ...effects.changes, ...older.map((one) => handshakeChange(one, undefined))]);
  await effects.tell();
  const { keyIdentifier: fingerprint } = step.peer.identity;
  return outcomeOf(name, 'done', step.send, { fingerprint, trust: effects.contact.trust });
}

/** A message that the own account sent, as it comes back by carbon or archive: another of its devices may have answered. */
export async function takeOwnCopy(
  session: Session,
  name: HandshakeName,
  { step }: HandshakeMessage,
  octets: Uint8Array,
): Promise<HandshakeOutcome> {
  const known = await storedHandshake(session, name);
  const isAnswer =
    known?.role === 'responder' && !known.isDone && step === 'reply' && !known.said.some((said) => equal(said, octets));
  if (!isAnswer) return outcomeOf(name, 'ignored', undefined);
  await session.store.commit([handshakeChange(name, undefined)]);
  return outcomeOf(name, 'elsewhere', undefined);
}

type Room =
  | { readonly kind: 'room'; readonly cleared: readonly Change[] }
  | { readonly kind: 'own'; readonly own: StoredHandshake }
  | { readonly kind: 'none' };

/**
 * Whether a handshake that a peer begins is taken, and what is forgotten for it: what has expired, and, of two that both sides began at
 * once, the own one. The one with the lower name stays, on both sides; where that is the own one it is named.
 */
async function roomFor(
  session: Session,
  { peer, run }: HandshakeName,
  rules: HandshakeRules,
  isKnown: boolean,
): Promise<Room> {
  const now = session.clock();
  const all = await storedHandshakes(session);
  const kept = all.filter(({ expires }) => expires > now);
  const own = kept.filter((one) => one.peer === peer && one.role === 'initiator' && !one.isDone);
  const lower = own.find((one) => one.run < run);
  if (lower !== undefined) return { kind: 'own', own: lower };
  const theirs = kept.filter(({ role }) => role === 'responder');
  if (theirs.filter((one) => one.peer === peer).length >= rules.ofPeer) return { kind: 'none' };
  // A contact's is taken all the same: else strangers could keep contacts out for a week (G5).
  if (!isKnown && theirs.filter(({ isDone }) => !isDone).length >= rules.ofAll) return { kind: 'none' };
  if (!isKnown && !(await admitsStranger(session, peer, false, false))) return { kind: 'none' };
  const gone = [...all.filter((one) => one.expires <= now), ...own];
  return { kind: 'room', cleared: gone.map((one) => handshakeChange(one, undefined)) };
}
