/**
 * Operations on handshakes: whole ones between two sides that draw what a vector says, and single messages.
 * @module
 */
import {
  type CryptoProvider,
  concat,
  encodeDer,
  fromHex,
  octetString,
  privateKeyFromSecret,
  sequence,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import { endorse } from '@stanzaseal/signer';
import {
  beginHandshake,
  decodeHandshake,
  encodeHandshake,
  type HandshakePorts,
  type HandshakeStep,
  type Hello,
  type Protects,
  type Reply,
  takeHandshake,
} from '@stanzaseal/trust/handshake';
import { recordedRandom } from './input.js';
import type { Outcome } from './vector.js';

/** A side: its address, the secrets of its keys, and what it draws, in order. */
interface SideInput {
  readonly jid: string;
  readonly identity: string;
  readonly device: string;
  readonly replyPrekey: string;
  readonly random: string[];
  /** Key identifier that it has pinned for the other side. */
  readonly pinned?: string;
  /** The common secret, where it has one. */
  readonly common?: string;
}

/** A handshake; `change` is what somebody between them does to a message. */
interface HandshakeInput {
  readonly protects: Protects;
  /** In ms since 1970: clocks, and the end of the reply prekeys' validity. */
  readonly now: number;
  readonly notAfter: number;
  readonly initiator: SideInput;
  readonly responder: SideInput;
  readonly change?: { readonly message: number; readonly octet: number; readonly mask: number };
}

/** `trust.handshake`: from the first message to the last. */
export async function runHandshake(input: HandshakeInput, crypto: CryptoProvider): Promise<Outcome> {
  const { initiator, responder, protects, change } = input;
  const ports = [await portsOf(initiator, input, crypto), await portsOf(responder, input, crypto)] as const;
  const begun = await beginHandshake({ to: responder.jid, protects }, ports[0]);
  const states: (Uint8Array | undefined)[] = [begun.state, undefined];
  const messages = [begun.send];
  const steps: { side: string; kind: string; shown: unknown }[] = [];
  for (let turn = 0; turn < messages.length; turn++) {
    const at = turn % 2 === 0 ? 1 : 0;
    const said = Uint8Array.from(messages[turn] as Uint8Array);
    if (change?.message === turn) {
      const octet = said[change.octet];
      if (octet === undefined) throw new RangeError('message has no such octet');
      said[change.octet] = octet ^ change.mask;
    }
    const from = at === 1 ? initiator.jid : responder.jid;
    const step: HandshakeStep = await takeHandshake(states[at], said, from, ports[at]);
    states[at] = step.state;
    steps.push({ side: at === 1 ? 'responder' : 'initiator', kind: step.kind, shown: shownIn(step) });
    if (step.send !== undefined) messages.push(step.send);
  }
  const intermediate = messages.length < 2 ? undefined : await valuesOf(input, messages, crypto);
  return { ...(intermediate === undefined ? {} : { intermediate }), output: { messages: messages.map(toHex), steps } };
}

/** `trust.handshake-message`: a message, taken apart. */
export async function readHandshakeMessage({ message }: { message: string }): Promise<Outcome> {
  const read = Object.entries(decodeHandshake(fromHex(message)));
  return {
    output: Object.fromEntries(
      read.map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : (value ?? null)]),
    ),
  };
}

async function portsOf(
  side: SideInput,
  { now, notAfter }: HandshakeInput,
  crypto: CryptoProvider,
): Promise<HandshakePorts> {
  const [identity, device] = [
    await privateKeyFromSecret('Ed25519', fromHex(side.identity), crypto),
    await privateKeyFromSecret('Ed25519', fromHex(side.device), crypto),
  ];
  const { publicKey } = await privateKeyFromSecret('X25519', fromHex(side.replyPrekey), crypto);
  const [signer, deviceSigner] = [await identity.signingKey(crypto), await device.signingKey(crypto)];
  const terms = {
    endorser: identity.publicKey.keyIdentifier,
    endorsed: device.publicKey,
    owner: side.jid,
    purpose: 'device',
    notBefore: now,
    notAfter,
    sequence: 1,
  } as const;
  return {
    self: {
      jid: side.jid,
      identity: identity.publicKey,
      device: deviceSigner,
      endorsement: await endorse(terms, signer, deviceSigner, { signingTime: now, crypto }),
      offerPrekey: async () => ({ publicKey: publicKey.raw, notAfter }),
    },
    random: recordedRandom(side.random),
    clock: () => now,
    crypto,
    pinned: () => (side.pinned === undefined ? undefined : fromHex(side.pinned)),
    ...(side.common === undefined ? {} : { common: fromHex(side.common) }),
  };
}

function shownIn({ peer }: HandshakeStep): unknown {
  if (peer === undefined) return null;
  const { jid, identity, device, replyPrekey, notAfter } = peer;
  return { jid, identity: toHex(identity.raw), device: toHex(device.raw), replyPrekey: toHex(replyPrekey), notAfter };
}

/** Z and what follows from it (section 24.8), computed from what the initiator drew and beside the implementation. */
async function valuesOf({ initiator }: HandshakeInput, [first, second]: readonly Uint8Array[], crypto: CryptoProvider) {
  const hello = decodeHandshake(first as Uint8Array) as Hello;
  const reply = decodeHandshake(second as Uint8Array) as Reply;
  const own = await crypto.agreementKey(fromHex(initiator.random[1] as string));
  const shared = await own.agree({ algorithm: 'X25519', raw: reply.ephemeral });
  const said = [encodeHandshake(hello), encodeHandshake({ ...reply, proof: undefined })];
  const transcript = await crypto.sha256(encodeDer(sequence(...said.map((message) => octetString(message)))));
  const common = initiator.common === undefined ? new Uint8Array(0) : fromHex(initiator.common);
  const label = 'stanzaseal/0 handshake';
  const secret = await crypto.hkdfSha256(concat(shared, common), transcript, toUtf8(label), 32);
  const key = async (role: string, use: string): Promise<string> =>
    toHex(await crypto.hkdfSha256(secret, new Uint8Array(0), toUtf8(`${label} ${role} ${use}`), 32));
  return {
    shared: toHex(shared),
    transcript: toHex(transcript),
    secret: toHex(secret),
    keys: {
      initiatorSeal: await key('initiator', 'seal'),
      initiatorConfirm: await key('initiator', 'confirm'),
      responderSeal: await key('responder', 'seal'),
      responderConfirm: await key('responder', 'confirm'),
    },
  };
}
