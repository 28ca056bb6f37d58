/**
 * Keys of a store that are not in it: in a token, whose holder signs for whoever opens the store.
 * @module
 */
import { equal, type MaybePromise, type SigningKey } from '@stanzaseal/cms';
import { KeyStoreError } from './keyStoreError.js';
import type { AccountRecord, Change } from './records.js';

/** An Ed25519 key that is held elsewhere. */
export interface HeldKey extends SigningKey {
  /** What its holder calls it; the account's record keeps it, so that the key is found again. In a token: its label. Not secret. */
  readonly name?: string;
}

/** Keys of a store that are not in it. */
export interface HeldKeys {
  /** The identity key of an account that was made with one held elsewhere. */
  readonly identity?: SigningKey;
  /** The device key of a device that was made with one held elsewhere. */
  readonly device?: SigningKey;
}

/** What a record says of the keys that are held elsewhere: whether, which, and under what name. */
export type HeldKeysWanted = Pick<
  AccountRecord,
  'identity' | 'identityElsewhere' | 'identityName' | 'device' | 'deviceElsewhere' | 'deviceName'
>;

/** The keys held elsewhere, or who finds them by what the store's record says; it is asked once, at every opening. */
export type KeyHolder = HeldKeys | ((wanted: HeldKeysWanted) => MaybePromise<HeldKeys>);

/** The account that changes put. @throws TypeError for changes that put none */
export function accountIn(changes: readonly Change[]): AccountRecord {
  const account = changes.find(
    ({ table, key, record }) => table === 'account' && key === 'self' && record !== undefined,
  );
  if (account === undefined) throw new TypeError('changes have no account');
  return account.record as AccountRecord;
}

/** The keys of a holder. */
export async function heldBy(holder: KeyHolder, account: AccountRecord): Promise<HeldKeys> {
  if (typeof holder !== 'function') return holder;
  const { identity, identityElsewhere, identityName, device, deviceElsewhere, deviceName } = account;
  return holder({
    identity,
    device,
    ...(identityElsewhere === undefined ? {} : { identityElsewhere }),
    ...(identityName === undefined ? {} : { identityName }),
    ...(deviceElsewhere === undefined ? {} : { deviceElsewhere }),
    ...(deviceName === undefined ? {} : { deviceName }),
  });
}

/**
 * Whether what is given is what the record asks for, neither less nor more.
 * @throws KeyStoreError `ERR_LOCKED` for a key that is held elsewhere and not the one given; TypeError for one that the record has no use for
 */
export function checkHeld(account: AccountRecord, { identity, device }: HeldKeys): void {
  check('identity', account.identity, account.identityElsewhere, identity);
  check('device', account.device, account.deviceElsewhere, device);
}

/** A key held elsewhere, which must be the one that the record names. @throws KeyStoreError `ERR_LOCKED` */
export function theHeld(what: 'identity' | 'device', raw: Uint8Array, held: SigningKey | undefined): SigningKey {
  if (held === undefined) throw new KeyStoreError('ERR_LOCKED', `${what} key is held elsewhere and was not given`);
  if (held.publicKey.algorithm === 'Ed25519' && equal(held.publicKey.raw, raw)) return held;
  throw new KeyStoreError('ERR_LOCKED', `${what} key is held elsewhere and is not the one that was given`);
}

function check(what: 'identity' | 'device', raw: Uint8Array, isElsewhere = false, held?: SigningKey): void {
  if (isElsewhere) theHeld(what, raw, held);
  else if (held !== undefined) throw new TypeError(`${what} is given for a store that does not look for it elsewhere`);
}
