/**
 * The recipients of an object: every device of every account it goes to, own other devices, and the archive keys that those
 * accounts' own lists name.
 * @module
 */

import { equal, type MaybePromise, type PublicKey, toHex } from '@stanzaseal/cms';
import type { Change, PeerDeviceRecord } from '@stanzaseal/keystore';
import type { SealRecipient } from '@stanzaseal/stanza';
import { deviceRecordKey } from './deviceRecords.js';
import { storedKey, storedList } from './lists.js';
import { MessengerError } from './messengerError.js';
import { choosePrekey } from './prekeyChoice.js';
import { accountOf, type Session } from './session.js';

/** A recipient with whom it belongs to. */
export interface NamedRecipient extends SealRecipient {
  /** Bare JID of the account. */
  readonly jid: string;
  /** Who holds an archive key. */
  readonly organisation?: string;
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
  readonly devices?: readonly Uint8Array[];
  /** Leave out devices that have no key rather than refuse. */
  readonly skipDevices: boolean;
}

/** Collects the recipients. @throws MessengerError `ERR_NO_KEYS`, `ERR_KEY_CHANGED` */
export async function collectRecipients(session: Session, parameters: RecipientsParameters): Promise<Recipients> {
  const result: Recipients = { recipients: [], skipped: [], changes: [], stale: [] };
  for (const jid of parameters.accounts) await addAccount(session, jid, parameters, result);
  await addOwn(session, parameters.withOwnDevices, result);
  if (result.recipients.every(({ class: recipientClass }) => recipientClass === 'archive')) {
    throw new MessengerError('ERR_NO_KEYS', 'no device to seal to is known');
  }
  dropDuplicates(result);
  return result;
}

async function addAccount(
  session: Session,
  jid: string,
  parameters: RecipientsParameters,
  result: Recipients,
): Promise<void> {
  const { store, clock, rules } = session;
  const contact = await store.get('contacts', jid);
  if (contact === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${jid} are known`);
  if (contact.changedIdentity !== undefined) {
    throw new MessengerError('ERR_KEY_CHANGED', `the identity key of ${jid} changed and awaits an answer`);
  }
  const now = clock();
  const list = contact.deviceList === undefined ? undefined : storedList(contact.deviceList);
  const usable = list !== undefined && list.expires > now ? list : undefined;
  if (usable === undefined || (contact.listAt ?? 0) + rules.staleness < now) result.stale.push(jid);
  const devices = await devicesOf(session, jid);
  let sealed = 0;
  for (const device of devices) {
    const stored = storedKey('Ed25519', device.device, session.crypto);
    const key = stored instanceof Promise ? await stored : stored;
    if (parameters.devices !== undefined && !parameters.devices.some((id) => equal(id, key.keyIdentifier))) continue;
    // A list in force says who is sealed to, and nobody else is (I11): not one whose endorsement alone we saw.
    if (usable !== undefined && !usable.devices.some((listed) => equal(listed.key.raw, device.device))) {
      if (!result.stale.includes(jid)) result.stale.push(jid);
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
  await addArchiveKeys(session, jid, usable, result);
}

async function addOwn(session: Session, withDevices: boolean, result: Recipients): Promise<void> {
  const { store, crypto } = session;
  const account = await accountOf(session);
  if (account.deviceList === undefined) return;
  const list = storedList(account.deviceList);
  // The account's own archives get everything that it sends; its other devices get what they would show.
  await addArchiveKeys(session, store.owner, list, result);
  if (!withDevices) return;
  for (const device of await devicesOf(session, store.owner)) {
    const listed = list.devices.some(({ key }) => equal(key.raw, device.device));
    if (!listed || equal(device.device, account.device)) continue;
    await addDevice(session, store.owner, device, await storedKey('Ed25519', device.device, crypto), result);
  }
  // Own devices in the list of which nothing is stored yet have published nothing: they are named, not forgotten.
  for (const { key } of list.devices) {
    const { keyIdentifier } = await storedKey('Ed25519', key.raw, crypto);
    const known = result.recipients.some(({ deviceKey }) => equal(deviceKey, keyIdentifier));
    const listed = result.skipped.some(({ device }) => equal(device, keyIdentifier));
    if (!known && !listed && !equal(key.raw, account.device))
      result.skipped.push({ jid: store.owner, device: keyIdentifier });
  }
}

async function devicesOf({ store }: Session, jid: string): Promise<PeerDeviceRecord[]> {
  const devices: PeerDeviceRecord[] = [];
  const found = store.entries('devices');
  for (const [, device] of found instanceof Promise ? await found : found)
    if (device.owner === jid && device.endorsed) devices.push(device);
  return devices;
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
  const add = (publicKey: PublicKey): boolean => {
    result.recipients.push({ jid, prekey: publicKey, deviceKey: keyIdentifier, class: prekey.class });
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
  list: ReturnType<typeof storedList> | undefined,
  { recipients }: Recipients,
): Promise<void> {
  for (const { key, organisation } of list?.archiveKeys ?? []) {
    const prekey = await storedKey('X25519', key.raw, crypto);
    recipients.push({ jid, prekey, deviceKey: prekey.keyIdentifier, class: 'archive', organisation });
  }
}

/** An archive that two accounts name is one recipient; a prekey under two devices is somebody's mischief and refused. */
function dropDuplicates({ recipients }: Recipients): void {
  const byKey = new Map<string, NamedRecipient>();
  for (const recipient of recipients) {
    const key = toHex(recipient.prekey.keyIdentifier);
    const other = byKey.get(key);
    if (other !== undefined && (other.class !== 'archive' || recipient.class !== 'archive')) {
      throw new MessengerError('ERR_NO_KEYS', `${other.jid} and ${recipient.jid} publish the same prekey`);
    }
    byKey.set(key, other ?? recipient);
  }
  recipients.splice(0, recipients.length, ...byKey.values());
}
