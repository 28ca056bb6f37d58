/**
 * The account's own device list, which primary devices alone change: admitting a device, removing one, naming archives.
 * @module
 */

import { type ArchiveKey, type Device, type DeviceList, equal, publicKeyFromRaw, SUITE_1 } from '@stanzaseal/cms';
import type { Change } from '@stanzaseal/keystore';
import { completeEndorsement, signDeviceList, verifyDeviceList, verifyEndorsement } from '@stanzaseal/signer';
import { deviceRecordKey, newDevice, withdrawnDevice } from './deviceRecords.js';

import { storedKey, storedList } from './lists.js';
import { MessengerError, verifyError } from './messengerError.js';
import { accountOf, type Session } from './session.js';

/** What admitting a device gives, to be carried to it. */
export interface Admission {
  /** DER of the endorsement, signed by both keys. */
  readonly endorsement: Uint8Array;
  /** DER of the signed device list with the device in it. */
  readonly deviceList: Uint8Array;
}

/** Admits the device whose request this is; see `Messenger.admitDevice`. */
export async function admitDevice(session: Session, request: Uint8Array): Promise<Admission> {
  const { store, crypto, clock } = session;
  const identity = await requireIdentity(session);
  const parameters = { signingTime: clock(), crypto };
  const completed = await completeEndorsement(request, identity, parameters).catch((cause) => {
    throw verifyError(cause);
  });
  const { endorsement, endorsed } = completed;
  if (endorsement.purpose !== 'device' || endorsement.owner !== store.owner) throw verifyError();
  if (endorsed.algorithm !== 'Ed25519') throw verifyError();
  const account = await accountOf(session);
  const list = storedList(account.deviceList as Uint8Array);
  if (list.devices.some(({ key }) => equal(key.raw, endorsed.raw))) throw verifyError();
  const device: Device = { key: endorsed, role: 'secondary', suites: [SUITE_1] };
  const deviceList = await changedList(session, { devices: [...list.devices, device] });
  await store.commit([
    { table: 'account', key: 'self', record: { ...account, deviceList } },
    {
      table: 'devices',
      key: deviceRecordKey(store.owner, endorsed.keyIdentifier),
      record: newDevice(store.owner, endorsed.raw),
    },
  ]);
  return { endorsement: completed.der, deviceList };
}

/** Takes in this device's own admission; see `Messenger.join`. */
export async function join(session: Session, admission: Admission): Promise<void> {
  const { store, crypto } = session;
  const account = await accountOf(session);
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const verify = async (): Promise<Change[]> => {
    const { endorsement, endorsed } = await verifyEndorsement(admission.endorsement, identity, crypto);
    const verified = await verifyDeviceList(admission.deviceList, crypto);
    const fits =
      endorsement.purpose === 'device' &&
      endorsement.owner === store.owner &&
      equal(endorsed.raw, account.device) &&
      verified.list.owner === store.owner &&
      equal(verified.identity.raw, account.identity) &&
      verified.list.devices.some(({ key }) => equal(key.raw, account.device));
    if (!fits) throw verifyError();
    return verified.deviceKeys
      .filter(({ raw }) => !equal(raw, account.device))
      .map(({ keyIdentifier, raw }) => ({
        table: 'devices',
        key: deviceRecordKey(store.owner, keyIdentifier),
        record: newDevice(store.owner, raw),
      }));
  };
  const changes = await verify().catch((cause) => {
    throw verifyError(cause);
  });
  const { endorsement, deviceList } = admission;
  await store.commit([{ table: 'account', key: 'self', record: { ...account, endorsement, deviceList } }, ...changes]);
}

/** Removes a device from the list; see `Messenger.removeDevice`. */
export async function removeDevice(session: Session, device: Uint8Array): Promise<Uint8Array> {
  const { store, crypto } = session;
  const account = await accountOf(session);
  const list = storedList(account.deviceList as Uint8Array);
  const kept: Device[] = [];
  let removed: Device | undefined;
  for (const entry of list.devices) {
    if (equal((await storedKey('Ed25519', entry.key.raw, crypto)).keyIdentifier, device)) removed = entry;
    else kept.push(entry);
  }
  if (removed === undefined) throw new RangeError('device is not in the list');
  if (!kept.some(({ key }) => equal(key.raw, account.device))) throw new RangeError('device is this one');
  const deviceList = await changedList(session, { devices: kept });
  const known =
    (await store.get('devices', deviceRecordKey(store.owner, device))) ?? newDevice(store.owner, removed.key.raw);
  await store.commit([
    { table: 'account', key: 'self', record: { ...account, deviceList } },
    { table: 'devices', key: deviceRecordKey(store.owner, device), record: withdrawnDevice(known) },
  ]);
  return deviceList;
}

/** Names the archives to which everything of this account is sealed too; see `Messenger.setArchiveKeys`. */
export async function setArchiveKeys(session: Session, archiveKeys: readonly ArchiveKey[]): Promise<Uint8Array> {
  const account = await accountOf(session);
  const deviceList = await changedList(session, { archiveKeys });
  await session.store.commit([{ table: 'account', key: 'self', record: { ...account, deviceList } }]);
  return deviceList;
}

/** The list signed anew where it has grown old and this device may; `undefined` where it stands. */
export async function renewedList(session: Session): Promise<Uint8Array | undefined> {
  const account = await accountOf(session);
  const list = storedList(account.deviceList as Uint8Array);
  const due = list.issued + session.rules.renewal <= session.clock();
  return due && account.identitySecret !== undefined ? changedList(session, {}) : undefined;
}

/** DER of the next version of the list. */
async function changedList(
  session: Session,
  changes: Partial<Pick<DeviceList, 'devices' | 'archiveKeys'>>,
): Promise<Uint8Array> {
  const { crypto, clock, rules } = session;
  const identity = await requireIdentity(session);
  const account = await accountOf(session);
  const { list, digest } = await verifyDeviceList(account.deviceList as Uint8Array, crypto);
  const issued = clock();
  const next: DeviceList = {
    ...list,
    ...changes,
    listVersion: list.listVersion + 1,
    previous: digest,
    issued,
    expires: issued + rules.validity,
  };
  return signDeviceList(next, identity, crypto);
}

async function requireIdentity({
  store,
  crypto,
}: Session): Promise<NonNullable<Awaited<ReturnType<typeof store.identityKey>>>> {
  const identity = await store.identityKey(crypto);
  if (identity === undefined) throw new MessengerError('ERR_NO_KEYS', 'this device does not hold the identity key');
  return identity;
}
