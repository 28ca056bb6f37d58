/**
 * What an archive has seen of a stanza.
 * @module
 */
import type { DerNode, StanzaKind } from '@stanzaseal/cms';
import type { ShellOctets } from '../evidence/entryMeta.js';
import type { Shell } from '../evidence/index.js';

/** Somebody's address as stanzas have it. */
export interface Peer {
  /** Bare JID, normalised. */
  readonly bare: string;
  /** Resource as it is written; `''` for none. */
  readonly resource: string;
}

/** What every stanza has, good or not. */
interface Described {
  /** What a stanza has in common with its copies, and no other stanza has. Of a sealed one, the object from behind its recipients; of others 32 octets. */
  readonly identity: Uint8Array;
}

/** What is known of a stanza with a sealed object, however its octets are kept. */
interface Sealed extends Described {
  readonly form: 'sealed';
  readonly kind: StanzaKind;
  readonly type: string;
  readonly peer: Peer;
  /** DER of the RecipientInfos. */
  readonly recipientInfos: Uint8Array;
  /** To which keys it is sealed. */
  readonly rKeyIds: readonly Uint8Array[];
}

/** A stanza with a sealed object, its structure and addresses checked. */
export interface SealedDescription extends Sealed {
  /** The stanza's text around the base64. */
  readonly shell: Shell;
  /** DER of the object, an empty set in place of its RecipientInfos. */
  readonly object: Uint8Array;
}

/** The same where its octets lie, to be copied once: to where they are stored. */
export interface SealedInPlace extends Sealed {
  readonly shell: ShellOctets;
  readonly object: DerNode;
}

/** Any other stanza. */
export interface PlainDescription extends Described {
  readonly form: 'plain';
  readonly kind: StanzaKind;
  readonly type: string;
  readonly peer: Peer;
  /** UTF-8 octets. */
  readonly object: Uint8Array;
}

/** What is no good stanza: kept as it came, with the reason. */
export interface QuarantinedDescription extends Described {
  readonly form: 'quarantined';
  /** For people. */
  readonly reason: string;
  /** The octets. */
  readonly object: Uint8Array;
}

/** What was seen. */
export type Description = SealedDescription | PlainDescription | QuarantinedDescription;

/** What was seen, where it lies. */
export type DescriptionInPlace = SealedInPlace | PlainDescription | QuarantinedDescription;
