/**
 * The work of `cms encrypt` and `cms decrypt`: the general profile, by the caller's word. Loaded when one of them runs.
 * @module
 */
import { encodePem, MAX_RECIPIENTS } from '@stanzaseal/cms';
import { type AeadName, octetsFrom, readContentStream } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import {
  decrypt,
  decryptStream,
  EnvelopeError,
  encrypt,
  encryptStream,
  GENERAL_POLICY,
  type GeneralPolicy,
  type OpenedBy,
  readRecipients,
  verifyAuthenticated,
  verifyAuthenticatedStream,
} from '@stanzaseal/envelope/general';
import { usageFailure, warn } from './failure.js';
import { MAX_CONTENT_OCTETS, MAX_OBJECT_OCTETS } from './input.js';
import { announced, openLongInput } from './longInput.js';
import { openObject } from './objectInput.js';
import { openSpilledOutput, writeOutput } from './output.js';
import { readOwnKey, readRecipientFiles } from './recipientFiles.js';
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
  readonly out?: string;
  readonly key?: string;
  readonly keyId?: Uint8Array;
  readonly kekFile?: string;
  readonly kekId?: Uint8Array;
  readonly passwordFile?: string;
  readonly allowWeakPasswordCost?: true;
}

/**
 * Encrypts standard input or a file: an object in DER or PEM. Content of more than 1 MiB streams, unless it is to be PEM: to DER where
 * its length is known and a DER length of four octets, else to BER.
 */
export async function encryptContent(
  options: EncryptOptions,
  { random }: System,
): Promise<Uint8Array | string | AsyncIterable<Uint8Array>> {
  const crypto = createGeneralCrypto();
  const { contentType, contentEncryption, cekHkdf, pem } = options;
  const recipients = await readRecipientFiles(options, crypto);
  if (recipients.length === 0)
    throw usageFailure("name at least one '--recipient', '--kek-file' with '--kek-id', or '--password-file'");
  if (recipients.length > MAX_RECIPIENTS) throw usageFailure(`more than ${MAX_RECIPIENTS} recipients`);
  const parameters = {
    profile: 'general',
    recipients,
    contentType,
    contentEncryption,
    cekHkdf: cekHkdf === true,
    random,
    crypto,
  } as const;
  const input = await openLongInput(options.in);
  if (input.isLong && pem !== true)
    return octetsFrom(encryptStream(input.pieces(), { ...parameters, ...announced(input) }));
  const { der } = await encrypt(await input.whole(MAX_CONTENT_OCTETS), parameters);
  return pem === true ? encodePem('CMS', der) : der;
}

/**
 * Decrypts AuthEnvelopedData, or verifies AuthenticatedData, with one key or password, and writes the content, all at once when all is
 * checked. A key is known by SHA-256 of its SubjectPublicKeyInfo, by RFC 5280's SHA-1 of the key, or by the identifier given.
 * @throws EnvelopeError `ERR_OPEN` for whatever is wrong with the object
 */
export async function decryptContent(options: DecryptOptions): Promise<void> {
  const crypto = createGeneralCrypto();
  const keys = [await readOwnKey(options, crypto)];
  const object = await damageable(openObject(options.in));
  const policy = policyOf(options);
  const parameters = { profile: 'general', keys, policy, crypto } as const;
  if (object instanceof Uint8Array) {
    const { kind } = readRecipients(object, policy.limits);
    const { content, by } = await (kind === 'AuthenticatedData' ? verifyAuthenticated : decrypt)(object, parameters);
    warnOfSha1(by);
    await writeOutput(content, options.out);
  } else {
    const stream = await damageable(readContentStream(object, policy.limits));
    const spill = await openSpilledOutput(options.out);
    const open = stream.head.kind === 'AuthenticatedData' ? verifyAuthenticatedStream : decryptStream;
    const { by } = await open(stream, { ...parameters, spill });
    warnOfSha1(by);
  }
}

function warnOfSha1(by: OpenedBy): void {
  if (by.hash === 'SHA-1') {
    warn(
      by.kind === 'kari'
        ? "the key was agreed with SHA-1, as OpenSSL does unless the sender says '-keyopt ecdh_kdf_md:sha256'"
        : "the key came under OAEP with SHA-1, as OpenSSL does unless the sender says '-keyopt rsa_oaep_md:sha256'",
    );
  }
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

/** Damage in the PEM around an object, or before its content, is damage of the object: the same one answer. */
async function damageable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (thrown) {
    throw (thrown as { code?: unknown }).code === 'ERR_DER' ? new EnvelopeError({ cause: thrown }) : thrown;
  }
}
