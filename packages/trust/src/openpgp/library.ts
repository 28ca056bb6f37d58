/**
 * The package `openpgp`, loaded with its first use and only where it was installed; and keys read by it.
 * @module
 */
import { type CryptoProvider, concat } from '@stanzaseal/cms';
import type { Key, PartialConfig, PrivateKey } from 'openpgp';
import { addressInUri, isBare } from '../address.js';
import { TrustError } from '../trustError.js';

/** The library. */
export type OpenPgp = typeof import('openpgp');

/** A key in octets, or in the text that `gpg --armor` writes. */
export type OpenPgpKeyData = Uint8Array | string;

/** Loads the library. @throws TrustError `ERR_UNSUPPORTED` where it is not installed */
export async function openPgp(): Promise<OpenPgp> {
  try {
    return await import('openpgp');
  } catch (cause) {
    throw new TrustError('ERR_UNSUPPORTED', 'the package openpgp is not installed', { cause });
  }
}

/**
 * What is not taken: digests of before SHA-2 over statements and over keys (SHA-1 fell for OpenPGP keys in 2020), RSA below 2048 bits. The
 * library's own list of bad algorithms stays in force.
 */
export function strict({ enums }: OpenPgp): PartialConfig {
  const { md5, sha1, ripemd } = enums.hash;
  const weak = new Set([md5, sha1, ripemd]);
  return {
    rejectHashAlgorithms: weak,
    rejectMessageHashAlgorithms: weak,
    minRSABits: 2048,
    // gpg replaces a key's own signature when its end is put off; the key is judged at the time of receipt, here, in any case.
    allowInsecureVerificationWithReformattedKeys: true,
    showVersion: false,
  };
}

/** Public keys, of a keyring or of one key. @throws RangeError for what is none */
export async function readPublicKeys(library: OpenPgp, data: OpenPgpKeyData, name: string): Promise<readonly Key[]> {
  const config = strict(library);
  try {
    return await (typeof data === 'string'
      ? library.readKeys({ armoredKeys: data, config })
      : library.readKeys({ binaryKeys: Uint8Array.from(data), config }));
  } catch (cause) {
    throw new RangeError(`${name} is no OpenPGP key`, { cause });
  }
}

/** A private key, unlocked. @throws RangeError for what is none; TrustError `ERR_PASSPHRASE` */
export async function readSecretKey(
  library: OpenPgp,
  data: OpenPgpKeyData,
  passphrase: string | undefined,
): Promise<PrivateKey> {
  const config = strict(library);
  let privateKey: PrivateKey;
  try {
    privateKey = await (typeof data === 'string'
      ? library.readPrivateKey({ armoredKey: data, config })
      : library.readPrivateKey({ binaryKey: Uint8Array.from(data), config }));
  } catch (cause) {
    throw new RangeError('key is no OpenPGP private key', { cause });
  }
  if (privateKey.isDecrypted()) return privateKey;
  try {
    return await library.decryptKey({ privateKey, passphrase: passphrase ?? '', config });
  } catch (cause) {
    throw new TrustError('ERR_PASSPHRASE', 'the passphrase does not open the OpenPGP key', { cause });
  }
}

/**
 * Key identifier of an OpenPGP key: SHA-256 of the octets of its primary key that its fingerprint is made over (RFC 9580 §5.5.4). Of a key
 * of version 6 it is the fingerprint; that of version 4 is SHA-1, in which two keys can be one.
 * @throws TrustError `ERR_UNSUPPORTED` for another version
 */
export async function openPgpKeyIdentifier(key: Key, crypto: CryptoProvider): Promise<Uint8Array> {
  const { keyPacket } = key.toPublic();
  const body = keyPacket.write();
  const { length } = body;
  const head = {
    4: [0x99, length >> 8, length & 0xff],
    6: [0x9b, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff],
  }[keyPacket.version as 4 | 6];
  if (head === undefined) throw new TrustError('ERR_UNSUPPORTED', 'the OpenPGP key is of another version');
  return crypto.sha256(concat(Uint8Array.from(head), body));
}

/**
 * The user id of a key that is the `xmpp:` URI of an account (XEP-0373 §4.1), signed by the key and neither revoked nor out of date;
 * `undefined` where it has none.
 */
export async function userIdOf(library: OpenPgp, key: Key, jid: string, now: number): Promise<string | undefined> {
  const config = { ...library.config, ...strict(library) };
  for (const user of key.users) {
    const text = user.userID?.userID;
    if (text === undefined || !isBare(addressInUri(text), jid)) continue;
    try {
      await user.verify(new Date(now), config);
      return text;
    } catch {
      // Another user id may say the same, and be in force.
    }
  }
  return undefined;
}
