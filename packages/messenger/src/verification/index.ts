/**
 * Verification runs over a messenger's store: their messages go as ordinary sealed ones, and what they come to becomes evidence.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { TrustLevel } from '@stanzaseal/keystore';
import { bareJid, element, NS, type XmlElement } from '@stanzaseal/stanza';
import {
  createVerifier,
  type Outcome,
  type Protocol,
  type RunOutcome,
  type RunRules,
  readVerification,
  type Verifier,
  verificationElement,
} from '@stanzaseal/trust';
import type { EvidenceKind } from '@stanzaseal/trust/levels';
import { storedKey } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { MessengerError } from '../messengerError.js';
import type { Opened } from '../open.js';
import type { Session } from '../session.js';
import { ownFingerprint, recordEvidence } from '../trust.js';

/** An account under one identity key, as runs name it: a bare JID and the key's identifier. */
export type Party = RunOutcome['peer'];

/** A step that was taken into the store. */
export interface Settled<O extends Outcome = RunOutcome> {
  /** What it came to. */
  readonly outcome: O;
  /** To be sealed to the other side and sent, where it is not `undefined`; the store hint comes with sealing. */
  readonly message: XmlElement | undefined;
  /** The level of the other side now, where the outcome is `verified`. */
  readonly trust: TrustLevel | undefined;
}

/** Runs over a messenger. */
export interface Verification {
  /** For `beginSas`, `acceptPassword` and the like. Give what they resolve to to `settle`. */
  readonly verifier: Verifier;
  /** A contact under its pinned identity key. @throws MessengerError `ERR_NO_KEYS` for an unknown one, `ERR_KEY_CHANGED` for one that awaits an answer */
  party(jid: string): Promise<Party>;
  /** Makes evidence of a run that verified, and a message of what is to be sent. */
  settle(outcome: RunOutcome): Promise<Settled>;
  /**
   * Takes in a verification message, if the stanza has one; call it before `accept()`. Repetitions do no harm.
   * @throws TrustError `ERR_MESSAGE`
   */
  receive(opened: Pick<Opened, 'stanza' | 'sender'>): Promise<Settled<Outcome> | undefined>;
}

/** How a protocol's success is written down. */
const EVIDENCE: Readonly<Record<string, EvidenceKind>> = { sas: 'sas', password: 'password', handshake: 'handshake' };

/**
 * Runs of verification protocols over a messenger and its store. There is one at a time over a store.
 * @example
 * const verification = await createVerification(messenger, { protocols: [sas] });
 * const { message } = await verification.settle(await beginSas(verification.verifier, await verification.party(jid)));
 */
export async function createVerification(
  messenger: Messenger,
  parameters: { readonly protocols: readonly Protocol[]; readonly rules?: Partial<RunRules> },
): Promise<Verification> {
  const verifier = await within(messenger, async (session) => {
    const { store, random, clock } = session;
    const own = { jid: store.owner, identity: await ownFingerprint(session) };
    return createVerifier({ ...parameters, store, own, random, clock });
  });
  const settle = async <O extends Outcome>(outcome: O): Promise<Settled<O>> => ({
    outcome,
    message:
      outcome.send === undefined || outcome.kind === 'ignored' ? undefined : messageTo(outcome.peer.jid, outcome.send),
    trust: outcome.kind === 'verified' ? await within(messenger, (session) => verified(session, outcome)) : undefined,
  });
  return {
    verifier,
    settle,
    party: (jid) => within(messenger, (session) => partyOf(session, bareJid(jid))),
    async receive({ stanza, sender }) {
      const octets = readVerification(stanza);
      if (octets === undefined) return undefined;
      const { keyIdentifier } = await within(messenger, async ({ crypto }) =>
        storedKey('Ed25519', sender.identity, crypto),
      );
      const from = { jid: sender.jid, identity: keyIdentifier };
      const outcome = await verifier.receive(octets, from);
      const settled = await settle(outcome);
      // Of a repetition: the answer that was given before, again to who asks.
      const isRepetition = outcome.kind === 'ignored' && outcome.send !== undefined;
      return isRepetition ? { ...settled, message: messageTo(from.jid, outcome.send as Uint8Array) } : settled;
    },
  };
}

function messageTo(to: string, octets: Uint8Array): XmlElement {
  return element(NS.CLIENT, 'message', { type: 'chat', to }, [verificationElement(octets)]);
}

async function partyOf({ store, crypto }: Session, jid: string): Promise<Party> {
  const contact = await store.get('contacts', jid);
  if (contact === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${jid} are known`);
  if (contact.changedIdentity !== undefined)
    throw new MessengerError('ERR_KEY_CHANGED', `the identity key of ${jid} changed`);
  return { jid, identity: (await storedKey('Ed25519', contact.identity, crypto)).keyIdentifier };
}

/** A run speaks of the key it ran under. If another was pinned since, it is kept as evidence of the old one and raises nothing. */
async function verified(session: Session, { protocol, peer }: RunOutcome): Promise<TrustLevel> {
  const { store, crypto, clock } = session;
  const kind = EVIDENCE[protocol];
  if (kind === undefined) throw new TypeError(`protocol ${protocol} earns no evidence`);
  const contact = await store.get('contacts', peer.jid);
  const pinned = contact && (await storedKey('Ed25519', contact.identity, crypto));
  const identity = pinned !== undefined && equal(pinned.keyIdentifier, peer.identity) ? pinned.raw : peer.identity;
  return recordEvidence(session, { jid: peer.jid, identity, kind, at: clock() });
}
