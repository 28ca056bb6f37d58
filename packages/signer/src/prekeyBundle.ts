/**
 * Prekey bundles: signed by the device key.
 * @module
 */
import {
  type CryptoProvider,
  decodePrekeyBundle,
  encodePrekeyBundle,
  equal,
  ID_CT_PREKEY_BUNDLE,
  type PrekeyBundle,
  type PublicKey,
  type SigningKey,
} from '@stanzaseal/cms';
import { sign } from './sign.js';
import { SignerError } from './signerError.js';
import { readSignedData, verifyRead } from './verify.js';

/** A bundle whose signature is good. */
export interface VerifiedPrekeyBundle {
  /** The bundle. */
  readonly bundle: PrekeyBundle;
  /** The device key that signed it. */
  readonly device: PublicKey;
}

/** DER of a signed bundle; `signingTime` in ms since 1970. */
export async function signPrekeyBundle(
  bundle: PrekeyBundle,
  device: SigningKey,
  parameters: { readonly signingTime: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const content = encodePrekeyBundle(bundle);
  return (await sign(content, { ...parameters, signers: [device], contentType: ID_CT_PREKEY_BUNDLE })).der;
}

/**
 * Verifies a signed bundle by one of the given device keys: those of the owner's device list.
 * @throws SignerError `ERR_VERIFY`, also when the bundle names none of them
 */
export async function verifyPrekeyBundle(
  der: Uint8Array,
  deviceKeys: readonly PublicKey[],
  crypto: CryptoProvider,
): Promise<VerifiedPrekeyBundle> {
  const data = readSignedData(der);
  try {
    const bundle = decodePrekeyBundle(data.content ?? new Uint8Array(0));
    const device = deviceKeys.find(({ keyIdentifier }) => equal(keyIdentifier, bundle.device));
    if (device === undefined) throw new SignerError();
    await verifyRead(data, { signers: [device], contentType: ID_CT_PREKEY_BUNDLE, crypto });
    return { bundle, device };
  } catch (cause) {
    throw cause instanceof SignerError ? cause : new SignerError({ cause });
  }
}
