/**
 * Device lists: signed by the account's identity key, which the list itself names.
 * @module
 */
import {
  type CryptoProvider,
  type DeviceList,
  decodeDeviceList,
  encodeDeviceList,
  ID_CT_DEVICE_LIST,
  type PublicKey,
  publicKeyFromRaw,
  type SigningKey,
} from '@stanzaseal/cms';
import { sign } from './sign.js';
import { SignerError } from './signerError.js';
import { readSignedData, verifyRead } from './verify.js';

/** A device list whose signature by its own identity key is good; whether that identity is the contact's is the caller's to judge. */
export interface VerifiedDeviceList {
  /** The list. */
  readonly list: DeviceList;
  /** The identity key. */
  readonly identity: PublicKey;
  /** The devices' keys in the order of `list.devices`. */
  readonly deviceKeys: readonly PublicKey[];
  /** SHA-256 of the DER of the DeviceList: what the next version names as `previous`. */
  readonly digest: Uint8Array;
}

/** DER of a signed device list. */
export async function signDeviceList(
  list: DeviceList,
  identity: SigningKey,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const content = encodeDeviceList(list);
  return (
    await sign(content, { signers: [identity], contentType: ID_CT_DEVICE_LIST, signingTime: list.issued, crypto })
  ).der;
}

/** Verifies a signed device list by the identity key in it. @throws SignerError `ERR_VERIFY` */
export async function verifyDeviceList(der: Uint8Array, crypto: CryptoProvider): Promise<VerifiedDeviceList> {
  const data = readSignedData(der);
  try {
    const list = decodeDeviceList(data.content ?? new Uint8Array(0));
    const identity = await publicKeyFromRaw('Ed25519', list.identity.raw, crypto);
    const { content } = await verifyRead(data, { signers: [identity], contentType: ID_CT_DEVICE_LIST, crypto });
    const deviceKeys = await Promise.all(list.devices.map(({ key }) => publicKeyFromRaw('Ed25519', key.raw, crypto)));
    return { list, identity, deviceKeys, digest: await crypto.sha256(content) };
  } catch (cause) {
    throw cause instanceof SignerError ? cause : new SignerError({ cause });
  }
}
