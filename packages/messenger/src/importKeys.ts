/**
 * Taking in what others published, and what the own account did: device lists, endorsements and revocations signed by identity
 * keys, prekey bundles signed by devices. What does not verify, goes back, or shows another identity is refused, and told to
 * the application.
 * @module
 */
import {
  CmsError,
  copyOctets,
  decodeEndorsement,
  decodePrekeyBundle,
  equal,
  ID_CT_DEVICE_LIST,
  ID_CT_ENDORSEMENT,
  ID_CT_PREKEY_BUNDLE,
  type PublicKey,
} from '@stanzaseal/cms';
import type { AccountRecord, Change, ContactRecord, PeerDeviceRecord } from '@stanzaseal/keystore';
import {
  readSignedData,
  SignerError,
  type VerifiedDeviceList,
  verifyDeviceList,
  verifyEndorsement,
  verifyPrekeyBundle,
  verifyRevocation,
} from '@stanzaseal/signer';
import { bareJid, StanzaError } from '@stanzaseal/stanza';
import { deviceRecordKey, newDevice, withdrawnDevice } from './deviceRecords.js';
import { contentOf, type ListHolder, listOf, names, storedKey, storedList } from './lists.js';
import { MessengerError, verifyError } from './messengerError.js';
import { isInForce } from './sender.js';
import { accountOf, notRolledBack, type Session } from './session.js';
import { tellSharedKey, withLevel } from './trust.js';

/** What was taken in. */
export interface ImportedKeys {
  /** Bare JIDs whose list, statements or bundles were taken in or were known already. */
  readonly accounts: readonly string[];
}

/** Takes in published objects, lists first, then what is said of devices, then bundles; see `Messenger.importKeys`. */
export async function importKeys(session: Session, published: readonly Uint8Array[]): Promise<ImportedKeys> {
  const accounts = new Set<string>();
  try {
    const found = published.map((der) => {
      const { contentType } = readSignedData(der);
      return { der, at: IMPORTS.findIndex(([type]) => equal(type, contentType)) };
    });
    if (found.some(({ at }) => at < 0)) throw verifyError();
    for (const [at, [, take]] of IMPORTS.entries())
      for (const each of found) if (each.at === at) accounts.add(await take(session, each.der));
  } catch (cause) {
    // What the octets are to blame for has one name; what the store is, and the answers of this file, stay what they are.
    if (cause instanceof CmsError || cause instanceof SignerError || cause instanceof StanzaError)
      throw verifyError(cause);
    throw cause;
  }
  return { accounts: [...accounts] };
}

const IMPORTS: readonly [contentType: Uint8Array, take: (session: Session, der: Uint8Array) => Promise<string>][] = [
  [ID_CT_DEVICE_LIST, importList],
  [ID_CT_ENDORSEMENT, importStatement],
  [ID_CT_PREKEY_BUNDLE, importBundle],
];

async function importList(session: Session, der: Uint8Array): Promise<string> {
  const { store, clock, crypto, onEvent } = session;
  const verified = await verifyDeviceList(der, crypto);
  const { list, identity, digest } = verified;
  const { listVersion, expires } = list;
  const jid = normalised(list.owner);
  const now = clock();
  const isOwn = jid === store.owner;
  const contact = isOwn ? undefined : await store.get('contacts', jid);
  const holder = isOwn
    ? await accountOf(session)
    : (contact ?? (await withLevel(session, jid, firstSight(identity, now))));
  if (!equal(holder.identity, identity.raw)) {
    const record = { ...(holder as ContactRecord), changedIdentity: identity.raw };
    if (!isOwn) await store.commit([{ table: 'contacts', key: jid, record }]);
    throw changed(session, jid, identity.raw);
  }
  const step = await stepTo(session, jid, holder, verified);
  const { changes, strict } = step === 'known' ? NO_CHANGES : await deviceChanges(session, jid, holder, verified, step);
  const { forkedList, ...rest } = holder;
  const record = {
    ...rest,
    ...strict,
    ...(step === 'newer'
      ? { deviceList: der }
      : { ...(step === 'fork' ? { forkedList: der } : forkedList && { forkedList }) }),
    ...(isOwn ? {} : { listAt: now, ...(step === 'newer' ? { listVersion, listDigest: digest } : {}) }),
  };
  const [table, key] = isOwn ? ['account', 'self'] : ['contacts', jid];
  if (!isOwn || step !== 'known') await store.commit([{ table, key, record } as Change, ...changes]);
  if (!isOwn && contact === undefined) await tellSharedKey(session, jid, identity.raw);
  // Still the newest word on who left; but nobody may be sealed to by it, and a server may hold the next one back.
  if (expires <= now) onEvent({ kind: 'list-expired', jid, listVersion });
  return jid;
}

const NO_CHANGES: { changes: Change[]; strict: Pick<ListHolder, 'listedOnly'> } = { changes: [], strict: {} };

function firstSight({ raw }: PublicKey, pinnedAt: number): ContactRecord {
  return { identity: raw, trust: 'unverified', pinnedAt, listVersion: 0 };
}

/** What a list is to the one known. @throws MessengerError for one that goes back (I6, I11), and for a third of one version */
async function stepTo(
  { crypto, onEvent }: Session,
  jid: string,
  { deviceList, forkedList }: ListHolder,
  { list: { listVersion, previous }, digest }: VerifiedDeviceList,
): Promise<'known' | 'newer' | 'fork'> {
  if (deviceList === undefined) return 'newer';
  const known = storedList(deviceList).listVersion;
  if (listVersion < known) {
    onEvent({ kind: 'list-rollback', jid, listVersion });
    throw verifyError();
  }
  if (listVersion > known + 1) return 'newer';
  const digests: Uint8Array[] = [];
  for (const list of [deviceList, forkedList])
    if (list !== undefined) digests.push(await crypto.sha256(contentOf(list)));
  const named = listVersion === known ? digest : previous;
  const fits = named !== undefined && digests.some((one) => equal(one, named));
  if (!fits) onEvent({ kind: 'list-fork', jid, listVersion });
  if (listVersion > known) return 'newer';
  if (fits) return 'known';
  if (forkedList !== undefined) throw verifyError();
  return 'fork';
}

/**
 * Records of the devices that a list brings. Those that left stay as known and not endorsed: whoever holds such a device still has
 * its endorsement and could claim a list newer than ours (I12). Where too many left to be remembered, who is not listed is not
 * believed at all.
 */
async function deviceChanges(
  session: Session,
  jid: string,
  holder: ListHolder,
  { list, deviceKeys }: VerifiedDeviceList,
  step: 'newer' | 'fork',
): Promise<typeof NO_CHANGES> {
  const { store, crypto, onEvent, rules } = session;
  const account = await accountOf(session);
  const before = listOf(holder)?.devices ?? [];
  const changes: Change[] = [];
  const inForce = new Set<string>();
  for (const { keyIdentifier, raw } of deviceKeys) {
    // Of two lists that contradict each other both must name a device.
    if (step === 'fork' && !names(before, raw)) continue;
    const key = deviceRecordKey(jid, keyIdentifier);
    inForce.add(key);
    if (equal(raw, account.device)) continue;
    const record = (await store.get('devices', key)) ?? newDevice(jid, raw);
    changes.push({ table: 'devices', key, record: { ...record, endorsed: record.revoked !== true } });
  }
  const gone = new Map(
    (await store.entries('devices')).filter(([key, { owner }]) => owner === jid && !inForce.has(key)),
  );
  const left: Uint8Array[] = [];
  for (const { key } of [...before, ...(holder.forkedList ? storedList(holder.forkedList).devices : [])]) {
    if (names(list.devices, key.raw)) continue;
    const { keyIdentifier, raw } = await storedKey('Ed25519', key.raw, crypto);
    const recordKey = deviceRecordKey(jid, keyIdentifier);
    if (names(before, raw)) left.push(keyIdentifier);
    if (!gone.has(recordKey) && !equal(raw, account.device)) gone.set(recordKey, newDevice(jid, raw));
  }
  if (left.length > 0) onEvent({ kind: 'list-shrunk', jid, devices: left });
  const tooMany = gone.size > rules.withdrawnDevices;
  for (const [key, record] of gone)
    changes.push({ table: 'devices', key, record: tooMany ? undefined : withdrawnDevice(record) });
  return { changes, strict: tooMany ? { listedOnly: true } : {} };
}

/** What an identity key says of a device: the statement of the highest sequence holds, and no lower one is taken (I12). */
async function importStatement(session: Session, der: Uint8Array): Promise<string> {
  const { store, crypto, clock, rules, onEvent } = session;
  const { purpose, owner } = decodeEndorsement(contentIn(der));
  const holder = await holderOf(session, normalised(owner));
  const identity = await storedKey('Ed25519', holder.identity, crypto);
  const isRevoked = purpose === 'revoked';
  const verify = isRevoked ? verifyRevocation : verifyEndorsement;
  const { endorsement, endorsed } = await verify(der, identity, crypto);
  if ((!isRevoked && purpose !== 'device') || endorsed.algorithm !== 'Ed25519') throw verifyError();
  const key = deviceRecordKey(owner, endorsed.keyIdentifier);
  const known = await store.get('devices', key);
  const { revoked = false, ...device } = known ?? newDevice(owner, endorsed.raw);
  const { sequence } = endorsement;
  if (sequence <= (device.sequence ?? 0)) {
    // An older word that says what the newest says is no news; one that says otherwise goes back.
    if (revoked !== isRevoked) throw verifyError();
    return owner;
  }
  const listed = listOf(holder)?.devices ?? [];
  const isListed = names(listed, endorsed.raw);
  // An endorsement in force undoes a revocation, but brings no device back that left the list, and of an unknown one it is no news.
  if (!isRevoked && (known === undefined || !isInForce(endorsement, clock()))) return owner;
  const record: PeerDeviceRecord = isRevoked
    ? { ...withdrawnDevice(device), sequence, revoked: true }
    : { ...device, sequence, endorsed: revoked ? isListed : device.endorsed };
  // Of devices that nobody ever saw only so many are kept: whoever signs cannot fill the store (G5).
  if (!isListed && known === undefined) {
    const devices = (await store.entries('devices')).filter(([, one]) => one.owner === owner);
    if (devices.length >= listed.length + rules.withdrawnDevices) return owner;
  }
  await store.commit([{ table: 'devices', key, record }]);
  if (isRevoked) onEvent({ kind: 'device-revoked', jid: owner, device: endorsed.keyIdentifier });
  return owner;
}

async function importBundle(session: Session, der: Uint8Array): Promise<string> {
  const { store, crypto, clock } = session;
  const named = decodePrekeyBundle(contentIn(der));
  const account = await accountOf(session);
  const own = await storedKey('Ed25519', account.device, crypto);
  if (named.owner === store.owner && equal(named.device, own.keyIdentifier)) {
    await importOwnBundle(session, account, own, der);
    return store.owner;
  }
  const key = deviceRecordKey(named.owner, named.device);
  const record = await store.get('devices', key);
  if (record === undefined) throw verifyError();
  const { bundle } = await verifyPrekeyBundle(der, [await storedKey('Ed25519', record.device, crypto)], crypto);
  const owner = normalised(bundle.owner);
  const identity = await storedKey('Ed25519', (await holderOf(session, owner)).identity, crypto);
  if (!equal(identity.keyIdentifier, bundle.identity)) throw verifyError();
  if (bundle.sequence < record.bundleSequence || bundle.notAfter <= clock()) throw verifyError();
  const chosen = record.choice?.publicKey;
  // The same bundle again is no news, but that it was fetched.
  const isKnown = bundle.sequence === record.bundleSequence && record.lastResort !== undefined;
  const updated: PeerDeviceRecord = {
    ...record,
    bundleAt: clock(),
    ...(isKnown
      ? {}
      : {
          bundleSequence: bundle.sequence,
          bundleNotAfter: bundle.notAfter,
          lastResort: copyOctets(bundle.lastResort),
          oneTime: bundle.oneTime.filter((key) => chosen === undefined || !equal(key, chosen)).map(copyOctets),
        }),
  };
  await store.commit([{ table: 'devices', key, record: updated }]);
  return owner;
}

/**
 * What the server has of this device. Only this device signs it, and it is published after it is stored: a bundle that the store
 * does not have was published by a later state of it, or by a copy (I6, I9).
 */
async function importOwnBundle(
  { store, crypto, onEvent }: Session,
  account: AccountRecord,
  own: PublicKey,
  der: Uint8Array,
): Promise<void> {
  const { bundle } = await verifyPrekeyBundle(der, [own], crypto);
  const { sequence } = bundle;
  const newer = sequence - account.bundleSequence;
  if (newer < 0 || (newer === 0 && equal(der, account.bundle ?? NOTHING))) return;
  const record: AccountRecord = { ...account, rolledBackTo: sequence };
  await store.commit([{ table: 'account', key: 'self', record }]);
  onEvent({ kind: 'rolled-back', sequence });
  notRolledBack(record);
}

const NOTHING = new Uint8Array(0);

/** The account or the contact of a JID. @throws MessengerError `ERR_VERIFY` for one that is not known */
async function holderOf(session: Session, jid: string): Promise<AccountRecord | ContactRecord> {
  const { store } = session;
  const holder = jid === store.owner ? await accountOf(session) : await store.get('contacts', jid);
  if (holder === undefined) throw verifyError();
  return holder;
}

/** What is signed, before any signature was looked at. */
function contentIn(der: Uint8Array): Uint8Array {
  return readSignedData(der).content ?? NOTHING;
}

function changed({ onEvent }: Session, jid: string, identity: Uint8Array): MessengerError {
  onEvent({ kind: 'key-changed', jid, identity });
  return new MessengerError('ERR_KEY_CHANGED', `the identity key of ${jid} changed`);
}

function normalised(owner: string): string {
  if (bareJid(owner) !== owner) throw verifyError();
  return owner;
}
