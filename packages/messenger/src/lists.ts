/**
 * Device lists as they stand in the store: verified when they were taken in, decoded once here.
 * @module
 */

import type { CryptoProvider, MaybePromise } from '@stanzaseal/cms';
import { type DeviceList, decodeDeviceList, equal, type PublicKey, publicKeyFromRaw } from '@stanzaseal/cms';
import type { AccountRecord } from '@stanzaseal/keystore';
import { readSignedData } from '@stanzaseal/signer';

/** Who has a list: the account itself, or a contact; with another of the same version where there are two (T12). */
export type ListHolder = Pick<AccountRecord, 'deviceList' | 'forkedList' | 'listedOnly'>;

const decoded = new WeakMap<Uint8Array, DeviceList>();

/** The list of a stored, verified signed device list. */
export function storedList(signedList: Uint8Array): DeviceList {
  let list = decoded.get(signedList);
  if (list === undefined) {
    list = decodeDeviceList(contentOf(signedList));
    decoded.set(signedList, list);
  }
  return list;
}

/** The DER of a stored list, without its signature. */
export function contentOf(signedList: Uint8Array): Uint8Array {
  return readSignedData(signedList).content as Uint8Array;
}

/**
 * What an account's list says. Of two that contradict each other, what both say: a device that one of them leaves out may have
 * been removed, and is neither sealed to nor believed; archives get what either promised them.
 */
export function listOf({ deviceList, forkedList }: ListHolder): DeviceList | undefined {
  if (deviceList === undefined) return undefined;
  const list = storedList(deviceList);
  if (forkedList === undefined) return list;
  const other = storedList(forkedList);
  const more = other.archiveKeys.filter(({ key }) => !names(list.archiveKeys, key.raw));
  return {
    ...list,
    expires: Math.min(list.expires, other.expires),
    devices: list.devices.filter(({ key }) => names(other.devices, key.raw)),
    archiveKeys: [...list.archiveKeys, ...more],
  };
}

/** Whether a key is among those of devices or archives. */
export function names(entries: readonly { readonly key: { readonly raw: Uint8Array } }[], raw: Uint8Array): boolean {
  return entries.some(({ key }) => equal(key.raw, raw));
}

const imported = new WeakMap<Uint8Array, PublicKey>();

/** A stored raw key with its identifier, computed once for each record it stands in; from then on without a promise. */
export function storedKey(
  algorithm: 'Ed25519' | 'X25519',
  raw: Uint8Array,
  crypto: CryptoProvider,
): MaybePromise<PublicKey> {
  return (
    imported.get(raw) ??
    publicKeyFromRaw(algorithm, raw, crypto).then((key) => {
      imported.set(raw, key);
      return key;
    })
  );
}
