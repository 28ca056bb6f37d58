/**
 * The work of `cms sign` and `cms verify`: the general profile, by the caller's word. Loaded when one of them runs.
 * @module
 */
import { concat, encodePem, equal, ID_DATA, looksLikeSignedAttributes } from '@stanzaseal/cms';
import { GENERAL_LIMITS, octetsFrom } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import {
  GENERAL_SIGNATURE_POLICY,
  isSigningKey,
  type Judgement,
  SignerError,
  sign,
  signStream,
  verify,
  verifyStream,
} from '@stanzaseal/signer/general';
import { CliFailure, warn } from './failure.js';
import { readGeneralPrivateKey, readGeneralPublicKey } from './generalKeyFiles.js';
import { MAX_CONTENT_OCTETS, MAX_OBJECT_OCTETS } from './input.js';
import { announced, openLongInput } from './longInput.js';
import { openObject } from './objectInput.js';
import { openSpilledOutput, writeOutput } from './output.js';
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
  readonly out?: string;
  readonly signer: string;
  readonly keyId?: Uint8Array;
  readonly content?: string;
  readonly allowMissingSignedAttributes?: true;
}

/**
 * Signs standard input or a file: an object in DER or PEM. Content of more than 1 MiB streams, unless it is to be PEM with the content
 * in it: to DER where its length and that of the signature are known, else to BER.
 */
export async function signContent(
  options: SignOptions,
  { random, now }: System,
): Promise<Uint8Array | string | AsyncIterable<Uint8Array>> {
  const crypto = createGeneralCrypto();
  const { contentType, detached = false, pem } = options;
  const key = await readGeneralPrivateKey(options.key, crypto);
  expectSigningKey(options.key, key.publicKey);
  if (equal(contentType, ID_DATA))
    warn('content type is id-data, which anybody may take for anything; name yours with --content-type');
  const input = await openLongInput(options.in);
  const parameters = {
    profile: 'general',
    signers: [{ key }],
    contentType,
    signingTime: now(),
    detached,
    random,
    crypto,
  } as const;
  if (input.isLong && (detached || pem !== true)) {
    const pieces = told(signStream(input.pieces(), { ...parameters, ...announced(input) }));
    return pem === true ? encodePem('CMS', await joined(pieces)) : pieces;
  }
  const content = await input.whole(MAX_CONTENT_OCTETS);
  if (looksLikeSignedAttributes(content)) throw asAttributes();
  const der = await sign(content, parameters);
  return pem === true ? encodePem('CMS', der) : der;
}

async function* told(object: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* octetsFrom(object);
  } catch (thrown) {
    throw thrown instanceof RangeError ? asAttributes(thrown) : thrown;
  }
}

function asAttributes(cause?: unknown): CliFailure {
  const sentence = 'content would pass as the signed attributes of another message, so it is not signed';
  return new CliFailure('ERR_UNSUPPORTED', sentence, { cause });
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concat(...all);
}

/**
 * Verifies an object under one key and writes the content, all at once when it is verified. The signer goes by the name given, else each
 * signature that the key may have made is tried. Long objects and long content stream, but for those whose signature may be straight
 * over the content. @throws SignerError `ERR_VERIFY` for whatever is wrong with the object, `ERR_UNSUPPORTED`
 */
export async function verifyContent(options: VerifyOptions): Promise<void> {
  const crypto = createGeneralCrypto();
  const { keyId, allowMissingSignedAttributes = false } = options;
  const key = await readGeneralPublicKey(options.signer, crypto);
  expectSigningKey(options.signer, key);
  const object = await damageable(openObject(options.in, allowMissingSignedAttributes));
  const detached = options.content === undefined ? undefined : await openLongInput(options.content);
  const parameters = {
    profile: 'general',
    signers: [{ key, name: keyId === undefined ? 'any' : { keyIdentifier: keyId } }],
    policy: { ...GENERAL_SIGNATURE_POLICY, idData: true, missingSignedAttributes: allowMissingSignedAttributes },
    limits: { ...GENERAL_LIMITS, octets: MAX_OBJECT_OCTETS },
    crypto,
  } as const;
  if (object instanceof Uint8Array && (detached?.isLong !== true || allowMissingSignedAttributes)) {
    const content = detached === undefined ? {} : { content: await detached.whole(MAX_CONTENT_OCTETS) };
    const verified = await verify(object, { ...parameters, ...content });
    warnOf(verified);
    await writeOutput(verified.content, options.out);
  } else {
    const source = object instanceof Uint8Array ? inOne(object) : object;
    const content = detached === undefined ? {} : { content: detached.pieces() };
    const spill = await openSpilledOutput(options.out);
    warnOf(await verifyStream(source, { ...parameters, ...content, spill }));
  }
}

async function* inOne(octets: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield octets;
}

function warnOf({ contentType, signatures, others }: Judgement & { readonly contentType: Uint8Array }): void {
  if (equal(contentType, ID_DATA)) warn('content type is id-data, which anybody may take for anything');
  if (signatures[0].signedAttrs === undefined)
    warn('signature is without signed attributes: it may have been made for another message');
  if (others.length > 0)
    warn(`${others.length} other ${others.length === 1 ? 'signature was' : 'signatures were'} not verified`);
}

function expectSigningKey(file: string, key: Parameters<typeof isSigningKey>[0]): void {
  if (!isSigningKey(key))
    throw new CliFailure('ERR_UNSUPPORTED', `${file} is of ${key.algorithm}, which does not sign`);
}

/** Damage in the PEM around an object is damage of the object: the same one answer. */
async function damageable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (thrown) {
    throw (thrown as { code?: unknown }).code === 'ERR_DER' ? new SignerError({ cause: thrown }) : thrown;
  }
}
