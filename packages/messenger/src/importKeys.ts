/**
 * Taking in what others published: device lists signed by identity keys, prekey bundles signed by the devices in them. What
 * does not verify, goes back in version, or shows another identity is refused, and told to the application.
 * @module
 */
import {
  copyOctets,
  type DeviceList,
  decodePrekeyBundle,
  equal,
  ID_CT_DEVICE_LIST,
  ID_CT_PREKEY_BUNDLE,
  type PrekeyBundle,
  type PublicKey,
} from '@stanzaseal/cms';
import type { Change, ContactRecord, PeerDeviceRecord } from '@stanzaseal/keystore';
import {
  readSignedData,
  SignerError,
  type VerifiedDeviceList,
  verifyDeviceList,
  verifyPrekeyBundle,
} from '@stanzaseal/signer';
import { bareJid } from '@stanzaseal/stanza';
import { deviceRecordKey, newDevice, withdrawnDevice } from './deviceRecords.js';
import { storedKey, storedList } from './lists.js';
import { MessengerError, verifyError } from './messengerError.js';
import { accountOf, type Session } from './session.js';

/** What was taken in. */
export interface ImportedKeys {
  /** Bare JIDs whose list or bundles were taken in or were known already. */
  readonly accounts: readonly string[];
}

/** Takes in published objects, lists before bundles; see `Messenger.importKeys`. */
export async function importKeys(session: Session, published: readonly Uint8Array[]): Promise<ImportedKeys> {
  const lists: Uint8Array[] = [];
  const bundles: Uint8Array[] = [];
  for (const der of published) {
    const { contentType } = read(der);
    if (equal(contentType, ID_CT_DEVICE_LIST)) lists.push(der);
    else if (equal(contentType, ID_CT_PREKEY_BUNDLE)) bundles.push(der);
    else throw verifyError();
  }
  const accounts = new Set<string>();
  for (const der of lists) accounts.add(await importList(session, der));
  for (const der of bundles) accounts.add(await importBundle(session, der));
  return { accounts: [...accounts] };
}

async function importList(session: Session, der: Uint8Array): Promise<string> {
  const verified = await verifyDeviceList(der, session.crypto).catch(refuse);
  const owner = normalised(verified.list.owner);
  if (owner === session.store.owner) await importOwnList(session, der, verified);
  else await importContactList(session, owner, der, verified);
  return owner;
}

async function importOwnList(session: Session, der: Uint8Array, verified: VerifiedDeviceList): Promise<void> {
  const { store } = session;
  const account = await accountOf(session);
  if (!equal(account.identity, verified.identity.raw)) throw changed(session, store.owner, verified.identity.raw);
  const known = account.deviceList === undefined ? undefined : storedList(account.deviceList);
  const digest =
    account.deviceList === undefined ? undefined : (await verifyDeviceList(account.deviceList, session.crypto)).digest;
  if (!(await follows(session, store.owner, known, digest, verified))) return;
  const changes = await deviceChanges(session, store.owner, known, verified);
  await store.commit([{ table: 'account', key: 'self', record: { ...account, deviceList: der } }, ...changes]);
}

async function importContactList(
  session: Session,
  owner: string,
  der: Uint8Array,
  verified: VerifiedDeviceList,
): Promise<void> {
  const { store, clock } = session;
  const now = clock();
  const contact = await store.get('contacts', owner);
  if (contact !== undefined && !equal(contact.identity, verified.identity.raw)) {
    const record: ContactRecord = { ...contact, changedIdentity: verified.identity.raw };
    await store.commit([{ table: 'contacts', key: owner, record }]);
    throw changed(session, owner, verified.identity.raw);
  }
  const pinned: ContactRecord = contact ?? {
    identity: verified.identity.raw,
    trust: 'unverified',
    pinnedAt: now,
    listVersion: 0,
  };
  const known = pinned.deviceList === undefined ? undefined : storedList(pinned.deviceList);
  const isNewer = await follows(session, owner, known, pinned.listDigest, verified);
  const record: ContactRecord = isNewer
    ? { ...pinned, deviceList: der, listVersion: verified.list.listVersion, listDigest: verified.digest, listAt: now }
    : { ...pinned, listAt: now };
  const changes = isNewer ? await deviceChanges(session, owner, known, verified) : [];
  await store.commit([{ table: 'contacts', key: owner, record }, ...changes]);
}

/** Whether a list is newer than the one known; refuses one that goes back or aside, and tells the application (I6, I11). */
async function follows(
  { onEvent }: Session,
  jid: string,
  known: DeviceList | undefined,
  knownDigest: Uint8Array | undefined,
  { list, digest }: VerifiedDeviceList,
): Promise<boolean> {
  if (known === undefined || knownDigest === undefined) return true;
  const { listVersion } = list;
  if (listVersion < known.listVersion) {
    onEvent({ kind: 'list-rollback', jid, listVersion });
    throw verifyError();
  }
  const sameOrNext = listVersion === known.listVersion ? digest : list.previous;
  if (listVersion <= known.listVersion + 1 && (sameOrNext === undefined || !equal(sameOrNext, knownDigest))) {
    onEvent({ kind: 'list-fork', jid, listVersion });
    throw verifyError();
  }
  return listVersion > known.listVersion;
}

/**
 * Records of new devices. Those that left stay as known and not endorsed: whoever holds such a device still has its
 * endorsement and could claim a list newer than ours (I12).
 */
async function deviceChanges(
  session: Session,
  owner: string,
  known: DeviceList | undefined,
  { list, deviceKeys }: VerifiedDeviceList,
): Promise<Change[]> {
  const { store, onEvent } = session;
  const account = await accountOf(session);
  const changes: Change[] = [];
  for (const { keyIdentifier, raw } of deviceKeys) {
    if (equal(raw, account.device)) continue;
    const key = deviceRecordKey(owner, keyIdentifier);
    const record: PeerDeviceRecord = (await store.get('devices', key)) ?? newDevice(owner, raw);
    changes.push({ table: 'devices', key, record: { ...record, endorsed: true } });
  }
  const listed = new Set(deviceKeys.map(({ keyIdentifier }) => deviceRecordKey(owner, keyIdentifier)));
  for (const [key, record] of await store.entries('devices')) {
    if (record.owner === owner && !listed.has(key))
      changes.push({ table: 'devices', key, record: withdrawnDevice(record) });
  }
  const left: Uint8Array[] = [];
  for (const { key } of known?.devices ?? []) {
    if (list.devices.some((device) => equal(device.key.raw, key.raw))) continue;
    const { keyIdentifier, raw } = await storedKey('Ed25519', key.raw, session.crypto);
    left.push(keyIdentifier);
    if (
      (await store.get('devices', deviceRecordKey(owner, keyIdentifier))) === undefined &&
      !equal(raw, account.device)
    ) {
      changes.push({
        table: 'devices',
        key: deviceRecordKey(owner, keyIdentifier),
        record: withdrawnDevice(newDevice(owner, raw)),
      });
    }
  }
  if (left.length > 0) onEvent({ kind: 'list-shrunk', jid: owner, devices: left });
  return changes;
}

async function importBundle(session: Session, der: Uint8Array): Promise<string> {
  const { store, crypto, clock } = session;
  const device = await signerOf(session, der);
  const { bundle } = await verifyPrekeyBundle(der, [device.key], crypto).catch(refuse);
  const owner = normalised(bundle.owner);
  const record = device.record;
  const contact = owner === store.owner ? await accountOf(session) : await store.get('contacts', owner);
  if (contact === undefined || record.owner !== owner) throw verifyError();
  const identity = await storedKey('Ed25519', contact.identity, crypto);
  if (!equal(identity.keyIdentifier, bundle.identity)) throw verifyError();
  if (bundle.sequence < record.bundleSequence || bundle.notAfter <= clock()) throw verifyError();
  if (bundle.sequence === record.bundleSequence) return owner;
  const chosen = record.choice?.publicKey;
  const updated: PeerDeviceRecord = {
    ...record,
    bundleSequence: bundle.sequence,
    bundleAt: clock(),
    bundleNotAfter: bundle.notAfter,
    lastResort: copyOctets(bundle.lastResort),
    oneTime: bundle.oneTime.filter((key) => chosen === undefined || !equal(key, chosen)).map(copyOctets),
  };
  await store.commit([{ table: 'devices', key: deviceRecordKey(owner, device.key.keyIdentifier), record: updated }]);
  return owner;
}

/** The stored device that a bundle says it is signed by. */
async function signerOf(
  { store, crypto }: Session,
  der: Uint8Array,
): Promise<{ key: PublicKey; record: PeerDeviceRecord }> {
  const { content } = read(der);
  let named: PrekeyBundle;
  try {
    named = decodePrekeyBundle(content ?? new Uint8Array(0));
  } catch (cause) {
    throw verifyError(cause);
  }
  const record = await store.get('devices', deviceRecordKey(named.owner, named.device));
  if (record === undefined) throw verifyError();
  return { key: await storedKey('Ed25519', record.device, crypto), record };
}

function changed({ onEvent }: Session, jid: string, identity: Uint8Array): MessengerError {
  onEvent({ kind: 'key-changed', jid, identity });
  return new MessengerError('ERR_KEY_CHANGED', `the identity key of ${jid} changed`);
}

function normalised(owner: string): string {
  let jid: string;
  try {
    jid = bareJid(owner);
  } catch (cause) {
    throw verifyError(cause);
  }
  if (jid !== owner) throw verifyError();
  return jid;
}

function read(der: Uint8Array): ReturnType<typeof readSignedData> {
  try {
    return readSignedData(der);
  } catch (cause) {
    throw verifyError(cause);
  }
}

function refuse(cause: unknown): never {
  throw cause instanceof SignerError ? verifyError(cause) : cause;
}
