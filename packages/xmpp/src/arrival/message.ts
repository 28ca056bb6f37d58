/**
 * What the application is given: messages that opened, and plain ones that say so.
 * @module
 */
import type { Recipient, RecipientClass } from '@stanzaseal/cms';
import type { OpenedSender, Warning } from '@stanzaseal/messenger';
import type { XmlElement } from '@stanzaseal/stanza';

/**
 * How a message came: as it was sent; from the server's spool; as a copy of what another own device sent or was sent; from an archive.
 * It is the first way in which it came: the others are the same message.
 */
export type Via = 'live' | 'offline' | 'carbon' | 'archive';

/** What is known of every message. */
export interface AnyMessage {
  /** The stanza: what was sealed, or what came where nothing was. Its addresses are those that the servers wrote. */
  readonly stanza: XmlElement;
  /** Where it belongs: bare JID of the other side, of the room, or one's own for a note to oneself. */
  readonly conversation: string;
  /** Whether this account sent it. */
  readonly isOwn: boolean;
  /** Bare JID of the room that it came from. */
  readonly room: string | undefined;
  /** How it came. */
  readonly via: Via;
  /** Its id in the archive, of the own account or of the room, where the archive itself said so. */
  readonly archiveId: string | undefined;
  /** When it was written, in ms since 1970: by the sender's word in what opened, by the servers' in what is plain. */
  readonly time: number;
}

/** A message that opened. */
export interface SealedMessage extends AnyMessage {
  /** It was sealed. */
  readonly plain: false;
  /** Who sent it, and what is known of them. */
  readonly sender: OpenedSender;
  /** Class of the key that opened it: how long it can be opened by who takes this device. `undefined` where a CEK opened it. */
  readonly class: RecipientClass | undefined;
  /** 16 octets; with `sender.device` the name of the message. */
  readonly messageId: Uint8Array;
  /** To whom it was sealed. */
  readonly recipients: readonly Recipient[];
  /** What is odd about it: gaps, order, times, other lists. */
  readonly warnings: readonly Warning[];
  /** The content-encryption key: for an archive of one's own. */
  readonly cek: Uint8Array;
}

/** A message that nobody sealed: anybody on its way may have written it. */
export interface PlainMessage extends AnyMessage {
  /** It was not sealed. */
  readonly plain: true;
  /** JID that it says it is from, bare; an occupant's real one where the room tells it. */
  readonly from: string;
  /** Whether the other side's identity key is known, so that they would have sealed it: show it as what it is. */
  readonly expectedSealed: boolean;
}

/** What `onMessage` is given. */
export type Message = SealedMessage | PlainMessage;

/** A presence that was sealed to this device. */
export interface SealedPresence {
  /** What was sealed; its `from` is the full JID that the servers wrote. */
  readonly stanza: XmlElement;
  /** Who sent it. */
  readonly sender: OpenedSender;
  /** When it was written, in ms since 1970. */
  readonly time: number;
}

/** A request that was sealed to this device. */
export interface SealedQuery {
  /** What was sealed: an iq of type `get` or `set`. */
  readonly stanza: XmlElement;
  /** Who asks. */
  readonly sender: OpenedSender;
  /** When it was written, in ms since 1970. */
  readonly time: number;
}
