/**
 * Encrypting signed octets as AuthEnvelopedData to bare X25519 keys (RFC 5083, RFC 8418, RFC 9709).
 * @module
 */
import {
  type AgreementKey,
  type Attribute,
  attribute,
  authEnvelopedDataLength,
  type CryptoProvider,
  chain,
  compare,
  contentEncryption,
  contentTypeAttribute,
  copyOctets,
  drawOctets,
  encodeAttributes,
  encodeAuthEnvelopedData,
  encoded,
  equal,
  GCM_NONCE_LENGTH,
  GCM_TAG_LENGTH,
  ID_AA_CEK_COMMITMENT,
  ID_AA_CLEAR_CONTEXT,
  ID_SIGNED_DATA,
  type KeyAgreeRecipientInfo,
  MAX_RECIPIENTS,
  type MaybePromise,
  octetString,
  type PublicKey,
  type RandomSource,
  type RecipientEncryptedKey,
} from '@stanzaseal/cms';
import { cekCommitment, contentKey, KEY_LENGTH, keyEncryptionKey, sealedUkm, sharedInfo } from './keyDerivation.js';
import { recipientsDigest } from './recipientsDigest.js';

/** What `encrypt` needs. */
export interface EncryptParameters {
  /** X25519 keys, none twice: 1 to 512 of them unless `maxRecipients` says otherwise. */
  readonly recipients: readonly [PublicKey, ...PublicKey[]];
  /** Most recipients; more than 512 are read only by who raises that limit as well. */
  readonly maxRecipients?: number;
  /** DER of the clear context; its recipientsDigest must be that of the recipients. */
  readonly clearContext: Uint8Array;
  /**
   * So many octets before the SignedData, in the memory in which it stands, may be written over, and so may it and all behind it: the object is
   * written there, since memory of its own costs a long object more than what is done there. 512 before it and 128 for each
   * recipient are enough, and behind it 512 and as many as the clear context has.
   */
  readonly spaceBefore?: number;
  /** Drawn from in this order: the ephemeral secret (32 octets), the CEK (32), the nonce (12). */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** What `encrypt` gives. */
export interface Encrypted {
  /** DER of the ContentInfo. */
  readonly der: Uint8Array;
  /** The content-encryption key, 32 octets: for a self-archive. Whoever has it reads the object. */
  readonly cek: Uint8Array;
}

/**
 * Encrypts a SignedData to recipients under one ephemeral key, bound to a clear context and committing to its key: the sealed
 * profile. General CMS, for other people's software, is `@stanzaseal/envelope/general`.
 * @throws TypeError for a recipient that is no X25519 key; RangeError for recipients twice or too many, a context that names
 * others, a random source that fails (E8), too little space
 * @example
 * const { der } = await encrypt(signedData, { recipients: [prekey], clearContext, random, crypto });
 */
export async function encrypt(signedData: Uint8Array, parameters: EncryptParameters): Promise<Encrypted> {
  const { recipients, clearContext, random, spaceBefore, crypto } = parameters;
  if (recipients.length === 0) throw new RangeError('recipients is empty');
  const { maxRecipients = MAX_RECIPIENTS } = parameters;
  if (recipients.length > maxRecipients) throw new RangeError('recipients are more than maxRecipients');
  if (recipients.some(({ algorithm }) => algorithm !== 'X25519'))
    throw new TypeError('recipients hold a key that is not X25519');
  const digested = recipientsDigest(
    recipients.map(({ keyIdentifier }) => keyIdentifier),
    crypto,
  );
  const made = crypto.agreementKey(drawOctets(random, KEY_LENGTH));
  const cek = drawOctets(random, KEY_LENGTH);
  const encryption = contentEncryption(drawOctets(random, GCM_NONCE_LENGTH));
  const bound = sealedUkm(clearContext, crypto);
  const committed = cekCommitment(cek, crypto);
  const derived = contentKey(cek, encryption.algorithm, crypto);
  // What a provider answers later goes on beside what is awaited first; were that to fail, nobody would be left to hear of these.
  for (const begun of [made, bound, committed, derived]) if (begun instanceof Promise) begun.catch(() => undefined);
  const digest = digested instanceof Promise ? await digested : digested;
  // The digest is the last field of the context: what the caller put there is looked at without reading the rest.
  if (!equal(clearContext.subarray(-digest.length), digest))
    throw new RangeError('clearContext names other recipients');
  const ephemeral = made instanceof Promise ? await made : made;
  const ukm = bound instanceof Promise ? await bound : bound;
  const info = sharedInfo(ukm);
  // In the order of their identifiers: the caller's would tell whose the keys are that no server knows (D7).
  const sorted =
    recipients.length < 2 ? recipients : [...recipients].sort((a, b) => compare(a.keyIdentifier, b.keyIdentifier));
  const shared = { cek, ukm, info, crypto };
  const wraps = sorted.map((recipient) => wrapFor(recipient, ephemeral, shared));
  const recipientEncryptedKeys = wraps.some((wrap) => wrap instanceof Promise)
    ? await Promise.all(wraps)
    : (wraps as RecipientEncryptedKey[]);
  const kari: KeyAgreeRecipientInfo = { originatorKey: ephemeral.publicKey, ukm, recipientEncryptedKeys };

  const authAttrs = authenticatedAttributes(clearContext, committed instanceof Promise ? await committed : committed);
  const authAttrsDer = encodeAttributes(authAttrs);
  const key = derived instanceof Promise ? await derived : derived;
  const { length, buffer, byteOffset } = signedData;
  const around = (before: number, behind: number): Uint8Array | undefined =>
    spaceBefore === undefined ? undefined : new Uint8Array(buffer, byteOffset - before, before + length + behind);
  const into = around(0, GCM_TAG_LENGTH);
  const encrypted = crypto.encryptAesGcm(key, encryption.nonce, authAttrsDer, signedData, into);
  const octets = encrypted instanceof Promise ? await encrypted : encrypted;
  const der = encodeAuthEnvelopedData(
    {
      kari,
      contentType: ID_SIGNED_DATA,
      contentEncryption: encryption,
      encryptedContent: octets.subarray(0, length),
      authAttrs,
      authAttrsDer,
      // A copy: in place, other octets go there first.
      mac: copyOctets(octets.subarray(length)),
    },
    // Behind the content stand the attributes, and the tag with its header.
    around(spaceBefore as number, authAttrsDer.length + 2 + GCM_TAG_LENGTH),
  );
  return { der, cek };
}

/**
 * Length in octets of the object that `encrypt` would give, without encrypting.
 * @param contentLength length of the SignedData in octets
 * @param clearContextLength length of the DER of the clear context in octets
 */
export function sealedLength(contentLength: number, recipientCount: number, clearContextLength: number): number {
  const empty = new Uint8Array(KEY_LENGTH);
  const authAttrs = authenticatedAttributes(new Uint8Array(clearContextLength), empty);
  const recipient = { rKeyId: empty, encryptedKey: new Uint8Array(KEY_LENGTH + 8) };
  const recipientEncryptedKeys = new Array<typeof recipient>(recipientCount).fill(recipient);
  return authEnvelopedDataLength(
    {
      kari: { originatorKey: { algorithm: 'X25519', raw: empty }, ukm: empty, recipientEncryptedKeys },
      contentType: ID_SIGNED_DATA,
      contentEncryption: contentEncryption(new Uint8Array(GCM_NONCE_LENGTH)),
      authAttrs,
      authAttrsDer: encodeAttributes(authAttrs),
      mac: new Uint8Array(GCM_TAG_LENGTH),
    },
    contentLength,
  );
}

/** One recipient's wrapped key; no promise where the provider gives none, so that hundreds of them cost no turns of the queue. */
function wrapFor(
  recipient: PublicKey,
  ephemeral: AgreementKey,
  shared: {
    readonly cek: Uint8Array;
    readonly ukm: Uint8Array;
    readonly info: Uint8Array;
    readonly crypto: CryptoProvider;
  },
): MaybePromise<RecipientEncryptedKey> {
  const { cek, ukm, info, crypto } = shared;
  const keyEncryption = chain(ephemeral.agree(recipient), (secret) => keyEncryptionKey(secret, ukm, info, crypto));
  return chain(
    chain(keyEncryption, (key) => crypto.wrapKey(key, cek)),
    (encryptedKey) => ({ rKeyId: recipient.keyIdentifier, encryptedKey }),
  );
}

function authenticatedAttributes(clearContext: Uint8Array, commitment: Uint8Array): Attribute[] {
  return [
    SIGNED_DATA,
    attribute(ID_AA_CLEAR_CONTEXT, encoded(clearContext)),
    attribute(ID_AA_CEK_COMMITMENT, octetString(commitment)),
  ];
}

const SIGNED_DATA = contentTypeAttribute(ID_SIGNED_DATA);
