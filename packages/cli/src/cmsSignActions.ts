/**
 * The work of `cms sign` and `cms verify`: the general profile, by the caller's word. Loaded when one of them runs.
 * @module
 */
import { encodePem, equal, ID_DATA, looksLikeSignedAttributes } from '@stanzaseal/cms';
import { GENERAL_LIMITS } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { GENERAL_SIGNATURE_POLICY, isSigningKey, SignerError, sign, verify } from '@stanzaseal/signer/general';
import { CliFailure, warn } from './failure.js';
import { readGeneralPrivateKey, readGeneralPublicKey } from './generalKeyFiles.js';
import { MAX_CONTENT_OCTETS, MAX_OBJECT_OCTETS, readInput } from './input.js';
import { readObject } from './objectInput.js';
import type { System } from './system.js';

/** Options of `cms sign`. */
export interface SignOptions {
  readonly in?: string;
  readonly key: string;
  readonly contentType: Uint8Array;
  readonly detached?: true;
  readonly pem?: true;
}

/** Options of `cms verify`. */
export interface VerifyOptions {
  readonly in?: string;
  readonly signer: string;
  readonly keyId?: Uint8Array;
  readonly content?: string;
  readonly allowMissingSignedAttributes?: true;
}

/** Signs standard input or a file: an object in DER or PEM. */
export async function signContent(options: SignOptions, { random, now }: System): Promise<Uint8Array | string> {
  const crypto = createGeneralCrypto();
  const { contentType, detached = false, pem } = options;
  const key = await readGeneralPrivateKey(options.key, crypto);
  expectSigningKey(options.key, key.publicKey);
  if (equal(contentType, ID_DATA))
    warn('content type is id-data, which anybody may take for anything; name yours with --content-type');
  const content = await readInput(options.in, MAX_CONTENT_OCTETS);
  if (looksLikeSignedAttributes(content)) {
    throw new CliFailure(
      'ERR_UNSUPPORTED',
      'content would pass as the signed attributes of another message, so it is not signed',
    );
  }
  const parameters = { contentType, signingTime: now(), detached, random, crypto };
  const der = await sign(content, { profile: 'general', signers: [{ key }], ...parameters });
  return pem === true ? encodePem('CMS', der) : der;
}

/**
 * Verifies an object under one key and gives the content. The signer goes by the name given, else each signature that the key may
 * have made is tried. @throws SignerError `ERR_VERIFY` for whatever is wrong with the object, `ERR_UNSUPPORTED`
 */
export async function verifyContent(options: VerifyOptions): Promise<Uint8Array> {
  const crypto = createGeneralCrypto();
  const { keyId, allowMissingSignedAttributes = false } = options;
  const key = await readGeneralPublicKey(options.signer, crypto);
  expectSigningKey(options.signer, key);
  const content =
    options.content === undefined ? {} : { content: await readInput(options.content, MAX_CONTENT_OCTETS) };
  const { signatures, others, ...verified } = await verify(await readDamageable(options.in), {
    profile: 'general',
    signers: [{ key, name: keyId === undefined ? 'any' : { keyIdentifier: keyId } }],
    policy: { ...GENERAL_SIGNATURE_POLICY, idData: true, missingSignedAttributes: allowMissingSignedAttributes },
    ...content,
    limits: { ...GENERAL_LIMITS, octets: MAX_OBJECT_OCTETS },
    crypto,
  });
  if (equal(verified.contentType, ID_DATA)) warn('content type is id-data, which anybody may take for anything');
  if (signatures[0].signedAttrs === undefined)
    warn('signature is without signed attributes: it may have been made for another message');
  if (others.length > 0)
    warn(`${others.length} other ${others.length === 1 ? 'signature was' : 'signatures were'} not verified`);
  return verified.content;
}

function expectSigningKey(file: string, key: Parameters<typeof isSigningKey>[0]): void {
  if (!isSigningKey(key))
    throw new CliFailure('ERR_UNSUPPORTED', `${file} is of ${key.algorithm}, which does not sign`);
}

/** Damage in the PEM around an object is damage of the object: the same one answer. */
async function readDamageable(file: string | undefined): Promise<Uint8Array> {
  try {
    return await readObject(file);
  } catch (thrown) {
    throw (thrown as { code?: unknown }).code === 'ERR_DER' ? new SignerError({ cause: thrown }) : thrown;
  }
}
