/**
 * The work of `cms sign`, `verify`, `encrypt` and `decrypt`: the general profile, by the caller's word.
 * @module
 */
import {
  type CryptoProvider,
  encodePem,
  equal,
  ID_DATA,
  looksLikeSignedAttributes,
  MAX_RECIPIENTS,
  type PublicKey,
} from '@stanzaseal/cms';
import { decrypt, EnvelopeError, encrypt, readObject as readEnveloped } from '@stanzaseal/envelope';
import { readSignedData, SignerError, sign, type UnverifiedSignedData, verifyRead } from '@stanzaseal/signer';
import { CliFailure, usageFailure, warn } from './failure.js';
import { MAX_CONTENT_OCTETS, MAX_OBJECT_OCTETS, readInput } from './input.js';
import { readPrivateKey, readPublicKey } from './keyFiles.js';
import { readObject } from './objectInput.js';
import type { System } from './system.js';

const LIMITS = { octets: MAX_OBJECT_OCTETS, depth: 16, recipients: MAX_RECIPIENTS };

/** Signs standard input or a file: an object in DER or PEM. */
export async function signContent(
  options: { in?: string; key: string; contentType: Uint8Array; detached?: true; pem?: true },
  { crypto, now }: System,
): Promise<Uint8Array | string> {
  const { contentType, detached = false } = options;
  const key = await readPrivateKey(options.key, crypto);
  if (key.publicKey.algorithm === 'X25519')
    throw new CliFailure('ERR_UNSUPPORTED', `${options.key} is an X25519 key, which does not sign`);
  if (equal(contentType, ID_DATA))
    warn('content type is id-data, which anybody may take for anything; name yours with --content-type');
  const content = await readInput(options.in, MAX_CONTENT_OCTETS);
  if (looksLikeSignedAttributes(content)) {
    throw new CliFailure(
      'ERR_UNSUPPORTED',
      'content would pass as the signed attributes of another message, so it is not signed',
    );
  }
  const signers = [await key.signingKey(crypto)] as const;
  const { der } = await sign(content, { signers, contentType, signingTime: now(), detached, crypto });
  return armoured(der, options.pem);
}

/** Verifies an object under one key and gives the content. @throws SignerError `ERR_VERIFY` for whatever is wrong with the object */
export async function verifyContent(
  options: { in?: string; signer: string; keyId?: Uint8Array; content?: string },
  { crypto }: System,
): Promise<Uint8Array> {
  const signer = await readPublicKey(options.signer, crypto);
  if (signer.algorithm === 'X25519')
    throw new CliFailure('ERR_UNSUPPORTED', `${options.signer} is an X25519 key, which does not sign`);
  const content = options.content === undefined ? undefined : await readInput(options.content, MAX_CONTENT_OCTETS);
  const data = readSignedData(await readDamageable(options.in, () => new SignerError()), LIMITS);
  const found = await verifyBySomeSigner(data, signer, options.keyId, content, crypto);
  if (equal(data.contentType, ID_DATA)) warn('content type is id-data, which anybody may take for anything');
  return found;
}

/** Encrypts standard input or a file: an object in DER or PEM. */
export async function encryptContent(
  options: { in?: string; recipients: readonly string[]; contentType: Uint8Array; cekHkdf?: true; pem?: true },
  { crypto, random }: System,
): Promise<Uint8Array | string> {
  const { contentType } = options;
  const [first, ...more] = await readRecipients(options.recipients, crypto);
  if (first === undefined) throw usageFailure("name at least one '--recipient'");
  const content = await readInput(options.in, MAX_CONTENT_OCTETS);
  const profile = { profile: 'general', cekHkdf: options.cekHkdf === true } as const;
  const { der } = await encrypt(content, { recipients: [first, ...more], contentType, profile, random, crypto });
  return armoured(der, options.pem);
}

/**
 * Decrypts an object with one key. The key is known by SHA-256 of its SubjectPublicKeyInfo, by RFC 5280's SHA-1 of the key, or
 * by the identifier given. @throws EnvelopeError `ERR_OPEN` for whatever is wrong with the object
 */
export async function decryptContent(
  options: { in?: string; key: string; keyId?: Uint8Array },
  { crypto, sha1 }: System,
): Promise<Uint8Array> {
  const key = await readPrivateKey(options.key, crypto);
  const { algorithm, raw, keyIdentifier } = key.publicKey;
  if (algorithm !== 'X25519')
    throw new CliFailure('ERR_UNSUPPORTED', `${options.key} is of ${algorithm}; to decrypt, X25519 is supported now`);
  const names = [keyIdentifier, sha1(raw), ...(options.keyId === undefined ? [] : [options.keyId])];
  const agreementKey = await key.agreementKey(crypto);
  const keys = { find: (rKeyId: Uint8Array) => (names.some((name) => equal(name, rKeyId)) ? agreementKey : undefined) };
  const octets = await readDamageable(options.in, () => new EnvelopeError());
  const object = await readEnveloped(octets, { profile: 'general', crypto, limits: LIMITS });
  return (await decrypt(object, { keys, crypto })).content;
}

/** Each SignerInfo that may be the key's is tried by itself: in general CMS a signer goes by any name and need not be alone. */
async function verifyBySomeSigner(
  data: UnverifiedSignedData,
  key: PublicKey,
  keyId: Uint8Array | undefined,
  detached: Uint8Array | undefined,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const candidates = data.signerInfos.filter(({ sid }) => keyId === undefined || equal(sid, keyId));
  // By a name that two signers go by, nobody can be found (B9).
  if (keyId !== undefined && candidates.length > 1) throw new SignerError();
  for (const signerInfo of candidates) {
    try {
      const { content } = await verifyRead(
        { ...data, signerInfos: [signerInfo] },
        {
          signers: [{ ...key, keyIdentifier: signerInfo.sid }],
          contentType: data.contentType,
          allowIdData: true,
          ...(detached === undefined ? {} : { content: detached }),
          crypto,
        },
      );
      return content;
    } catch (thrown) {
      if (!(thrown instanceof SignerError)) throw thrown;
    }
  }
  throw new SignerError();
}

async function readRecipients(files: readonly string[], crypto: CryptoProvider): Promise<PublicKey[]> {
  const recipients: PublicKey[] = [];
  for (const file of files) {
    const key = await readPublicKey(file, crypto);
    if (key.algorithm !== 'X25519') {
      throw new CliFailure('ERR_UNSUPPORTED', `${file} is of ${key.algorithm}; to encrypt to, X25519 is supported now`);
    }
    if (recipients.some(({ keyIdentifier }) => equal(keyIdentifier, key.keyIdentifier)))
      throw usageFailure(`recipient ${file} is named twice`);
    recipients.push(key);
  }
  if (recipients.length > MAX_RECIPIENTS) throw usageFailure(`more than ${MAX_RECIPIENTS} recipients`);
  return recipients;
}

/** Damage in the PEM around an object is damage of the object: the same one answer. */
async function readDamageable(file: string | undefined, refusal: () => Error): Promise<Uint8Array> {
  try {
    return await readObject(file);
  } catch (thrown) {
    throw (thrown as { code?: unknown }).code === 'ERR_DER' ? refusal() : thrown;
  }
}

function armoured(der: Uint8Array, pem: true | undefined): Uint8Array | string {
  return pem === true ? encodePem('CMS', der) : der;
}
