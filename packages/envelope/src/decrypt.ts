/**
 * Decrypting AuthEnvelopedData with bare X25519 keys: the cheap refusals first, then at most one key agreement.
 * @module
 */
import {
  type AgreementKey,
  type AgreementKeys,
  attributeReader,
  type ClearContext,
  type CryptoProvider,
  chain,
  type DecodedAuthEnvelopedData,
  decodeAuthEnvelopedData,
  decodeClearContext,
  equal,
  equalConstantTime,
  findAttribute,
  ID_AA_CEK_COMMITMENT,
  ID_AA_CLEAR_CONTEXT,
  ID_CONTENT_TYPE,
  ID_SIGNED_DATA,
  isAcceptablePublicKey,
  KEY_IDENTIFIER_LENGTH,
  type MaybePromise,
  type ObjectLimits,
  type RecipientEncryptedKey,
} from '@stanzaseal/cms';
import { EnvelopeError } from './envelopeError.js';
import { cekCommitment, contentKey, KEY_LENGTH, keyEncryptionKey, sealedUkm, sharedInfo } from './keyDerivation.js';
import { recipientsDigest } from './recipientsDigest.js';

/** An object taken apart, before any key is used. Nothing in it is authentic yet. */
export interface ReadObject {
  /** The structure. */
  readonly data: DecodedAuthEnvelopedData;
  /** What the CEK must come to: 32 octets. An archive, which never opens the object, keeps none without it. */
  readonly commitment: Uint8Array;
  /** The clear context and its DER. */
  readonly clearContext: { readonly der: Uint8Array; readonly value: ClearContext };
}

/** What reading an object needs. */
export interface ReadObjectParameters {
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Bounds on the object; `OBJECT_LIMITS` if absent. */
  readonly limits?: ObjectLimits | undefined;
}

/** What opening an object gives. */
export interface Decrypted {
  /** The content. */
  readonly content: Uint8Array;
  /** The content-encryption key, 32 octets. Whoever has it reads the object. */
  readonly cek: Uint8Array;
  /** Key identifier of the own key that opened it, `undefined` where the CEK was given. */
  readonly rKeyId: Uint8Array | undefined;
}

/** Key identifiers of the recipients, in wire order: anybody can read them. */
export function recipientsOf(object: ReadObject): Uint8Array[] {
  return object.data.kari.recipientEncryptedKeys.map(({ rKeyId }) => rKeyId);
}

/**
 * SHA-256 over the attributes and the tag: names an object that opened, at a cost that does not grow with its content. Nobody without the key
 * makes other content that opens under them; before it opened another object may have the same (docs/decisions/0034-replay-digest.md).
 */
export function replayDigest(object: ReadObject, crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.sha256(object.data.afterContent);
}

/** SHA-256 over everything but the recipients: names an object however often its keys are wrapped anew. */
export function objectDigest(object: ReadObject, crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.sha256(object.data.afterRecipientInfos);
}

/**
 * Takes an object apart and checks all that needs no key: structure, algorithms, attributes, ukm, context and the set of
 * recipients. General CMS is read by `@stanzaseal/envelope/general` and never here.
 * @throws EnvelopeError `ERR_OPEN`
 */
export async function readObject(der: Uint8Array, parameters: ReadObjectParameters): Promise<ReadObject> {
  return readObjectAtOnce(der, parameters);
}

/** As `readObject`, and without a promise where the provider computes at once: for archives, which take objects apart by the thousand. @throws EnvelopeError `ERR_OPEN` */
export function readObjectAtOnce(der: Uint8Array, { crypto, limits }: ReadObjectParameters): MaybePromise<ReadObject> {
  try {
    const data = decodeAuthEnvelopedData(der, limits);
    checkContentType(data);
    if (!isAcceptablePublicKey('X25519', data.kari.originatorKey.raw)) throw new EnvelopeError();
    const digested = recipientsDigest(
      data.kari.recipientEncryptedKeys.map(({ rKeyId }) => rKeyId),
      crypto,
    );
    const commitment = statedCommitment(data);
    const read = chain(readClearContext(data, digested, crypto), (clearContext) => ({
      data,
      commitment,
      clearContext,
    }));
    return read instanceof Promise ? read.catch((cause) => Promise.reject(refusal(cause))) : read;
  } catch (cause) {
    throw refusal(cause);
  }
}

/**
 * Decrypts an object with the first own key it names; none is a refusal without any public-key operation (G1, A12, A13).
 * @throws EnvelopeError `ERR_OPEN`, the one answer to everything that is wrong
 * @example
 * const object = await readObject(der, { crypto });
 * const { content } = await decrypt(object, { keys, crypto });
 */
export async function decrypt(
  object: ReadObject,
  { keys, crypto }: { readonly keys: AgreementKeys; readonly crypto: CryptoProvider },
): Promise<Decrypted> {
  try {
    // Nothing that is no promise is awaited here: each await costs a turn of the queue, ten of them a twentieth of it all.
    const { originatorKey, ukm, recipientEncryptedKeys } = object.data.kari;
    // The first recipient whose key is ours. One only: trying further entries would be an oracle (A13).
    let own: { readonly key: AgreementKey; readonly recipient: RecipientEncryptedKey } | undefined;
    for (const recipient of recipientEncryptedKeys) {
      const found = keys.find(recipient.rKeyId);
      const key = found instanceof Promise ? await found : found;
      if (key === undefined) continue;
      own = { key, recipient };
      break;
    }
    if (own === undefined) throw new EnvelopeError();
    const { key, recipient } = own;
    const agreed = key.agree(originatorKey);
    const sharedSecret = agreed instanceof Promise ? await agreed : agreed;
    const derived = keyEncryptionKey(sharedSecret, ukm, sharedInfo(ukm), crypto);
    const unwrapped = crypto.unwrapKey(derived instanceof Promise ? await derived : derived, recipient.encryptedKey);
    const cek = unwrapped instanceof Promise ? await unwrapped : unwrapped;
    const decrypted = decryptContent(object, cek, crypto);
    const content = decrypted instanceof Promise ? await decrypted : decrypted;
    return { content, cek, rKeyId: recipient.rKeyId };
  } catch (cause) {
    throw refusal(cause);
  }
}

/** Decrypts an object with its content-encryption key, as an archive keeps it. @throws EnvelopeError `ERR_OPEN` */
export async function decryptWithCek(object: ReadObject, cek: Uint8Array, crypto: CryptoProvider): Promise<Decrypted> {
  try {
    return { content: await decryptContent(object, cek, crypto), cek, rKeyId: undefined };
  } catch (cause) {
    throw refusal(cause);
  }
}

/** The commitment is compared before anything is decrypted: GCM alone opens under more than one key (D1). */
function decryptContent(
  { data, commitment: stated }: ReadObject,
  cek: Uint8Array,
  crypto: CryptoProvider,
): MaybePromise<Uint8Array> {
  if (cek.length !== KEY_LENGTH) throw new EnvelopeError();
  const { algorithm, nonce } = data.contentEncryption;
  const committed = cekCommitment(cek, crypto);
  const derived = contentKey(cek, algorithm, crypto);
  // Where both are promises they are computed beside each other; that the second may fail alone is heard after the first.
  if (derived instanceof Promise) derived.catch(() => undefined);
  const key = chain(committed, (commitment) => {
    if (!equalConstantTime(stated, commitment)) throw new EnvelopeError();
    return derived;
  });
  return chain(key, (derived) =>
    crypto.decryptAesGcm(derived, nonce, data.authAttrsDer, data.encryptedContent, data.mac),
  );
}

/** content-type is there and true (RFC 5083 §2.1, A14). */
function checkContentType(data: DecodedAuthEnvelopedData): void {
  const named = attributeReader(data.authAttrs, ID_CONTENT_TYPE);
  if (!equal(named.objectIdentifier(), data.contentType)) throw new EnvelopeError();
  named.end();
}

/** What the sealed profile demands beside the structure: exactly its three attributes, RFC 9709, its ukm, its recipients. */
function readClearContext(
  data: DecodedAuthEnvelopedData,
  digested: MaybePromise<Uint8Array>,
  crypto: CryptoProvider,
): MaybePromise<ReadObject['clearContext']> {
  const der = findAttribute(data.authAttrs, ID_AA_CLEAR_CONTEXT);
  if (der === undefined || data.authAttrs.length !== 3) throw new EnvelopeError();
  // What is sealed is signed; anything else inside would be somebody's anonymous word (A14).
  if (!equal(data.contentType, ID_SIGNED_DATA)) throw new EnvelopeError();
  const value = decodeClearContext(der);
  if (data.kari.recipientEncryptedKeys.some(({ rKeyId }) => rKeyId.length !== KEY_IDENTIFIER_LENGTH))
    throw new EnvelopeError();
  const bound = sealedUkm(der, crypto);
  return chain(digested, (digest) => {
    if (!equal(value.recipientsDigest, digest)) throw new EnvelopeError();
    return chain(bound, (ukm) => {
      if (!equal(data.kari.ukm, ukm)) throw new EnvelopeError();
      return { der, value };
    });
  });
}

function statedCommitment(data: DecodedAuthEnvelopedData): Uint8Array {
  const commitment = attributeReader(data.authAttrs, ID_AA_CEK_COMMITMENT);
  const stated = commitment.octetStringOf(KEY_LENGTH);
  commitment.end();
  return stated;
}

function refusal(cause: unknown): EnvelopeError {
  return cause instanceof EnvelopeError ? cause : new EnvelopeError({ cause });
}
