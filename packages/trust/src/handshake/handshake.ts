/**
 * The handshake: two who know of each other nothing but an address come to know each other's keys, and to have a fresh reply prekey of
 * each other. Three messages where the initiator is protected, four where the responder is (SIGMA-I and SIGMA-R).
 *
 * It is a function from what is remembered and what arrives to what is remembered and what is sent: whether a second or a week lies
 * between, and whether iq or stored messages carry it, makes no difference.
 * @module
 */
import {
  type AgreementKey,
  type Clock,
  type CryptoProvider,
  copyOctets,
  drawOctets,
  encodeDer,
  equal,
  isAcceptablePublicKey,
  type MaybePromise,
  octetString,
  type PublicKey,
  type RandomSource,
  type SigningKey,
  sequence,
} from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import type { Role } from '../runs/runState.js';
import { RUN_LENGTH } from '../verificationMessage.js';
import {
  decodeHandshake,
  encodeHandshake,
  type HandshakeMessage,
  type Hello,
  type Protects,
  type Reply,
} from './messages.js';
import { checkProof, handshakeSecret, makeProof, type Place, type Shown } from './proof.js';
import { decodeState, encodeState, type HandshakeState } from './state.js';

/** This side. */
export interface HandshakeSelf {
  /** Bare JID. */
  readonly jid: string;
  /** Account identity key. */
  readonly identity: PublicKey;
  /** Device key. */
  readonly device: SigningKey;
  /** DER of the endorsement of the device key by the identity key. */
  readonly endorsement: Uint8Array;
  /** A reply prekey for this peer. Its private half is to be durable no later than the state: both before `send` goes out. */
  offerPrekey(peer: string): Promise<{ readonly publicKey: Uint8Array; readonly notAfter: number }>;
}

/** What a step works with. */
export interface HandshakePorts {
  /** This side. */
  readonly self: HandshakeSelf;
  /** Randomness. */
  readonly random: RandomSource;
  /** Time. */
  readonly clock: Clock;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Key identifier of the identity key that is pinned for a peer; `undefined` for a stranger. To another key nothing is shown. */
  pinned(peer: string): MaybePromise<Uint8Array | undefined>;
  /** Whether a device is believed whose identity key endorses it: one that left its account's list, or was revoked, is not. Left out: each is. */
  believes?(peer: string, shown: Shown): MaybePromise<boolean>;
  /** A secret of 32 octets that both have by another way, where they have one. It must not be a password: those are for runs of `./password`. */
  readonly common?: Uint8Array;
}

/** The other side, as it showed itself. */
export interface HandshakePeer extends Shown {
  /** Bare JID. */
  readonly jid: string;
}

/** What a step came to. */
export interface HandshakeStep {
  /**
   * `waiting`: for the other side. `done`: the other side is who it says, by its own keys; whose they are is another question. `ended`:
   * something was not as it should be, and nobody is told what. `ignored`: of no handshake here.
   */
  readonly kind: 'waiting' | 'done' | 'ended' | 'ignored';
  /** To be stored **before** `send` goes out; `undefined`: forget it. With `ignored`: what there was stays. */
  readonly state: Uint8Array | undefined;
  /** To be sent to the other side. */
  readonly send?: Uint8Array;
  /** With `done`. */
  readonly peer?: HandshakePeer;
  /** With `ended`: another identity key than the pinned one showed itself for the address. */
  readonly changed?: PublicKey;
}

/** Ed25519, X25519, AES-256-GCM: the one suite there is. */
const SUITES: readonly number[] = [1];
const COMMON_LENGTH = 32;
const IGNORED = { kind: 'ignored', state: undefined } as const;
const ENDED = { kind: 'ended', state: undefined } as const;

/**
 * Begins a handshake.
 * @param to bare JID of the other side
 * @param protects whose identity an active attacker is not to learn: the initiator's takes three messages, the responder's four
 * @throws RangeError for a common secret of another length, and for oneself; StanzaError `ERR_ADDRESS`
 * @example
 * const { state, send } = await beginHandshake({ to: 'juliet@capulet.example', protects: 'initiator' }, ports);
 */
export async function beginHandshake(
  { to, protects }: { readonly to: string; readonly protects: Protects },
  ports: HandshakePorts,
): Promise<HandshakeStep & { readonly kind: 'waiting'; readonly send: Uint8Array }> {
  const peer = bareJid(to);
  if (peer === ports.self.jid) throw new RangeError('to is the own account');
  checkCommon(ports);
  const { random, crypto } = ports;
  const run = drawOctets(random, RUN_LENGTH);
  const secret = drawOctets(random, 32);
  const { publicKey } = await crypto.agreementKey(secret);
  const nonce = drawOctets(random, 32);
  const send = encodeHandshake({ step: 'hello', run, suites: SUITES, protects, ephemeral: publicKey.raw, nonce });
  return { kind: 'waiting', state: encodeState({ role: 'initiator', peer, messages: [send], secret }), send };
}

/** Name of the handshake that a message belongs to: 16 octets. @throws TrustError `ERR_MESSAGE` */
export function handshakeRun(message: Uint8Array): Uint8Array {
  return decodeHandshake(message).run;
}

/**
 * Takes a message.
 * @param state what is remembered of the handshake that `handshakeRun` names; `undefined` for none
 * @param from bare JID that the server gives as its sender
 * @throws TrustError `ERR_MESSAGE` for octets that are none; RangeError for a common secret of another length
 */
export async function takeHandshake(
  state: Uint8Array | undefined,
  message: Uint8Array,
  from: string,
  ports: HandshakePorts,
): Promise<HandshakeStep> {
  checkCommon(ports);
  const octets = copyOctets(message);
  const read = decodeHandshake(octets);
  const peer = bareJid(from);
  if (state === undefined)
    return read.step === 'hello' && peer !== ports.self.jid ? respond(octets, read, peer, ports) : IGNORED;
  const known = decodeState(state);
  // Nobody else's words end a handshake.
  if (peer !== known.peer) return IGNORED;
  const before = known.messages.findIndex((said, turn) => roleAt(turn) !== known.role && equal(said, octets));
  if (before >= 0) {
    const answer = known.messages[before + 1];
    return answer === undefined ? IGNORED : { ...IGNORED, send: answer };
  }
  if (known.secret === undefined) return IGNORED;
  try {
    return await goOn(known, known.secret, octets, read, ports);
  } catch {
    // One answer, and nothing to the other side: what was wrong is for nobody to learn.
    return ENDED;
  }
}

async function respond(octets: Uint8Array, hello: Hello, peer: string, ports: HandshakePorts): Promise<HandshakeStep> {
  const suite = highestCommon(hello.suites);
  if (suite === undefined || !isAcceptablePublicKey('X25519', hello.ephemeral)) return ENDED;
  const { random, crypto } = ports;
  const secret = drawOctets(random, 32);
  const own = await crypto.agreementKey(secret);
  const core: Reply = {
    step: 'reply',
    run: hello.run,
    suite,
    ephemeral: own.publicKey.raw,
    nonce: drawOctets(random, 32),
    proof: undefined,
  };
  let reply = core;
  if (hello.protects === 'initiator') {
    const messages = [octets, encodeHandshake(core)];
    const secretOfBoth = await agree(own, hello.ephemeral, messages, ports);
    const place = await placeOf('responder', [ports.self.jid, peer], messages, secretOfBoth, ports);
    reply = { ...core, proof: await ownProof(place, ports) };
  }
  const send = encodeHandshake(reply);
  return { kind: 'waiting', state: encodeState({ role: 'responder', peer, messages: [octets, send], secret }), send };
}

async function goOn(
  { role, peer, messages }: HandshakeState,
  secret: Uint8Array,
  octets: Uint8Array,
  read: HandshakeMessage,
  ports: HandshakePorts,
): Promise<HandshakeStep> {
  const turn = messages.length;
  const hello = decodeHandshake(messages[0] as Uint8Array) as Hello;
  if (roleAt(turn) === role || !equal(read.run, hello.run)) return ENDED;
  // Of an account with several devices each may answer: the first one that does has the run.
  if (read.step === 'reply' && turn > 1) return IGNORED;
  if (read.step !== (turn === 1 ? 'reply' : 'proof')) return ENDED;
  const all = [...messages, octets];
  const reply = (read.step === 'reply' ? read : decodeHandshake(messages[1] as Uint8Array)) as Reply;
  const own = await ports.crypto.agreementKey(secret);
  const other = role === 'initiator' ? reply.ephemeral : hello.ephemeral;
  // A message that comes back to who sent it (P06), a suite that was not the best of those offered: an attacker's work.
  if (equal(other, own.publicKey.raw) || reply.suite !== highestCommon(hello.suites)) return ENDED;
  if ((reply.proof !== undefined) !== (hello.protects === 'initiator')) return ENDED;
  const core = encodeHandshake({ ...reply, proof: undefined });
  const shared = await agree(own, other, [messages[0] as Uint8Array, core], ports);
  const { proof } = read;
  const said = read.step === 'reply' ? [messages[0] as Uint8Array, core] : messages;
  const place = await placeOf(otherRole(role), [peer, ports.self.jid], said, shared, ports);
  const shown = proof === undefined ? undefined : await checkProof(proof, place, ports);
  const pinned = await ports.pinned(peer);
  // Before anything of this side is shown: of a stranger anybody can say to be them, of a pinned one nobody (P02).
  if (shown !== undefined && pinned !== undefined && !equal(pinned, shown.identity.keyIdentifier))
    return { ...ENDED, changed: shown.identity };
  if (shown !== undefined && (await ports.believes?.(peer, shown)) === false) return ENDED;
  const last = hello.protects === 'initiator' ? 2 : 3;
  const done = shown === undefined ? {} : { peer: { jid: peer, ...shown } };
  if (turn === last) {
    return { kind: 'done', state: encodeState({ role, peer, messages: all, secret: undefined }), ...done };
  }
  const mine = await placeOf(role, [ports.self.jid, peer], all, shared, ports);
  const send = encodeHandshake({ step: 'proof', run: hello.run, proof: await ownProof(mine, ports) });
  const isDone = turn + 1 === last;
  const next = encodeState({ role, peer, messages: [...all, send], secret: isDone ? undefined : secret });
  return { kind: isDone ? 'done' : 'waiting', state: next, send, ...(isDone ? done : {}) };
}

/** Z of both ephemeral keys, a common secret where there is one, and the first two messages. */
async function agree(
  own: AgreementKey,
  other: Uint8Array,
  said: readonly Uint8Array[],
  { crypto, common = new Uint8Array(0) }: HandshakePorts,
): Promise<Uint8Array> {
  if (!isAcceptablePublicKey('X25519', other)) throw new RangeError('ephemeral key is no key');
  const shared = await own.agree({ algorithm: 'X25519', raw: other });
  return handshakeSecret(shared, common, await transcriptOf(said, crypto), crypto);
}

/** @param between who shows itself and to whom; @param said what both had said before */
async function placeOf(
  role: Role,
  [owner, peer]: readonly [owner: string, peer: string],
  said: readonly Uint8Array[],
  secret: Uint8Array,
  { crypto }: HandshakePorts,
): Promise<Place> {
  return { role, owner, peer, transcript: await transcriptOf(said, crypto), secret };
}

async function ownProof(place: Place, ports: HandshakePorts): Promise<Uint8Array> {
  const { self } = ports;
  const { publicKey, notAfter } = await self.offerPrekey(place.peer);
  const { identity, device, endorsement } = self;
  return makeProof(place, { identity, device, endorsement, replyPrekey: publicKey, notAfter }, ports);
}

/** SHA-256 of a DER sequence of all messages: DER keeps them apart (T06). */
function transcriptOf(messages: readonly Uint8Array[], crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.sha256(encodeDer(sequence(...messages.map((message) => octetString(message)))));
}

function highestCommon(offered: readonly number[]): number | undefined {
  return offered.filter((suite) => SUITES.includes(suite)).at(-1);
}

function roleAt(turn: number): Role {
  return turn % 2 === 0 ? 'initiator' : 'responder';
}

function otherRole(role: Role): Role {
  return role === 'initiator' ? 'responder' : 'initiator';
}

function checkCommon({ common }: HandshakePorts): void {
  if (common !== undefined && common.length !== COMMON_LENGTH) throw new RangeError('common is not 32 octets');
}
