/**
 * The people of the vectors: their keys from labels, so that every script has the same ones.
 * @module
 */
import { exportPublicKey, type KeyAlgorithm, type PrivateKey, privateKeyFromSecret, toHex } from '@stanzaseal/cms';
import { crypto, octets } from './vectorWriter.js';

/** A key of a label, in the forms that vectors use. */
export interface VectorKey {
  readonly key: PrivateKey;
  readonly secret: { algorithm: KeyAlgorithm; secret: string };
  readonly spki: string;
  readonly id: string;
}

/** Makes a key of a label. */
export async function keyOf(algorithm: KeyAlgorithm, label: string): Promise<VectorKey> {
  const secret = octets(label, 32);
  const key = await privateKeyFromSecret(algorithm, Buffer.from(secret, 'hex'), crypto);
  return {
    key,
    secret: { algorithm, secret },
    spki: toHex(exportPublicKey(key.publicKey)),
    id: toHex(key.publicKey.keyIdentifier),
  };
}

/** 2026-01-01T12:00:00.123Z */
export const NOW = Date.UTC(2026, 0, 1, 12, 0, 0, 123);
export const ROMEO = 'romeo@montague.example';
export const JULIET = 'juliet@capulet.example';

export const romeoIdentity = await keyOf('Ed25519', 'romeo identity');
export const romeoDevice = await keyOf('Ed25519', 'romeo device');
export const romeoPrekey = await keyOf('X25519', 'romeo prekey');
export const romeoReply = await keyOf('X25519', 'romeo reply prekey');
export const julietDevice = await keyOf('Ed25519', 'juliet device');
export const julietTablet = await keyOf('Ed25519', 'juliet tablet');
export const julietPrekey = await keyOf('X25519', 'juliet prekey');
export const tabletPrekey = await keyOf('X25519', 'juliet tablet prekey');
