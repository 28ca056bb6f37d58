/**
 * The devices of an account, as they are shown.
 * @module
 */
import { type DeviceRole, equal } from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import { listOf, storedKey } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { accountOf } from '../session.js';

/** A device of an account. */
export interface ListedDevice {
  /** Key identifier of its device key. */
  readonly device: Uint8Array;
  /** `listed`: in the list in force. `unlisted`: known by its endorsement alone, or left out by one of two lists. */
  readonly state: 'listed' | 'unlisted' | 'removed' | 'revoked';
  /** Its role, where it is listed. */
  readonly role: DeviceRole | undefined;
  /** Whether it is this one. */
  readonly isThis: boolean;
  /** When its prekey bundle was taken in, in ms since 1970; `undefined` for none, and for this device. */
  readonly bundleAt: number | undefined;
}

/** The devices of the own account, or of a contact's; nobody's for a JID that is not known. Listed ones come first, in the list's order. */
export function listedDevices(messenger: Messenger, jid: string = messenger.owner): Promise<ListedDevice[]> {
  return within(messenger, async (session) => {
    const { store, crypto } = session;
    const owner = bareJid(jid);
    const account = await accountOf(session);
    const holder = owner === store.owner ? account : await store.get('contacts', owner);
    const records = (await store.entries('devices')).filter(([, record]) => record.owner === owner);
    const devices: ListedDevice[] = [];
    for (const { key, role } of (holder && listOf(holder)?.devices) ?? []) {
      const { keyIdentifier } = await storedKey('Ed25519', key.raw, crypto);
      const record = records.find(([, { device }]) => equal(device, key.raw))?.[1];
      const isThis = equal(key.raw, account.device);
      const state = record?.revoked ? 'revoked' : 'listed';
      devices.push({ device: keyIdentifier, state, role, isThis, bundleAt: record?.bundleAt });
    }
    for (const [, { device: raw, endorsed, revoked, bundleAt }] of records) {
      const { keyIdentifier: device } = await storedKey('Ed25519', raw, crypto);
      if (devices.some((one) => equal(one.device, device))) continue;
      const state = revoked ? 'revoked' : endorsed ? 'unlisted' : 'removed';
      devices.push({ device, state, role: undefined, isThis: equal(raw, account.device), bundleAt });
    }
    return devices;
  });
}
