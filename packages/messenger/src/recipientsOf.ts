/**
 * The recipients of an object: every device of every account it goes to, own other devices, and the archive keys that those
 * accounts' own lists name.
 * @module
 */

import { chain, type DeviceList, equal, type MaybePromise, type PublicKey, toHex } from '@stanzaseal/cms';
import type { Change, PeerDeviceRecord } from '@stanzaseal/keystore';
import type { SealRecipient } from '@stanzaseal/stanza';
import { deviceRecordKey } from './deviceRecords.js';
import { listOf, names, storedKey } from './lists.js';
import { MessengerError } from './messengerError.js';
import { choosePrekey } from './prekeyChoice.js';
import { accountOf, type Session } from './session.js';

/** A recipient with whom it belongs to. */
export interface NamedRecipient extends SealRecipient {
  /** Bare JID of the account. */
  readonly jid: string;
  /** Who holds an archive key. */
  readonly organisation?: string;
  /** Whether it may not have this device's keys, for all that it gave a reply prekey. */
  readonly unheard?: boolean;
}

/** What sealing to accounts comes to. */
export interface Recipients {
  /** The recipients, none twice. */
  readonly recipients: NamedRecipient[];
  /** Devices left out for want of a key. */
  readonly skipped: { readonly jid: string; readonly device: Uint8Array }[];
  /** Choices to be made durable. */
  readonly changes: Change[];
  /** Accounts whose published keys should be fetched anew. */
  readonly stale: string[];
}

/** Which accounts, and how strict. */
export interface RecipientsParameters {
  /** Bare JIDs other than the own, normalised. */
  readonly accounts: readonly string[];
  /** Whether own other devices get a copy. */
  readonly withOwnDevices: boolean;
  /** Only these devices of the accounts (key identifiers). */
  readonly devices?: readonly Uint8Array[] | undefined;
  /** Leave out devices that have no key rather than refuse. */
  readonly skipDevices: boolean;
}

/** Collects the recipients. @throws MessengerError `ERR_NO_KEYS`, `ERR_KEY_CHANGED` */
export async function collectRecipients(session: Session, parameters: RecipientsParameters): Promise<Recipients> {
  const result: Recipients = { recipients: [], skipped: [], changes: [], stale: [] };
  for (const jid of parameters.accounts) await addAccount(session, jid, parameters, result);
  await addOwn(session, parameters.withOwnDevices, result);
  for (const recipient of takeDuplicates(result)) await separate(session, recipient, result);
  const { accounts } = parameters;
  const isMeant = ({ jid, class: recipientClass }: NamedRecipient): boolean =>
    recipientClass !== 'archive' && (accounts.length === 0 || accounts.includes(jid));
  if (!result.recipients.some(isMeant)) throw new MessengerError('ERR_NO_KEYS', 'no device to seal to is known');
  return result;
}

async function addAccount(
  session: Session,
  jid: string,
  parameters: RecipientsParameters,
  result: Recipients,
): Promise<void> {
  const { store, clock, rules } = session;
  const known = store.get('contacts', jid);
  const contact = known instanceof Promise ? await known : known;
  if (contact === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${jid} are known`);
  if (contact.changedIdentity !== undefined) {
    throw new MessengerError('ERR_KEY_CHANGED', `the identity key of ${jid} changed and awaits an answer`);
  }
  const now = clock();
  const list = listOf(contact);
  const usable = list !== undefined && list.expires > now ? list : undefined;
  if (usable === undefined || (contact.listAt ?? 0) + rules.staleness < now) result.stale.push(jid);
  const devices = devicesOf(session, jid);
  let sealed = 0;
  for (const device of devices instanceof Promise ? await devices : devices) {
    const stored = storedKey('Ed25519', device.device, session.crypto);
    const key = stored instanceof Promise ? await stored : stored;
    if (parameters.devices !== undefined && !parameters.devices.some((id) => equal(id, key.keyIdentifier))) continue;
    // A list in force says who is sealed to, and nobody else is (I11): not one whose endorsement alone we saw.
    if (usable !== undefined && !names(usable.devices, device.device)) {
      markStale(result, jid);
      continue;
    }
    // Without one, only those who wrote to us and asked to be answered are sealed to.
    const answered = device.reply !== undefined && device.reply.notAfter > now;
    if (usable === undefined && !answered) continue;
    const added = addDevice(session, jid, device, key, result);
    if (added instanceof Promise ? await added : added) sealed++;
    else if (!parameters.skipDevices) {
      throw new MessengerError('ERR_NO_KEYS', `a device of ${jid} has no prekey that is in force`);
    }
  }
  if (sealed === 0) throw new MessengerError('ERR_NO_KEYS', `no device of ${jid} has a prekey that is in force`);
  if (usable !== undefined && usable.archiveKeys.length > 0) await addArchiveKeys(session, jid, usable, result);
}

async function addOwn(session: Session, withDevices: boolean, result: Recipients): Promise<void> {
  const { store, crypto } = session;
  const stored = accountOf(session);
  const account = stored instanceof Promise ? await stored : stored;
  const list = listOf(account);
  if (list === undefined) return;
  // The account's own archives get everything that it sends; its other devices get what they would show.
  if (list.archiveKeys.length > 0) await addArchiveKeys(session, store.owner, list, result);
  if (!withDevices || list.devices.every(({ key }) => equal(key.raw, account.device))) return;
  const devices = devicesOf(session, store.owner);
  for (const device of devices instanceof Promise ? await devices : devices) {
    if (!names(list.devices, device.device) || equal(device.device, account.device)) continue;
    await addDevice(session, store.owner, device, await storedKey('Ed25519', device.device, crypto), result);
  }
  // Own devices in the list of which nothing is stored yet have published nothing: they are named, not forgotten.
  for (const { key } of list.devices) {
    if (equal(key.raw, account.device)) continue;
    const { keyIdentifier } = await storedKey('Ed25519', key.raw, crypto);
    const known = result.recipients.some(({ deviceKey }) => equal(deviceKey, keyIdentifier));
    const listed = result.skipped.some(({ device }) => equal(device, keyIdentifier));
    if (!known && !listed) result.skipped.push({ jid: store.owner, device: keyIdentifier });
  }
}

function devicesOf({ store }: Session, jid: string): MaybePromise<PeerDeviceRecord[]> {
  return chain(store.devicesOf(jid), (devices) => devices.filter(({ endorsed }) => endorsed));
}

/** Adds a device under its key, or notes that it has no prekey. */
function addDevice(
  session: Session,
  jid: string,
  device: PeerDeviceRecord,
  { keyIdentifier }: PublicKey,
  result: Recipients,
): MaybePromise<boolean> {
  const chosen = choosePrekey(device, session);
  if (chosen === undefined) {
    result.skipped.push({ jid, device: keyIdentifier });
    return false;
  }
  const { prekey } = chosen;
  if (prekey.class !== 'reply' && (device.bundleAt ?? 0) + session.rules.staleness < session.clock())
    markStale(result, jid);
  const add = (publicKey: PublicKey): boolean => {
    const recipient: NamedRecipient = { jid, prekey: publicKey, deviceKey: keyIdentifier, class: prekey.class };
    result.recipients.push(device.unheard === true ? { ...recipient, unheard: true } : recipient);
    if (chosen.device !== device)
      result.changes.push({ table: 'devices', key: deviceRecordKey(jid, keyIdentifier), record: chosen.device });
    return true;
  };
  const stored = storedKey('X25519', prekey.publicKey, session.crypto);
  return stored instanceof Promise ? stored.then(add) : add(stored);
}

/** Every archive key of an account's own list, or none of the object: leaving one out would break a promise to that account. */
async function addArchiveKeys(
  { crypto }: Session,
  jid: string,
  { archiveKeys }: DeviceList,
  { recipients }: Recipients,
): Promise<void> {
  for (const { key, organisation } of archiveKeys) {
    const prekey = await storedKey('X25519', key.raw, crypto);
    recipients.push({ jid, prekey, deviceKey: prekey.keyIdentifier, class: 'archive', organisation });
  }
}

function markStale({ stale }: Recipients, jid: string): void {
  if (!stale.includes(jid)) stale.push(jid);
}

/** Keeps one recipient of each key, the first, and gives the others. An archive that two accounts name is one recipient, and no other. */
function takeDuplicates({ recipients }: Recipients): NamedRecipient[] {
  if (recipients.length < 2) return [];
  const byKey = new Map<string, NamedRecipient>();
  const others: NamedRecipient[] = [];
  for (const recipient of recipients) {
    const key = toHex(recipient.prekey.keyIdentifier);
    const first = byKey.get(key);
    if (first === undefined) byKey.set(key, recipient);
    else if (first.class !== 'archive' || recipient.class !== 'archive') others.push(recipient);
  }
  if (byKey.size < recipients.length) recipients.splice(0, recipients.length, ...byKey.values());
  return others;
}

/**
 * A prekey under two devices is somebody's mischief: bundles are signed, but nothing proves that who published a key has its private
 * half. Whichever of the two has another prekey is sealed to that one; where neither has, the device of the account that was pinned
 * first keeps it and the other is left out, by name.
 */
async function separate(session: Session, recipient: NamedRecipient, result: Recipients): Promise<void> {
  const { recipients } = result;
  const at = recipients.findIndex(({ prekey }) => equal(prekey.raw, recipient.prekey.raw));
  let [first, second] = [recipients[at] as NamedRecipient, recipient];
  if ((await pinnedAt(session, second)) < (await pinnedAt(session, first))) [first, second] = [second, first];
  let moved = await withOtherPrekey(session, second, result);
  if (moved === undefined) {
    moved = await withOtherPrekey(session, first, result);
    if (moved === undefined) result.skipped.push({ jid: second.jid, device: second.deviceKey });
    else first = second;
  }
  recipients.splice(at, 1, first, ...(moved ? [moved] : []));
}

/** An archive gives way to nobody, and own devices to no contact. */
async function pinnedAt({ store }: Session, { jid, class: recipientClass }: NamedRecipient): Promise<number> {
  return recipientClass === 'archive' ? -1 : ((await store.get('contacts', jid))?.pinnedAt ?? 0);
}

/** The device with another published prekey, one that nobody else is sealed to; an archive has none. */
async function withOtherPrekey(
  session: Session,
  recipient: NamedRecipient,
  { recipients, changes }: Recipients,
): Promise<NamedRecipient | undefined> {
  const key = deviceRecordKey(recipient.jid, recipient.deviceKey);
  const known = await session.store.get('devices', key);
  if (known === undefined) return undefined;
  const { reply: _, choice: __, ...device } = known;
  const isFree = (raw: Uint8Array): boolean => !recipients.some(({ prekey }) => equal(prekey.raw, raw));
  const chosen = choosePrekey({ ...device, oneTime: device.oneTime.filter(isFree) }, session);
  if (chosen === undefined || !isFree(chosen.prekey.publicKey)) return undefined;
  changes.push({ table: 'devices', key, record: { ...known, ...chosen.device } });
  const prekey = await storedKey('X25519', chosen.prekey.publicKey, session.crypto);
  return { ...recipient, prekey, class: chosen.prekey.class };
}
