/**
 * What the application is told that is no message and no answer.
 * @module
 */
import type { Via } from './arrival/message.js';

/** What happened on the way in. */
export type ArrivalEvent =
  /**
   * An object did not open, or a message says that it holds one and does not: for whatever reason. Nobody is told, no answer goes out,
   * and what stands beside it is no message. `id` is the stanza's, whose sender may have chosen any. What waits for an answer of the
   * user (a changed key) opens after it by `catchUp({ since })`.
   */
  | {
      readonly kind: 'unopened';
      readonly from: string;
      readonly id: string | undefined;
      readonly via: Via;
      readonly isOwn: boolean;
    }
  /** A copy, a result of no query, or a wrapping inside a wrapping, in somebody else's name: dropped (H9-H11). */
  | {
      readonly kind: 'forged';
      readonly what: 'carbon' | 'archive-result' | 'nested';
      readonly from: string | undefined;
    }
  /** A plain message was dropped because the policy says so. */
  | { readonly kind: 'plain-dropped'; readonly from: string }
  /** The application's handler failed: the message was not accepted and comes again. */
  | { readonly kind: 'handler-failed'; readonly error: unknown; readonly messageId: Uint8Array | undefined }
  /** An archive forgot where reading had stopped: what came after `since`, in ms since 1970, may be missing. */
  | { readonly kind: 'archive-gap'; readonly archive: string; readonly since: number }
  /** There is no archive. Where one is required nothing counts as caught up, and prekeys live to their last day. */
  | { readonly kind: 'archive-absent'; readonly archive: string }
  /** All that waited was taken in: so many messages of the archive, and whether each of them was accepted or refused for good. */
  | { readonly kind: 'caught-up'; readonly archive: string; readonly messages: number; readonly isComplete: boolean }
  /** Reading an archive failed; it goes on at the next login, or by `catchUp()`. */
  | { readonly kind: 'catch-up-failed'; readonly archive: string; readonly error: unknown };

/** What happened to the connection. */
export type ConnectionEvent =
  /** Stanzas can be sent: after login, or after a lost stream was resumed. */
  | { readonly kind: 'online'; readonly jid: string; readonly resumed: boolean }
  /** They cannot. */
  | { readonly kind: 'offline' }
  /** Something at login that the rest goes on without. */
  | {
      readonly kind: 'login-step-failed';
      readonly step: 'carbons' | 'discovery' | 'presence';
      readonly error: unknown;
    };
