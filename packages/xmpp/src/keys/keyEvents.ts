/**
 * What publishing and fetching keys tells the application.
 * @module
 */
import type { KeyNode } from './nodes.js';

/** Something about published keys that is no answer to what was asked. The messenger's own events come beside. */
export type KeyEvent =
  /** What this device publishes stands on the server, and a stranger can read it; `due`: when something is to be renewed, in ms since 1970. */
  | { readonly kind: 'keys-published'; readonly due: number }
  /** Publishing failed, `ERR_ROLLBACK` included; it is tried again at `retryAt`, in ms since 1970, unless that is `undefined`. */
  | { readonly kind: 'publish-failed'; readonly cause: unknown; readonly retryAt: number | undefined }
  /** The account's list does not name this device: it was removed, or the list of another device took the place of the one with it. */
  | { readonly kind: 'unlisted' }
  /** Own keys were put back on the server so often within an hour that they are left alone for the rest of it (T12). */
  | { readonly kind: 'keys-contended'; readonly retryAt: number }
  /** What stands on a server is no good: damaged, of another account, older than what is known. */
  | { readonly kind: 'keys-refused'; readonly jid: string; readonly node: KeyNode; readonly id: string };
