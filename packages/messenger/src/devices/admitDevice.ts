/**
 * Admitting a device: it asks, signed by its own key; a primary device adds the identity key's signature and enters it in the list.
 * @module
 */
import { type Device, type DeviceList, equal, publicKeyFromRaw, SUITE_1 } from '@stanzaseal/cms';
import { type Change, ENDORSEMENT_VALIDITY } from '@stanzaseal/keystore';
import { completeEndorsement, requestEndorsement, verifyDeviceList, verifyEndorsement } from '@stanzaseal/signer';
import { deviceRecordKey, newDevice } from '../deviceRecords.js';
import { listOf, names } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { verifyError } from '../messengerError.js';
import { changedList, ownIdentity, withList } from '../ownList.js';
import { accountOf, notRolledBack, type Session } from '../session.js';

/** What admitting a device gives, to be carried to it. Neither part is secret. */
export interface Admission {
  /** DER of the endorsement, signed by both keys. */
  readonly endorsement: Uint8Array;
  /** DER of the signed device list with the device in it. */
  readonly deviceList: Uint8Array;
}

/**
 * This device's request to be admitted: DER of an endorsement that it signed alone. It may be made as often as one likes.
 * @param sequence above that of a revocation, where this key was revoked once
 */
export function admissionRequest(messenger: Messenger, sequence = 1): Promise<Uint8Array> {
  return within(messenger, async (session) => {
    const { store, crypto, clock } = session;
    const { identity } = await accountOf(session);
    const device = await store.deviceKey(crypto);
    const signingTime = clock();
    const endorsement = {
      endorser: (await publicKeyFromRaw('Ed25519', identity, crypto)).keyIdentifier,
      endorsed: device.publicKey,
      owner: store.owner,
      purpose: 'device',
      notBefore: signingTime,
      notAfter: signingTime + ENDORSEMENT_VALIDITY,
      sequence,
    } as const;
    return requestEndorsement(endorsement, device, { signingTime, crypto });
  });
}

/**
 * Admits the device whose request this is, on a primary device. A request that came by a way that others can write to is compared
 * first (`comparisonCode`): whoever swaps it puts a device of theirs in. The device that holds the identity key admits itself, as primary,
 * when it is new: after `restoreBackup` and `continueAsNewDevice`.
 * @throws MessengerError `ERR_VERIFY` for a request of another account, of a listed device, of one revoked by a higher sequence, or of a
 * sequence that leaves none for a revocation;
 * `ERR_NO_KEYS` on a device that does not hold the identity key; KeyStoreError `ERR_ROLLBACK`
 */
export function admitDevice(messenger: Messenger, request: Uint8Array): Promise<Admission> {
  return within(messenger, (session) => admit(session, request));
}

async function admit(session: Session, request: Uint8Array): Promise<Admission> {
  const { store, crypto, clock } = session;
  const identity = await ownIdentity(session);
  const completed = await completeEndorsement(request, identity, { signingTime: clock(), crypto }).catch((cause) => {
    throw verifyError(cause);
  });
  const { der, endorsement, endorsed } = completed;
  if (endorsement.purpose !== 'device' || endorsement.owner !== store.owner) throw verifyError();
  if (endorsed.algorithm !== 'Ed25519') throw verifyError();
  const account = await accountOf(session);
  const { devices } = listOf(account) as DeviceList;
  if (names(devices, endorsed.raw)) throw verifyError();
  const key = deviceRecordKey(store.owner, endorsed.keyIdentifier);
  const known = (await store.get('devices', key)) ?? newDevice(store.owner, endorsed.raw);
  // Of two statements about a key the one of the higher sequence holds (I12).
  const { revoked = false, sequence = 0, ...device } = known;
  if (endorsement.sequence < sequence + Number(revoked)) throw verifyError();
  // The device chose it: behind the greatest there is, no revocation could follow.
  if (endorsement.sequence === Number.MAX_SAFE_INTEGER) throw verifyError();
  const isSelf = equal(endorsed.raw, account.device);
  const entry: Device = { key: endorsed, role: isSelf ? 'primary' : 'secondary', suites: [SUITE_1] };
  const deviceList = await changedList(session, { devices: [...devices, entry] });
  const admitted = withList(account, deviceList);
  await store.commit([
    { table: 'account', key: 'self', record: isSelf ? { ...admitted, endorsement: der } : admitted },
    {
      table: 'devices',
      key,
      record: isSelf ? undefined : { ...device, endorsed: true, sequence: endorsement.sequence, endorsement: der },
    },
  ]);
  return { endorsement: der, deviceList };
}

/** Takes in this device's own admission. @throws MessengerError `ERR_VERIFY`; KeyStoreError `ERR_ROLLBACK` */
export function joinAccount(messenger: Messenger, admission: Admission): Promise<void> {
  return within(messenger, (session) => join(session, admission));
}

async function join(session: Session, { endorsement: der, deviceList }: Admission): Promise<void> {
  const { store, crypto } = session;
  const account = notRolledBack(await accountOf(session));
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const verify = async (): Promise<Change[]> => {
    const { endorsement, endorsed } = await verifyEndorsement(der, identity, crypto);
    const verified = await verifyDeviceList(deviceList, crypto);
    const fits =
      endorsement.purpose === 'device' &&
      endorsement.owner === store.owner &&
      equal(endorsed.raw, account.device) &&
      verified.list.owner === store.owner &&
      equal(verified.identity.raw, account.identity) &&
      names(verified.list.devices, account.device);
    // A list is never taken for an older one, whoever carries it (I6).
    if (!fits || verified.list.listVersion < (listOf(account)?.listVersion ?? 0)) throw verifyError();
    const changes: Change[] = [];
    for (const { keyIdentifier, raw } of verified.deviceKeys) {
      if (equal(raw, account.device)) continue;
      const key = deviceRecordKey(store.owner, keyIdentifier);
      const known = await store.get('devices', key);
      const record = { ...(known ?? newDevice(store.owner, raw)), endorsed: known?.revoked !== true };
      changes.push({ table: 'devices', key, record });
    }
    return changes;
  };
  const changes = await verify().catch((cause) => {
    throw verifyError(cause);
  });
  const record = { ...withList(account, deviceList), endorsement: der };
  await store.commit([{ table: 'account', key: 'self', record }, ...changes]);
}
