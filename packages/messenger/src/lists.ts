/**
 * Device lists as they stand in the store: verified when they were taken in, decoded once here.
 * @module
 */

import type { CryptoProvider, MaybePromise } from '@stanzaseal/cms';
import { type DeviceList, decodeDeviceList, type PublicKey, publicKeyFromRaw } from '@stanzaseal/cms';
import { readSignedData } from '@stanzaseal/signer';

const decoded = new WeakMap<Uint8Array, DeviceList>();

/** The list of a stored, verified signed device list. */
export function storedList(signedList: Uint8Array): DeviceList {
  let list = decoded.get(signedList);
  if (list === undefined) {
    list = decodeDeviceList(readSignedData(signedList).content as Uint8Array);
    decoded.set(signedList, list);
  }
  return list;
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
