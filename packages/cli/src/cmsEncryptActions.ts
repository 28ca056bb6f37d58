/**
 * The work of `cms encrypt` and `cms decrypt`: the general profile, by the caller's word. Loaded when one of them runs.
 * @module
 */
import { encodePem, equal, fromHex, fromUtf8, MAX_RECIPIENTS } from '@stanzaseal/cms';
import type { AeadName, GeneralCrypto } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import {
  decrypt,
  EnvelopeError,
  encrypt,
  GENERAL_POLICY,
  type GeneralPolicy,
  type GeneralRecipient,
  type KekRecipient,
  type KeyRecipient,
  type OwnKey,
  PASSWORD_COST,
  readRecipients,
  verifyAuthenticated,
} from '@stanzaseal/envelope/general';
import { CliFailure, usageFailure, warn } from './failure.js';
import { readGeneralPrivateKey, readGeneralPublicKey } from './generalKeyFiles.js';
import { MAX_CONTENT_OCTETS, MAX_OBJECT_OCTETS, readInput, readSmallFile } from './input.js';
import { readObject } from './objectInput.js';
import { readPassphrase } from './passphrase.js';
import type { System } from './system.js';

/** Options of `cms encrypt`. */
export interface EncryptOptions {
  readonly in?: string;
  readonly recipient?: readonly string[];
  readonly kekFile?: readonly string[];
  readonly kekId?: readonly Uint8Array[];
  readonly passwordFile?: readonly string[];
  readonly contentType: Uint8Array;
  readonly contentEncryption: AeadName;
  readonly cekHkdf?: true;
  readonly pem?: true;
}

/** Options of `cms decrypt`. */
export interface DecryptOptions {
  readonly in?: string;
  readonly key?: string;
  readonly keyId?: Uint8Array;
  readonly kekFile?: string;
  readonly kekId?: Uint8Array;
  readonly passwordFile?: string;
  readonly allowWeakPasswordCost?: true;
}

/** Encrypts standard input or a file: an object in DER or PEM. */
export async function encryptContent(options: EncryptOptions, { random }: System): Promise<Uint8Array | string> {
  const crypto = createGeneralCrypto();
  const { contentType, contentEncryption, cekHkdf, pem } = options;
  const recipients: GeneralRecipient[] = [
    ...(await readKeys(options.recipient ?? [], crypto)),
    ...(await readKeks(options.kekFile ?? [], options.kekId ?? [])),
    ...(await readPasswords(options.passwordFile ?? [])),
  ];
  if (recipients.length === 0)
    throw usageFailure("name at least one '--recipient', '--kek-file' with '--kek-id', or '--password-file'");
  if (recipients.length > MAX_RECIPIENTS) throw usageFailure(`more than ${MAX_RECIPIENTS} recipients`);
  const content = await readInput(options.in, MAX_CONTENT_OCTETS);
  const { der } = await encrypt(content, {
    profile: 'general',
    recipients,
    contentType,
    contentEncryption,
    cekHkdf: cekHkdf === true,
    random,
    crypto,
  });
  return pem === true ? encodePem('CMS', der) : der;
}

/**
 * Decrypts AuthEnvelopedData, or verifies AuthenticatedData, with one key or password, and gives the content. A key is known by
 * SHA-256 of its SubjectPublicKeyInfo, by RFC 5280's SHA-1 of the key, or by the identifier given.
 * @throws EnvelopeError `ERR_OPEN` for whatever is wrong with the object
 */
export async function decryptContent(options: DecryptOptions): Promise<Uint8Array> {
  const crypto = createGeneralCrypto();
  const keys = [await readOwnKey(options, crypto)];
  const octets = await readDamageable(options.in);
  const policy = policyOf(options);
  const parameters = { profile: 'general', keys, policy, crypto } as const;
  const { kind } = readRecipients(octets, policy.limits);
  const { content, by } = await (kind === 'AuthenticatedData' ? verifyAuthenticated : decrypt)(octets, parameters);
  if (by.hash === 'SHA-1') {
    warn(
      by.kind === 'kari'
        ? "the key was agreed with SHA-1, as OpenSSL does unless the sender says '-keyopt ecdh_kdf_md:sha256'"
        : "the key came under OAEP with SHA-1, as OpenSSL does unless the sender says '-keyopt rsa_oaep_md:sha256'",
    );
  }
  return content;
}

/** What a shell takes: also SHA-1 where OpenSSL writes it by itself, with a warning; a cheap password only when asked to. */
function policyOf({ allowWeakPasswordCost }: DecryptOptions): GeneralPolicy {
  const { password, agreementHashes, oaepHashes, limits } = GENERAL_POLICY;
  const weak = {
    pbkdf2Iterations: { ...password.pbkdf2Iterations, least: 1 },
    scryptMemory: { ...password.scryptMemory, least: 1 },
    scryptWork: { ...password.scryptWork, least: 1 },
  };
  return {
    ...GENERAL_POLICY,
    agreementHashes: [...agreementHashes, 'SHA-1'],
    oaepHashes: [...oaepHashes, 'SHA-1'],
    password: allowWeakPasswordCost === true ? { ...password, ...weak } : password,
    limits: { ...limits, octets: MAX_OBJECT_OCTETS },
  };
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

async function readOwnKey(options: DecryptOptions, crypto: GeneralCrypto): Promise<OwnKey> {
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

function isForEncryption(algorithm: string): boolean {
  return /^(X25519|P-256|P-384|RSA|ML-KEM-.*)$/.test(algorithm);
}

/** A key of 16, 24 or 32 octets, as they are or in hexadecimal digits. */
async function readKek(file: string): Promise<Uint8Array> {
  const octets = await readSmallFile(file, 1024);
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

/** Damage in the PEM around an object is damage of the object: the same one answer. */
async function readDamageable(file: string | undefined): Promise<Uint8Array> {
  try {
    return await readObject(file);
  } catch (thrown) {
    throw (thrown as { code?: unknown }).code === 'ERR_DER' ? new EnvelopeError({ cause: thrown }) : thrown;
  }
}
