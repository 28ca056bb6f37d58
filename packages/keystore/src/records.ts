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
  /** Device key: raw Ed25519 public key. */
  readonly device: Uint8Array;
  /** Its seed; no octets where the storage keeps the key itself. */
  readonly deviceSecret: Uint8Array;
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
}

/** What this device sent in a conversation. Key: bare JID of the peer or room. */
export interface ConversationRecord {
  /** Objects sent. */
  readonly counter: number;
  /** SHA-256 of the signedAttrs of the last. */
  readonly previous?: Uint8Array;
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
  /** Replay memory before any key: object digests. */
  readonly seen: ReplayRecord;
  /** Replay memory after verification: `DEVICE MESSAGEID`. */
  readonly accepted: ReplayRecord;
  /** Strangers waiting. */
  readonly requests: RequestRecord;
  /** Counts of strangers by day. */
  readonly strangers: StrangerRecord;
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
];

/** One change: a record to be put under a key, or, where the record is `undefined`, to be erased. */
export type Change = {
  readonly [T in TableName]: { readonly table: T; readonly key: string; readonly record: Tables[T] | undefined };
}[TableName];
