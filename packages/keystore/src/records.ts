/**
 * What a key store holds, table by table. Octets are `Uint8Array`, times are ms since 1970, keys of tables are strings:
 * bare JIDs, or lower-case hexadecimal of key identifiers and digests.
 * @module
 */
import type { DeviceRole, RecipientClass } from '@stanzaseal/cms';

/** How much is known of a contact's identity key; the levels are never merged. */
export type TrustLevel = 'unverified' | 'vouched' | 'endorsed' | 'verified';

/** The store's own account on this device. Key: `self`. */
export interface AccountRecord {
  /** Bare JID of the account, normalised by who made the record. */
  readonly owner: string;
  /** Role of this device. */
  readonly role: DeviceRole;
  /** Account identity key: raw Ed25519 public key. */
  readonly identity: Uint8Array;
  /** Its seed: on primary devices alone, where the storage does not keep the key itself. */
  readonly identitySecret?: Uint8Array;
  /** Whether the identity key is held elsewhere: in a token, and given to whoever opens the store, or by the storage itself. */
  readonly identityElsewhere?: boolean;
  /** What the holder of an identity key held elsewhere calls it, where it calls it anything: in a token, its label. */
  readonly identityName?: string;
  /** Device key: raw Ed25519 public key. */
  readonly device: Uint8Array;
  /** Its seed; no octets where the key is held elsewhere, or the storage keeps it itself. */
  readonly deviceSecret: Uint8Array;
  /** Whether the device key is held elsewhere: in a token, and given to whoever opens the store. */
  readonly deviceElsewhere?: boolean;
  /** What the holder of a device key held elsewhere calls it, where it calls it anything: in a token, its label. */
  readonly deviceName?: string;
  /**
   * 32 random octets of this device, where its key is held elsewhere and gives none: for what an application keeps encrypted
   * beside the store. Not where the storage keeps keys itself.
   */
  readonly localSecret?: Uint8Array;
  /** DER of the endorsement of the device key by the identity key; absent until a joining device was admitted. */
  readonly endorsement?: Uint8Array;
  /** DER of the account's signed device list; absent until a joining device was admitted. */
  readonly deviceList?: Uint8Array;
  /** `sequence` of the bundle published last; 0 for none. */
  readonly bundleSequence: number;
  /** DER of that signed bundle. */
  readonly bundle?: Uint8Array;
  /** When it was signed. */
  readonly bundleAt?: number;
  /** When bundles were signed within the last hour. */
  readonly publications?: readonly number[];
  /** DER of another signed device list of the same version: what both name is in force, until a higher version comes. */
  readonly forkedList?: Uint8Array;
  /** So many devices left the lists that they are not remembered one by one: only listed ones are believed. */
  readonly listedOnly?: boolean;
  /** Sequence of a bundle under this device's key that this store did not publish: it is an older state, or a copy. */
  readonly rolledBackTo?: number;
  /** When catch-up with the archive was last complete. */
  readonly caughtUpAt?: number;
  /** The latest time of the clock that was believed, to a day. */
  readonly clockAt?: number;
  /** A jump of the clock ahead that is not believed yet, or was for want of anything against it. */
  readonly clockJump?: ClockJump;
}

/** A jump of the clock. */
export interface ClockJump {
  /** The latest time before it that was believed. */
  readonly from: number;
  /** What the clock showed when it was noticed. */
  readonly to: number;
  /** Whether it is believed, because it stood. */
  readonly confirmed: boolean;
  /** Bare JID of somebody whose object bore it out. */
  readonly witness?: string;
}

/** Use of an own prekey by a peer's device. */
export interface PrekeyUse {
  /** Device key identifier, hexadecimal. */
  readonly device: string;
  /** First use. */
  readonly at: number;
  /** When the device was first seen on a newer prekey of ours. */
  readonly movedOnAt?: number;
}

/** An own prekey. Key: its key identifier, hexadecimal. */
export interface PrekeyRecord {
  /** Class. */
  readonly class: Exclude<RecipientClass, 'archive'>;
  /** Raw X25519 public key. */
  readonly publicKey: Uint8Array;
  /** Its secret; no octets where the storage keeps the key itself. */
  readonly secret: Uint8Array;
  /** When it was made. */
  readonly createdAt: number;
  /** When peers cease to use it. */
  readonly notAfter: number;
  /** Which conversation a reply prekey was made for. */
  readonly conversation?: string;
  /** Last-resort: when another took its place. */
  readonly replacedAt?: number;
  /** Who used it. */
  readonly uses: readonly PrekeyUse[];
}

/** A contact, pinned at first sight. Key: bare JID. */
export interface ContactRecord {
  /** Account identity key: raw Ed25519 public key. */
  readonly identity: Uint8Array;
  /** What is known of it. */
  readonly trust: TrustLevel;
  /** How that is known, in words for people: `fingerprint`. */
  readonly evidence?: string;
  /** When the level must be asked again: evidence of it ends. */
  readonly trustUntil?: number;
  /** When it was pinned. */
  readonly pinnedAt: number;
  /** DER of the signed device list seen last. */
  readonly deviceList?: Uint8Array;
  /** Highest list version seen; 0 for none. */
  readonly listVersion: number;
  /** SHA-256 of the DER of that DeviceList. */
  readonly listDigest?: Uint8Array;
  /** When the list was taken in. */
  readonly listAt?: number;
  /** DER of another signed device list of the same version: what both name is in force, until a higher version comes. */
  readonly forkedList?: Uint8Array;
  /** So many devices left the lists that they are not remembered one by one: only listed ones are believed. */
  readonly listedOnly?: boolean;
  /** Another identity key that claimed this JID and awaits an answer: raw Ed25519 public key. */
  readonly changedIdentity?: Uint8Array;
}

/** A published or received prekey of a peer's device. */
export interface PeerPrekey {
  /** Raw X25519 public key. */
  readonly publicKey: Uint8Array;
  /** Class. */
  readonly class: Exclude<RecipientClass, 'archive'>;
  /** When it ceases to be used. */
  readonly notAfter: number;
  /** When it was chosen or received. */
  readonly at: number;
}

/** A peer's device (or another of our own). Key: `OWNER DEVICE`, bare JID and device key identifier in hexadecimal. */
export interface PeerDeviceRecord {
  /** Bare JID of its account. */
  readonly owner: string;
  /** Device key: raw Ed25519 public key. */
  readonly device: Uint8Array;
  /** Whether its identity key endorsed it in an object or a list. */
  readonly endorsed: boolean;
  /** Highest `sequence` of its identity key's endorsements and revocations of it, where one was seen. */
  readonly sequence?: number;
  /** Whether the one of that sequence is a revocation: no list brings it back. */
  readonly revoked?: boolean;
  /** DER of its endorsement, on the device that made it. */
  readonly endorsement?: Uint8Array;
  /** `sequence` of the bundle taken in last; 0 for none. */
  readonly bundleSequence: number;
  /** When that was. */
  readonly bundleAt?: number;
  /** End of the bundle's validity. */
  readonly bundleNotAfter: number;
  /** One-time prekeys not used yet: raw X25519 public keys. */
  readonly oneTime: readonly Uint8Array[];
  /** Last-resort prekey: raw X25519 public key. */
  readonly lastResort?: Uint8Array;
  /** The choice that sticks. */
  readonly choice?: PeerPrekey;
  /** Newest reply prekey opened from it. */
  readonly reply?: PeerPrekey;
  /** Whether the reply prekey is of a handshake whose last word was ours: until the device writes, nobody knows that it has this one's keys. */
  readonly unheard?: boolean;
}

/** Where an object stands among those that a device sent in a conversation. */
export interface PlaceRecord {
  /** Its number, from 1 on. */
  readonly counter: number;
  /** SHA-256 of the signedAttrs of the object before it; absent in the first. */
  readonly previous?: Uint8Array;
}

/** What this device sent in a conversation. Key: bare JID of the peer or room. */
export interface ConversationRecord {
  /** Objects sent. */
  readonly counter: number;
  /** SHA-256 of the signedAttrs of the last. */
  readonly previous?: Uint8Array;
  /** The object before the last that was sealed anew most lately, in its old place: the next of them follows on it. */
  readonly anew?: ReceivedRecord;
  /** Key identifier of the reply prekey offered now, hexadecimal. */
  readonly replyPrekey?: string;
}

/** What a device sent us in a conversation. Key: `DEVICE CONVERSATION`. */
export interface ReceivedRecord {
  /** Highest counter seen. */
  readonly counter: number;
  /** SHA-256 of the signedAttrs of that object. */
  readonly digest: Uint8Array;
}

/** An entry of a replay memory. */
export interface ReplayRecord {
  /** When it was made. */
  readonly at: number;
}

/** An object of a stranger beyond the daily limit, unopened. Key: its object digest. */
export interface RequestRecord {
  /** Bare JID it says it is from. */
  readonly from: string;
  /** The stanza's source text. */
  readonly stanza: string;
  /** When it came. */
  readonly at: number;
}

/** Counts of one day. Key: `YYYY-MM-DD`. */
export interface StrangerRecord {
  /** New pins by incoming objects. */
  readonly pins: number;
  /** One-time prekeys used by strangers. */
  readonly oneTimePrekeys: number;
}

/**
 * A stanza that the application gave to be sent, until the server has it: a crash between the promise to send and the sending loses
 * nothing. It lies under the erasure key, as prekeys do, so that what was sent is not read on a disk later. Key: order of acceptance,
 * 16 lower-case hexadecimal digits.
 */
export interface OutboxRecord {
  /** Source text of the stanza as the application gave it, unsealed: it is sealed when it is sent, to the devices of that time. */
  readonly stanza: string;
  /** Whom it goes to: a bare JID, a full JID for an iq, or a room's JID. */
  readonly to: string;
  /** In a room: bare JIDs of the members it is sealed to. */
  readonly members?: readonly string[];
  /** Its message id, the same each time it is sealed and sent: 16 octets. */
  readonly messageId: Uint8Array;
  /** Message id of the iq request that it answers: 16 octets. */
  readonly inReplyTo?: Uint8Array;
  /** The place that it got when it was sealed, which it keeps: else a gap would show where it is sealed anew. */
  readonly place?: PlaceRecord;
  /** When it was accepted. */
  readonly at: number;
  /** When the server took it; it is kept for a while after that, for a peer's server that is down is told of later. */
  readonly sentAt?: number;
  /** Why it is not tried any more: condition of a stanza error, or a code. It stays until the application forgets it or tries again. */
  readonly failed?: string;
}

/** How far an archive was read: what it has up to here was delivered to the application. Key: bare JID of the archive, the own account or a room. */
export interface CursorRecord {
  /** The archive's id of the last stanza that was delivered (XEP-0313). */
  readonly id: string;
  /** When that was. */
  readonly at: number;
}

/** A SAS, password or handshake run under way, whose messages may be hours apart. It lies under the erasure key. Key: run id, hexadecimal. */
export interface RunRecord {
  /** Which protocol and side it is, in the words of the package that runs it. */
  readonly kind: string;
  /** Bare JID of the other side. */
  readonly peer: string;
  /** Its state, in that package's octets: nonces and private keys that nobody else may see. */
  readonly state: Uint8Array;
  /** When it began. */
  readonly at: number;
  /** When it is given up. */
  readonly expires: number;
}

/** Attempts counted for a rate limit that a restart must not lift. Key: `KIND JID`. */
export interface AttemptRecord {
  /** Attempts made. */
  readonly count: number;
  /** Since when they are counted. */
  readonly since: number;
}

/** What vouches for an identity key, beyond the first sight of it: shown to people, and checked again when rules or times change. Key: `JID KIND HEX-DIGEST`. */
export interface EvidenceRecord {
  /** Bare JID of the account it speaks of. */
  readonly jid: string;
  /** Account identity key that it speaks of: raw Ed25519 public key. */
  readonly identity: Uint8Array;
  /** What it is. */
  readonly kind:
    | 'fingerprint'
    | 'sas'
    | 'password'
    | 'x509'
    | 'openpgp'
    | 'vouch'
    | 'contact'
    | 'own-device'
    | 'handshake';
  /** Who says so: a domain, the subject of a certificate, an OpenPGP user id, or a JID. */
  readonly by?: string;
  /** What they signed, DER or other octets, to be shown and checked again. */
  readonly statement?: Uint8Array;
  /** When it was taken in. */
  readonly at: number;
  /** When it ceases to hold. */
  readonly notAfter?: number;
  /** Its `sequence` among the statements of its author on this key: a lower one never takes its place. */
  readonly sequence?: number;
  /** When it was revoked. */
  readonly revokedAt?: number;
}

/** The application's trust rules. Key: `self`. */
export interface PolicyRecord {
  /** The rules, JSON. */
  readonly rules: string;
}

/** The tables and their records. */
export interface Tables {
  /** Own account: one record, `self`. */
  readonly account: AccountRecord;
  /** Own prekeys. */
  readonly prekeys: PrekeyRecord;
  /** Contacts. */
  readonly contacts: ContactRecord;
  /** Peers' devices. */
  readonly devices: PeerDeviceRecord;
  /** Sent, by conversation. */
  readonly conversations: ConversationRecord;
  /** Received, by device and conversation. */
  readonly received: ReceivedRecord;
  /** Replay memory before any key: what `replayDigest` of the envelope makes of an object. */
  readonly seen: ReplayRecord;
  /** Replay memory after verification: `DEVICE MESSAGEID`. */
  readonly accepted: ReplayRecord;
  /** Strangers waiting. */
  readonly requests: RequestRecord;
  /** Counts of strangers by day. */
  readonly strangers: StrangerRecord;
  /** Stanzas to be sent, in order. */
  readonly outbox: OutboxRecord;
  /** How far archives were read. */
  readonly cursors: CursorRecord;
  /** Runs of SAS, password and handshake. */
  readonly runs: RunRecord;
  /** Counts for rate limits. */
  readonly attempts: AttemptRecord;
  /** What vouches for contacts' identity keys. */
  readonly evidence: EvidenceRecord;
  /** Trust rules: one record, `self`. */
  readonly policy: PolicyRecord;
}

/** Name of a table. */
export type TableName = keyof Tables;

/** Names of all tables, in the order in which they are stored. */
export const TABLE_NAMES: readonly TableName[] = [
  'account',
  'prekeys',
  'contacts',
  'devices',
  'conversations',
  'received',
  'seen',
  'accepted',
  'requests',
  'strangers',
  'outbox',
  'cursors',
  'runs',
  'attempts',
  'evidence',
  'policy',
];

/** Names of tables whose records have secret octets. */
export const SECRET_TABLES: readonly TableName[] = ['account', 'prekeys', 'runs'];

/** One change: a record to be put under a key, or, where the record is `undefined`, to be erased. */
export type Change = {
  readonly [T in TableName]: { readonly table: T; readonly key: string; readonly record: Tables[T] | undefined };
}[TableName];
