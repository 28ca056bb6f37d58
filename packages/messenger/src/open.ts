/**
 * Opening a stanza: duplicates and what is not for us are answered before any key is used; what opens becomes part of the
 * store's state in `accept()` alone.
 * @module
 */
import {
  type AgreementKeys,
  equal,
  type MaybePromise,
  type Recipient,
  type RecipientClass,
  toHex,
} from '@stanzaseal/cms';
import type { AccountRecord, TrustLevel } from '@stanzaseal/keystore';
import {
  attribute,
  type OpenedStanza,
  openSealedStanza,
  type ReadSealedStanza,
  readSealedStanza,
  type XmlElement,
} from '@stanzaseal/stanza';
import { accept, followAnew } from './accept.js';
import { storedKey } from './lists.js';
import { openError, openFailure } from './messengerError.js';
import { findSender, type Sender } from './sender.js';
import { accountOf, notRolledBack, type Session } from './session.js';
import { admitsStranger, queueRequest } from './strangers.js';
import { levelOf, trustNow } from './trust.js';
import { readWarnings, type Warning } from './warnings.js';

/** How a stanza arrived. */
export interface OpenOptions {
  /** In a room: the real bare JID of an occupant's JID as the room's roster has it. */
  readonly occupant?: (occupantJid: string) => string | undefined;
}

/** Who sent an opened stanza. */
export interface OpenedSender {
  /** Bare JID: the real one in a room. */
  readonly jid: string;
  /** Key identifier of the device key. */
  readonly device: Uint8Array;
  /** Account identity key: raw Ed25519 public key. */
  readonly identity: Uint8Array;
  /** What is known of the identity key. Own devices are `verified`. */
  readonly trust: TrustLevel;
  /** Whether this is the first object of an unknown identity. */
  readonly firstContact: boolean;
}

/** A stanza that opened. */
export interface Opened {
  /** It opened. */
  readonly status: 'opened';
  /** The stanza as it was before it was sealed. */
  readonly stanza: XmlElement;
  /** Who sent it. */
  readonly sender: OpenedSender;
  /** Class of the key that opened it; `undefined` where a CEK did. */
  readonly class: RecipientClass | undefined;
  /** When the sender says it was written, in ms since 1970. */
  readonly time: number;
  /** 16 octets; with the sender's device the name of the message. */
  readonly messageId: Uint8Array;
  /** Message id of the iq request that this answers. */
  readonly inReplyTo: Uint8Array | undefined;
  /** To whom it was sealed. */
  readonly recipients: readonly Recipient[];
  /** What is odd about it and no reason to refuse. */
  readonly warnings: readonly Warning[];
  /** Whether a CEK from an archive opened it. */
  readonly archived: boolean;
  /** The content-encryption key: for a self-archive. */
  readonly cek: Uint8Array;
  /** Makes it part of the store: replay memory, pin, counter, prekey state, together and durable. Until then the same octets open again. */
  accept(): Promise<void>;
}

/** What opening comes to, where nothing is wrong. */
export type OpenResult =
  | Opened
  /** It was opened and accepted before. */
  | { readonly status: 'duplicate' }
  /** A stranger's object, kept unopened: the day's limit was reached. */
  | { readonly status: 'queued' }
  /** An error stanza: never opened; `id` is that of the stanza that bounced. */
  | { readonly status: 'bounce'; readonly id: string | undefined };

/** Opens a stanza; see `Messenger.open`. `exclusively` runs a change of the store with no other change under way. */
export async function open(
  session: Session,
  exclusively: <T>(change: () => Promise<T>) => Promise<T>,
  stanza: XmlElement,
  options: OpenOptions = {},
): Promise<OpenResult> {
  try {
    const attempt = await attemptOpen(session, stanza, options);
    if (attempt.status === 'queued') {
      await exclusively(() => queueRequest(session, attempt.sealed));
      return { status: 'queued' };
    }
    if (attempt.status === 'duplicate') {
      const { anew } = attempt;
      if (anew !== undefined) await exclusively(() => followAnew(session, anew));
      return { status: 'duplicate' };
    }
    if (attempt.status !== 'opened') return attempt;
    const { sealed, opened, sender } = attempt;
    return await describe(session, attempt, () => exclusively(() => accept(session, sealed, opened, sender)));
  } catch (cause) {
    throw openFailure(cause);
  }
}

/** An object that opened, and what is needed to accept it. */
export interface OpenedObject {
  readonly status: 'opened';
  readonly account: AccountRecord;
  readonly sealed: ReadSealedStanza;
  readonly opened: OpenedStanza;
  readonly sender: Sender;
}

/** What opening comes to before anything is stored. */
export type OpenAttempt =
  | OpenedObject
  /** Of a stranger, beyond the day's limit: to be queued. */
  | { readonly status: 'queued'; readonly sealed: ReadSealedStanza }
  /** Accepted before; `anew` where it is the same message in another object. */
  | { readonly status: 'duplicate'; readonly anew?: OpenedStanza }
  | Extract<OpenResult, { readonly status: 'bounce' }>;

/** Opens a stanza and changes nothing. Throws whatever is wrong: `openFailure` makes the one error of it. */
export async function attemptOpen(session: Session, stanza: XmlElement, options: OpenOptions): Promise<OpenAttempt> {
  if (attribute(stanza, 'type') === 'error') return { status: 'bounce', id: attribute(stanza, 'id') };
  const { store } = session;
  // Nothing that is no promise is awaited here, nor in what this calls: each await costs a turn of the queue.
  const stored = accountOf(session);
  const account = notRolledBack(stored instanceof Promise ? await stored : stored);
  const sealed = await read(session, stanza, options);
  const seen = store.get('seen', toHex(sealed.digest));
  if ((seen instanceof Promise ? await seen : seen) !== undefined) return { status: 'duplicate' };
  const own = await ownPrekey(session, sealed);
  if (own === undefined) throw openError();
  const { from } = sealed.context;
  const known = from === store.owner ? undefined : store.get('contacts', from);
  const contact = known instanceof Promise ? await known : known;
  if (from !== store.owner && contact === undefined) {
    const usesOneTime = (await store.get('prekeys', toHex(own.rKeyId)))?.class === 'one-time';
    if (!(await admitsStranger(session, from, usesOneTime, true))) return { status: 'queued', sealed };
  }
  const { opened, sender } = await openWith(session, account, sealed, own.keys);
  const accepted = store.get('accepted', acceptedKey(opened));
  if ((accepted instanceof Promise ? await accepted : accepted) !== undefined)
    return { status: 'duplicate', anew: opened };
  return { status: 'opened', account, sealed, opened, sender };
}

/** Opens a stanza with its content-encryption key; see `Messenger.openArchived`. */
export async function openArchived(
  session: Session,
  stanza: XmlElement,
  cek: Uint8Array,
  options: OpenOptions = {},
): Promise<Opened> {
  try {
    const sealed = await read(session, stanza, options);
    const account = await accountOf(session);
    const { opened, sender } = await openWith(session, account, sealed, { cek });
    return { ...(await describe(session, { account, opened, sender }, async () => {})), archived: true };
  } catch (cause) {
    throw openFailure(cause);
  }
}

/** Key in the table `accepted`. */
export function acceptedKey({ device, messageId }: OpenedStanza): string {
  return `${toHex(device)} ${toHex(messageId)}`;
}

function read(
  { store, crypto, rules }: Session,
  stanza: XmlElement,
  { occupant }: OpenOptions,
): Promise<ReadSealedStanza> {
  return readSealedStanza(stanza, {
    own: store.owner,
    crypto,
    limits: { octets: rules.objectOctets, depth: 16, recipients: 512 },
    occupant,
  });
}

/** The one own prekey that the object is sealed to: found by name, so that what is not for us costs no key operation (G1). */
async function ownPrekey(
  { store, crypto }: Session,
  { rKeyIds }: ReadSealedStanza,
): Promise<{ rKeyId: Uint8Array; keys: AgreementKeys } | undefined> {
  for (const rKeyId of rKeyIds) {
    const found = store.prekey(rKeyId, crypto);
    const key = found instanceof Promise ? await found : found;
    if (key !== undefined) return { rKeyId, keys: { find: (id) => (equal(id, rKeyId) ? key : undefined) } };
  }
  return undefined;
}

async function openWith(
  session: Session,
  account: AccountRecord,
  sealed: ReadSealedStanza,
  keys: AgreementKeys | { readonly cek: Uint8Array },
): Promise<{ opened: OpenedStanza; sender: Sender }> {
  const ownDevice = storedKey('Ed25519', account.device, session.crypto);
  const { keyIdentifier: device } = ownDevice instanceof Promise ? await ownDevice : ownDevice;
  let sender: Sender | undefined;
  const opened = await openSealedStanza(sealed, {
    keys,
    isOwnPrekey: async (rKeyId) => (await session.store.get('prekeys', toHex(rKeyId))) !== undefined,
    device,
    crypto: session.crypto,
    findSender: async (claim) => {
      sender = await findSender(session, claim);
      return sender?.device;
    },
  });
  if (sender === undefined) throw openError();
  return { opened, sender };
}

/** An object that opened, as the application sees it. */
export async function describe(
  session: Session,
  { account, opened, sender }: Pick<OpenedObject, 'account' | 'opened' | 'sender'>,
  acceptIt: () => Promise<void>,
): Promise<Opened> {
  const own = opened.from === session.store.owner;
  const known = own ? 'verified' : trustOf(session, opened.from, sender);
  const trust = known instanceof Promise ? await known : known;
  return {
    status: 'opened',
    stanza: opened.stanza,
    sender: {
      jid: opened.from,
      device: opened.device,
      identity: sender.identity,
      trust,
      firstContact: !own && sender.contact === undefined,
    },
    class: opened.recipient?.class,
    time: opened.time,
    messageId: opened.messageId,
    inReplyTo: opened.context.inReplyTo,
    recipients: opened.recipients,
    warnings: await readWarnings(session, account, opened, sender),
    archived: false,
    cek: opened.cek,
    accept: acceptIt,
  };
}

/** The level of whoever sent it: of a pinned contact, or of a key that was known before its holder first wrote. */
function trustOf(session: Session, jid: string, { contact, identity }: Sender): MaybePromise<TrustLevel> {
  return contact === undefined
    ? levelOf(session, jid, identity).then(({ level }) => level)
    : trustNow(session, jid, contact);
}
