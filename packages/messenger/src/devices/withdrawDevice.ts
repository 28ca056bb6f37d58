/**
 * Taking a device off the account: removed by a list without it, or, where it is lost, revoked as well.
 * @module
 */
import { type Device, type DeviceList, equal } from '@stanzaseal/cms';
import { type AccountRecord, ENDORSEMENT_VALIDITY, type PeerDeviceRecord } from '@stanzaseal/keystore';
import { revoke } from '@stanzaseal/signer';
import { deviceRecordKey, newDevice, withdrawnDevice } from '../deviceRecords.js';
import { listOf, storedKey } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { changedList, ownIdentity, withList } from '../ownList.js';
import { accountOf, type Session } from '../session.js';

/** What revoking a device gives, to be published; peers take both in by `importKeys`. Neither part is secret. */
export interface Revocation {
  /** DER of the signed revocation. */
  readonly revocation: Uint8Array;
  /** DER of the signed device list without the device. */
  readonly deviceList: Uint8Array;
}

/**
 * Removes a device (key identifier) from the account, on a primary device; gives the new signed list, to be published.
 * @throws RangeError for this device and for one that is not listed; MessengerError `ERR_NO_KEYS` on a device that does not hold the
 * identity key; KeyStoreError `ERR_ROLLBACK`
 */
export function removeDevice(messenger: Messenger, device: Uint8Array): Promise<Uint8Array> {
  return within(messenger, async (session) => {
    const { account, known, deviceList } = await without(session, device);
    if (deviceList === undefined) throw new RangeError('device is not in the list');
    const { store } = session;
    await store.commit([
      { table: 'account', key: 'self', record: withList(account, deviceList) },
      { table: 'devices', key: deviceRecordKey(store.owner, device), record: withdrawnDevice(known) },
    ]);
    return deviceList;
  });
}

/**
 * Removes a device that is lost, or in other hands, and revokes it: no list brings it back, only an endorsement of a higher
 * sequence. Also for a device that was removed before.
 * @throws as `removeDevice`, but RangeError only for a device that was never known
 */
export function revokeDevice(messenger: Messenger, device: Uint8Array): Promise<Revocation> {
  return within(messenger, async (session) => {
    const { store, crypto, clock } = session;
    const { account, known, deviceList } = await without(session, device);
    const identity = await ownIdentity(session);
    const signingTime = clock();
    const sequence = (known.sequence ?? 1) + 1;
    const statement = {
      endorser: identity.publicKey.keyIdentifier,
      endorsed: { algorithm: 'Ed25519', raw: known.device },
      owner: store.owner,
      purpose: 'revoked',
      notBefore: signingTime,
      notAfter: signingTime + ENDORSEMENT_VALIDITY,
      sequence,
    } as const;
    const revocation = await revoke(statement, identity, { signingTime, crypto });
    const record = { ...withdrawnDevice(known), sequence, revoked: true };
    await store.commit([
      ...(deviceList ? [{ table: 'account', key: 'self', record: withList(account, deviceList) } as const] : []),
      { table: 'devices', key: deviceRecordKey(store.owner, device), record },
    ]);
    return { revocation, deviceList: deviceList ?? (account.deviceList as Uint8Array) };
  });
}

/** What is known of a device, and the list without it; no list where it is in none. */
async function without(
  session: Session,
  device: Uint8Array,
): Promise<{ account: AccountRecord; known: PeerDeviceRecord; deviceList: Uint8Array | undefined }> {
  const { store, crypto } = session;
  await ownIdentity(session);
  const account = await accountOf(session);
  const kept: Device[] = [];
  let listed: Uint8Array | undefined;
  for (const entry of (listOf(account) as DeviceList).devices) {
    if (equal((await storedKey('Ed25519', entry.key.raw, crypto)).keyIdentifier, device)) listed = entry.key.raw;
    else kept.push(entry);
  }
  const stored = await store.get('devices', deviceRecordKey(store.owner, device));
  const known = stored ?? (listed && newDevice(store.owner, listed));
  if (known === undefined) throw new RangeError('device is not in the list');
  if (equal(known.device, account.device)) throw new RangeError('device is this one');
  return { account, known, deviceList: listed && (await changedList(session, { devices: kept })) };
}
