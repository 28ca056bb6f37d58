/**
 * Sealing a stanza to people: their devices are found, a prekey chosen for each, and what was chosen is durable before the
 * object leaves. There is one way, whether the recipient is online or comes back next week.
 * @module
 */
import type { SenderKeys } from '@stanzaseal/cms';
import type { Change, ConversationRecord, PlaceRecord } from '@stanzaseal/keystore';
import { attribute, bareJid, StanzaError, sealStanza, stanzaKind, type XmlElement } from '@stanzaseal/stanza';
import { VERIFICATION_NAMESPACE } from '@stanzaseal/trust';
import { storedList } from './lists.js';
import { MessengerError } from './messengerError.js';
import { collectRecipients, type NamedRecipient, type Recipients, type RecipientsParameters } from './recipientsOf.js';
import { offerReplyPrekey } from './replyPrekeys.js';
import { type AdmittedAccount, accountOf, admitted, type Session } from './session.js';
import { demandTrust } from './trust.js';
import { countedConversation } from './warnings.js';

/** To whom: one account (a full JID for an iq), or the members of a room. */
export type SealTarget =
  | { readonly to: string; readonly devices?: readonly Uint8Array[] }
  | { readonly room: string; readonly members: readonly string[] };

/** Choices of the caller. */
export interface SealOptions {
  /** Message id of the request that an iq result or error answers: 16 octets. */
  readonly inReplyTo?: Uint8Array;
  /** Leave out devices for which there is no prekey, rather than refuse. */
  readonly skipDevices?: boolean;
  /** Greatest length of the object in octets, where the server takes less than the profile allows. */
  readonly limit?: number;
  /** Seal under this message id, 16 octets: to seal the same message anew. */
  readonly messageId?: Uint8Array;
  /** The place that the same message had when it was sealed before: it keeps it, and nobody sees a gap where it had been. */
  readonly place?: PlaceRecord;
  /** Gives changes of the store that become durable together with the place that the message gets. */
  readonly together?: (place: PlaceRecord) => Promise<readonly Change[]>;
}

/** What sealing gives. */
export interface Sealed {
  /** The stanza to send. */
  readonly stanza: XmlElement;
  /** 16 octets; the outer `id` in hexadecimal. */
  readonly messageId: Uint8Array;
  /** Who can read it: devices with the class of their key, and archives by their organisation. */
  readonly recipients: readonly Omit<NamedRecipient, 'prekey'>[];
  /** Devices that cannot: no key of theirs is known. */
  readonly skipped: readonly { readonly jid: string; readonly device: Uint8Array }[];
  /** Accounts whose published keys are old enough to be fetched anew. */
  readonly stale: readonly string[];
  /** Length of the object in octets. */
  readonly octets: number;
  /** The content-encryption key, 32 octets: for a self-archive. Whoever has it reads the object. */
  readonly cek: Uint8Array;
}

/** Seals a stanza; see `Messenger.seal`. */
export async function seal(
  session: Session,
  stanza: XmlElement,
  target: SealTarget,
  options: SealOptions = {},
): Promise<Sealed> {
  try {
    const { store, crypto, random, clock, rules } = session;
    // Nothing that is no promise is awaited here, nor in what this calls: each await costs a turn of the queue.
    const stored = accountOf(session);
    const account = admitted(stored instanceof Promise ? await stored : stored);
    if ((attribute(stanza, 'type') === 'groupchat') !== 'room' in target) {
      throw new TypeError('target is a room, or stanza is of type groupchat, and not both');
    }
    const kind = stanzaKind(stanza);
    if (kind === undefined) throw new TypeError('stanza is no message, presence or iq');
    const to = bareJid('room' in target ? target.room : target.to);
    const conversationKey = countedConversation(to, kind);
    const members = 'room' in target ? [...new Set(target.members.map((member) => bareJid(member)))] : [to];
    const accounts = members.filter((jid) => jid !== store.owner);
    // What earns a level cannot wait for it.
    const policy = isVerification(stanza) ? undefined : store.get('policy', 'self');
    if (policy !== undefined) await demandTrust(session, policy instanceof Promise ? await policy : policy, accounts);
    const found = await chooseRecipients(session, {
      accounts,
      withOwnDevices: kind === 'message',
      skipDevices: options.skipDevices === true,
      devices: 'devices' in target ? target.devices : undefined,
    });
    const sentBefore = store.get('conversations', conversationKey);
    const conversation = sentBefore instanceof Promise ? await sentBefore : sentBefore;
    const offer = offerReplyPrekey(session, to, conversation);
    const offered = offer instanceof Promise ? await offer : offer;
    const known = 'room' in target ? undefined : store.get('contacts', to);
    const contact = known instanceof Promise ? await known : known;
    const deviceKey = store.deviceKey(crypto);
    const place = placeOf(conversation, options.place);
    const sealed = await sealStanza(stanza, {
      from: store.owner,
      to,
      recipients: found.recipients as [NamedRecipient, ...NamedRecipient[]],
      device: deviceKey instanceof Promise ? await deviceKey : deviceKey,
      context: {
        senderListVersion: storedList(account.deviceList).listVersion,
        peerListVersion: contact?.listVersion ?? 0,
        counter: place.counter,
        previous: place.previous,
        inReplyTo: options.inReplyTo,
      },
      replyPrekey: offered.replyPrekey,
      senderKeys: needsSenderKeys(found.recipients) ? senderKeysOf(account) : undefined,
      limit: Math.min(options.limit ?? rules.objectOctets, rules.objectOctets),
      messageId: options.messageId,
      now: clock(),
      random,
      crypto,
    });
    const digested = crypto.sha256(sealed.signedAttrsDer);
    const digest = digested instanceof Promise ? await digested : digested;
    const changes: Change[] = [
      ...found.changes,
      ...offered.changes,
      {
        table: 'conversations',
        key: conversationKey,
        record: countedOn(conversation, place.counter, digest, offered.key),
      },
    ];
    if (options.together !== undefined) changes.push(...(await options.together(place)));
    // Durable before the public half leaves: a prekey published and then forgotten would lose messages (I7).
    await store.commit(changes);
    return {
      stanza: sealed.stanza,
      messageId: sealed.messageId,
      recipients: found.recipients.map(nameOf),
      skipped: found.skipped,
      stale: found.stale,
      octets: sealed.object.length,
      cek: sealed.cek,
    };
  } catch (cause) {
    if (cause instanceof StanzaError && (cause.code === 'ERR_ADDRESS' || cause.code === 'ERR_TOO_LARGE')) {
      throw new MessengerError(cause.code, cause.message, { cause });
    }
    throw cause;
  }
}

/** The recipients, and the choices that are still to be made durable. */
function chooseRecipients(session: Session, parameters: RecipientsParameters): Promise<Recipients> {
  const { inTurn } = session;
  if (inTurn === undefined) return collectRecipients(session, parameters);
  return inTurn(async () => {
    const found = await collectRecipients(session, parameters);
    await session.store.commit(found.changes);
    return { ...found, changes: [] };
  });
}

/** Whether a message holds nothing but a step of a verification run (specification §24.1). */
function isVerification({ name, children }: XmlElement): boolean {
  const [only] = children;
  if (name !== 'message' || children.length !== 1 || only === undefined || typeof only === 'string') return false;
  return only.namespace === VERIFICATION_NAMESPACE && only.name === 'verification';
}

/** The next place, or the one that a message had before: behind what was sealed anew just before it, where that is its neighbour. */
function placeOf(conversation: ConversationRecord | undefined, before: PlaceRecord | undefined): PlaceRecord {
  if (before === undefined) {
    const { counter = 0, previous } = conversation ?? {};
    return { counter: counter + 1, ...(previous === undefined ? {} : { previous }) };
  }
  const { anew } = conversation ?? {};
  return anew?.counter === before.counter - 1 ? { ...before, previous: anew.digest } : before;
}

function countedOn(
  conversation: ConversationRecord | undefined,
  counter: number,
  digest: Uint8Array,
  replyPrekey: string,
): ConversationRecord {
  const { counter: last = 0, previous } = conversation ?? {};
  if (counter >= last) return { counter, previous: digest, replyPrekey };
  return { counter: last, ...(previous === undefined ? {} : { previous }), anew: { counter, digest }, replyPrekey };
}

function nameOf({
  jid,
  deviceKey,
  class: recipientClass,
  organisation,
}: NamedRecipient): Omit<NamedRecipient, 'prekey'> {
  const name = { jid, deviceKey, class: recipientClass };
  return organisation === undefined ? name : { ...name, organisation };
}

/** Who is answered on a reply prekey has our keys, but for the last word of a handshake; anybody else must be able to verify without looking anything up. */
function needsSenderKeys(recipients: readonly NamedRecipient[]): boolean {
  return recipients.some(({ class: recipientClass, unheard }) => recipientClass !== 'reply' || unheard === true);
}

function senderKeysOf(account: AdmittedAccount): SenderKeys {
  return {
    identity: { algorithm: 'Ed25519', raw: account.identity },
    device: { algorithm: 'Ed25519', raw: account.device },
    endorsement: account.endorsement,
  };
}
