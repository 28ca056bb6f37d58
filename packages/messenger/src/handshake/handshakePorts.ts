/**
 * What a step of a handshake works with, out of the store: own keys, a reply prekey to offer, who is pinned, who is believed.
 * @module
 */
import type { Change } from '@stanzaseal/keystore';
import type { HandshakePorts } from '@stanzaseal/trust/handshake';
import { storedKey } from '../lists.js';
import { offerReplyPrekey } from '../replyPrekeys.js';
import type { AdmittedAccount, Session } from '../session.js';
import { believesDevice } from './effects.js';

/** The ports of one step. */
export interface StepPorts {
  /** For the step. */
  readonly ports: HandshakePorts;
  /** The offered reply prekey, where one was: durable together with the step's state. */
  readonly changes: Change[];
  /** Throws what the store failed with meanwhile: that ends no handshake. */
  check(): void;
}

/** Makes the ports of one step with a peer. */
export async function portsOf(
  session: Session,
  { identity, endorsement }: AdmittedAccount,
  peer: string,
  common: Uint8Array | undefined,
): Promise<StepPorts> {
  const { store, random, clock, crypto } = session;
  const changes: Change[] = [];
  let failure: { readonly cause: unknown } | undefined;
  /** A step makes one answer of all that goes wrong; that the store fails is no fault of the message. */
  async function watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  }
  const offer = async () => {
    const conversation = await store.get('conversations', peer);
    const { replyPrekey, key, changes: made } = await offerReplyPrekey(session, peer, conversation);
    const record = { ...conversation, counter: conversation?.counter ?? 0, replyPrekey: key };
    changes.push(...made, { table: 'conversations', key: peer, record });
    return { publicKey: replyPrekey.key.raw, notAfter: replyPrekey.notAfter };
  };
  const pinned = async () => {
    const contact = await store.get('contacts', peer);
    return contact && (await storedKey('Ed25519', contact.identity, crypto)).keyIdentifier;
  };
  const device = await store.deviceKey(crypto);
  const self = {
    jid: store.owner,
    identity: await storedKey('Ed25519', identity, crypto),
    // A token that is taken out is no fault of the message either.
    device: { publicKey: device.publicKey, sign: (octets: Uint8Array) => watched(async () => device.sign(octets)) },
    endorsement,
    offerPrekey: () => watched(offer),
  };
  return {
    changes,
    ports: {
      self,
      random,
      clock,
      crypto,
      pinned: () => watched(pinned),
      believes: (jid, shown) => watched(() => believesDevice(session, jid, shown)),
      ...(common === undefined ? {} : { common }),
    },
    check() {
      if (failure !== undefined) throw failure.cause;
    },
  };
}
