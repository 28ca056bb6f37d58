/**
 * The account's own device list: when it is to be signed anew, and its next version.
 * @module
 */
import type { DeviceList, SigningKey } from '@stanzaseal/cms';
import type { AccountRecord } from '@stanzaseal/keystore';
import { signDeviceList } from '@stanzaseal/signer';
import { contentOf, listOf } from './lists.js';
import { MessengerError } from './messengerError.js';
import { accountOf, notRolledBack, type Session } from './session.js';

/**
 * When this device is to sign the list anew: at once where two contradict each other, or where it was signed by a clock that ran ahead
 * (I14); never where it may not.
 */
export function listDue(account: AccountRecord, { rules, clock }: Pick<Session, 'rules' | 'clock'>): number {
  if (account.role !== 'primary') return Number.POSITIVE_INFINITY;
  const { issued } = listOf(account) as DeviceList;
  return account.forkedList === undefined && issued <= clock() + rules.staleness ? issued + rules.renewal : 0;
}

/** DER of the next version of the list. @throws MessengerError `ERR_NO_KEYS` where this device does not hold the identity key */
export async function changedList(
  session: Session,
  changes: Partial<Pick<DeviceList, 'devices' | 'archiveKeys'>>,
): Promise<Uint8Array> {
  const { crypto, clock, rules } = session;
  const identity = await ownIdentity(session);
  const account = await accountOf(session);
  const list = listOf(account) as DeviceList;
  const issued = clock();
  const next: DeviceList = {
    ...list,
    ...changes,
    listVersion: list.listVersion + 1,
    previous: await crypto.sha256(contentOf(account.deviceList as Uint8Array)),
    issued,
    expires: issued + rules.validity,
  };
  return signDeviceList(next, identity, crypto);
}

/** The account with another list, which settles what lists of one version contradicted each other in. */
export function withList({ forkedList: _, ...account }: AccountRecord, deviceList: Uint8Array): AccountRecord {
  return { ...account, deviceList };
}

/** The account's identity key. @throws MessengerError `ERR_NO_KEYS` where this device does not hold it; KeyStoreError `ERR_ROLLBACK` */
export async function ownIdentity(session: Session): Promise<SigningKey> {
  notRolledBack(await accountOf(session));
  const identity = await session.store.identityKey(session.crypto);
  if (identity === undefined) throw new MessengerError('ERR_NO_KEYS', 'this device does not hold the identity key');
  return identity;
}
