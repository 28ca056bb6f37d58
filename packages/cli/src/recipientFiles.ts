/**
 * To whom `cms encrypt` encrypts and with what `cms decrypt` opens: public keys, shared keys and passwords in files.
 * @module
 */
import { equal, fromHex, fromUtf8 } from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import {
  type GeneralRecipient,
  type KekRecipient,
  type KeyRecipient,
  type OwnKey,
  PASSWORD_COST,
} from '@stanzaseal/envelope/general';
import type { DecryptOptions, EncryptOptions } from './cmsEncryptActions.js';
import { CliFailure, usageFailure } from './failure.js';
import { readGeneralPrivateKey, readGeneralPublicKey } from './generalKeyFiles.js';
import { readInput } from './input.js';
import { readPassphrase } from './passphrase.js';

/** The recipients that are named, none or more. @throws CliFailure for what is no such key, or is named twice */
export async function readRecipientFiles(
  { recipient, kekFile, kekId, passwordFile }: EncryptOptions,
  crypto: GeneralCrypto,
): Promise<GeneralRecipient[]> {
  return [
    ...(await readKeys(recipient ?? [], crypto)),
    ...(await readKeks(kekFile ?? [], kekId ?? [])),
    ...(await readPasswords(passwordFile ?? [])),
  ];
}

/** The one key or password that is named. @throws CliFailure for none, several, or what does not decrypt */
export async function readOwnKey(options: DecryptOptions, crypto: GeneralCrypto): Promise<OwnKey> {
  const { key: file, keyId, kekFile, kekId, passwordFile } = options;
  if ([file, kekFile, passwordFile].filter((each) => each !== undefined).length !== 1)
    throw usageFailure("give one of '--key', '--kek-file' and '--password-file'");
  if ((kekFile === undefined) !== (kekId === undefined)) throw usageFailure("'--kek-file' and '--kek-id' go together");
  if (keyId !== undefined && file === undefined) throw usageFailure("'--key-id' goes with '--key'");
  if (kekFile !== undefined) return { kind: 'kek', keyIdentifier: kekId as Uint8Array, key: await readKek(kekFile) };
  if (file === undefined) {
    const password = await readPassphrase({ passphraseFile: passwordFile, prompt: 'password' });
    return { kind: 'password', password };
  }
  const key = await readGeneralPrivateKey(file, crypto);
  if (!isForEncryption(key.publicKey.algorithm))
    throw new CliFailure('ERR_UNSUPPORTED', `${file} is of ${key.publicKey.algorithm}, which does not decrypt`);
  return { kind: 'key', key, names: keyId === undefined ? [] : [keyId] };
}

async function readKeys(files: readonly string[], crypto: GeneralCrypto): Promise<KeyRecipient[]> {
  const recipients: KeyRecipient[] = [];
  for (const file of files) {
    const key = await readGeneralPublicKey(file, crypto);
    if (!isForEncryption(key.algorithm))
      throw new CliFailure('ERR_UNSUPPORTED', `${file} is of ${key.algorithm}, which does not encrypt`);
    if (recipients.some((each) => equal(each.key.keyIdentifier, key.keyIdentifier)))
      throw usageFailure(`recipient ${file} is named twice`);
    recipients.push({ kind: 'key', key });
  }
  return recipients;
}

async function readKeks(files: readonly string[], names: readonly Uint8Array[]): Promise<KekRecipient[]> {
  if (files.length !== names.length) throw usageFailure("give each '--kek-file' its '--kek-id', in the same order");
  return Promise.all(
    files.map(async (file, i): Promise<KekRecipient> => {
      const keyIdentifier = names[i] as Uint8Array;
      if (names.findIndex((each) => equal(each, keyIdentifier)) !== i)
        throw usageFailure("an identifier of '--kek-id' is named twice");
      return { kind: 'kek', keyIdentifier, key: await readKek(file) };
    }),
  );
}

function readPasswords(files: readonly string[]): Promise<GeneralRecipient[]> {
  return Promise.all(
    files.map(
      async (passphraseFile): Promise<GeneralRecipient> => ({
        kind: 'password',
        password: await readPassphrase({ passphraseFile, prompt: 'password' }),
        cost: PASSWORD_COST,
      }),
    ),
  );
}

function isForEncryption(algorithm: string): boolean {
  return /^(X25519|P-256|P-384|RSA|ML-KEM-.*)$/.test(algorithm);
}

/** A key of 16, 24 or 32 octets, as they are or in hexadecimal digits. */
async function readKek(file: string): Promise<Uint8Array> {
  const octets = await readInput(file, 1024);
  const digits = /^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})\r?\n?$/i.exec(textOf(octets))?.[0].trim();
  const key = digits === undefined ? octets : fromHex(digits);
  if (key.length !== 16 && key.length !== 24 && key.length !== 32)
    throw new CliFailure('ERR_UNSUPPORTED', `${file} is not a key of 16, 24 or 32 octets, or as many in hexadecimal`);
  return key;
}

function textOf(octets: Uint8Array): string {
  try {
    return fromUtf8(octets);
  } catch {
    return '';
  }
}
