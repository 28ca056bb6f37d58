/**
 * How one entry would be opened: all that can be refused without a key is refused before, all that fails after is one failure.
 * @module
 */
import type { HashName } from '@stanzaseal/cms/general';

/** A way to open an entry. */
export interface EntryPlan {
  /** The hash that the way depends on: of the key derivation or of OAEP; `undefined` where there is none. */
  readonly hash: HashName | undefined;
  /** Computes the key; a throw means the same as nothing. */
  unwrap(): Promise<Uint8Array | undefined>;
}
