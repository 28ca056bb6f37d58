/**
 * What the outbox tells the application.
 * @module
 */
import type { Sealed } from '@stanzaseal/messenger';

/** What became of a stanza that was taken. `messageId` has 16 octets; `to` is as it was given. */
export type OutboxEvent =
  /** The server has it; with what sealing came to: who can read it, who cannot, the content-encryption key. An error may still follow. */
  | {
      readonly kind: 'sent';
      readonly messageId: Uint8Array;
      readonly to: string;
      readonly sealed: Omit<Sealed, 'stanza'> | undefined;
    }
  /** It came back, or could not leave, for a reason that passes: it is sent again at `retryAt`, in ms since 1970, and all that follows it after that. */
  | {
      readonly kind: 'bounced';
      readonly messageId: Uint8Array;
      readonly to: string;
      readonly condition: string;
      readonly retryAt: number;
    }
  /** It waits for the application: `ERR_KEY_CHANGED` for an answer, `ERR_TRUST` for more trust, `ERR_ROLLBACK` and `ERR_NO_KEYS` for this device, `ERR_ROOM` for a room. Then call `flush()`. */
  | { readonly kind: 'held'; readonly messageId: Uint8Array; readonly to: string; readonly cause: unknown }
  /** It is not tried any more: `condition` is that of a stanza error, or a code. It is kept: `retry()` or `forget()`. */
  | {
      readonly kind: 'failed';
      readonly messageId: Uint8Array;
      readonly to: string;
      readonly condition: string;
      readonly text: string | undefined;
      readonly cause: unknown;
    }
  /** The store failed when something was to be noted. Nothing is lost; something may be sent twice. */
  | { readonly kind: 'outbox-store-failed'; readonly cause: unknown };

/** A stanza in the outbox, as it is shown. */
export interface PendingStanza {
  /** Its message id: 16 octets. */
  readonly messageId: Uint8Array;
  /** Whom it goes to. */
  readonly to: string;
  /** When it was taken, in ms since 1970. */
  readonly at: number;
  /** `waiting`; `sent`, not known to have come to the server; `taken` by the server, and kept for an error that may follow; `failed`. */
  readonly state: 'waiting' | 'sent' | 'taken' | 'failed';
}
