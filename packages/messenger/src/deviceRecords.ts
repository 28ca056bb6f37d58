/**
 * Records of peers' devices, and of own other devices, in the key store.
 * @module
 */
import { copyOctets, toHex } from '@stanzaseal/cms';
import type { PeerDeviceRecord } from '@stanzaseal/keystore';

/** Key in the table `devices`. The account belongs to it: a device key in somebody else's list is another record, not a claim on this one (C4). */
export function deviceRecordKey(owner: string, device: Uint8Array): string {
  return `${owner} ${toHex(device)}`;
}

/** A device of which nothing but its key is known yet. */
export function newDevice(owner: string, device: Uint8Array): PeerDeviceRecord {
  return { owner, device: copyOctets(device), endorsed: true, bundleSequence: 0, bundleNotAfter: 0, oneTime: [] };
}

/**
 * A device that left its account's list: nothing of it is used or believed any more, unless a later list names it again. What
 * its identity key said of it last stays known: a revocation holds against lists too.
 */
export function withdrawnDevice(known: PeerDeviceRecord): PeerDeviceRecord {
  const { owner, device, bundleSequence, sequence, revoked } = known;
  return {
    owner,
    device,
    endorsed: false,
    ...(sequence === undefined ? {} : { sequence }),
    ...(revoked === undefined ? {} : { revoked }),
    bundleSequence,
    bundleNotAfter: 0,
    oneTime: [],
  };
}
