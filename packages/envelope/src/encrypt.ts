/**
 * Encrypting octets as AuthEnvelopedData to bare X25519 keys (RFC 5083, RFC 8418, RFC 9709).
 * @module
 */
import {
  type AgreementKey,
  type Attribute,
  attribute,
  authEnvelopedDataLength,
  type CryptoProvider,
  compare,
  contentEncryption,
  contentTypeAttribute,
  drawOctets,
  encodeAttributes,
  encodeAuthEnvelopedData,
  encoded,
  equal,
  GCM_NONCE_LENGTH,
  GCM_TAG_LENGTH,
  ID_AA_CEK_COMMITMENT,
  ID_AA_CLEAR_CONTEXT,
  ID_DATA,
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

/** The sealed profile: bound to a clear context, committing to its key. */
export interface SealedProfile {
  /** Which profile. */
  readonly profile: 'sealed';
  /** DER of the clear context; its recipientsDigest must be that of the recipients. */
  readonly clearContext: Uint8Array;
}

/** General CMS for other people's software: no context, no commitment, no ukm. */
export interface GeneralProfile {
  /** Which profile. */
  readonly profile: 'general';
  /** Derive the content key by RFC 9709. */
  readonly cekHkdf: boolean;
}

/** What `encrypt` needs. */
export interface EncryptParameters {
  /** X25519 keys, none twice: 1 to 512 of them unless `maxRecipients` says otherwise. */
  readonly recipients: readonly [PublicKey, ...PublicKey[]];
  /** Most recipients; more than 512 are read only by who raises that limit as well. */
  readonly maxRecipients?: number;
  /** Content octets of the OBJECT IDENTIFIER that says what the content is. */
  readonly contentType: Uint8Array;
  /** Which profile, with what it needs. */
  readonly profile: SealedProfile | GeneralProfile;
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
 * Encrypts content to recipients under one ephemeral key.
 * @throws TypeError for a recipient that is no X25519 key; RangeError for recipients twice or too many, a context or a
 * content type that does not fit the sealed profile, a random source that fails (E8)
 * @example
 * const { der } = await encrypt(content, { recipients: [key], contentType: ID_SIGNED_DATA,
 *   profile: { profile: 'general', cekHkdf: true }, random, crypto });
 */
export async function encrypt(content: Uint8Array, parameters: EncryptParameters): Promise<Encrypted> {
  const { recipients, contentType, profile, random, crypto } = parameters;
  if (recipients.length === 0) throw new RangeError('recipients is empty');
  const { maxRecipients = MAX_RECIPIENTS } = parameters;
  if (recipients.length > maxRecipients) throw new RangeError('recipients are more than maxRecipients');
  if (profile.profile === 'sealed' && !equal(contentType, ID_SIGNED_DATA)) {
    throw new RangeError('contentType of the sealed profile is not id-signedData');
  }
  if (recipients.some(({ algorithm }) => algorithm !== 'X25519'))
    throw new TypeError('recipients hold a key that is not X25519');
  await checkRecipients(parameters);
  const made = crypto.agreementKey(drawOctets(random, KEY_LENGTH));
  const ephemeral = made instanceof Promise ? await made : made;
  const cek = drawOctets(random, KEY_LENGTH);
  const encryption = contentEncryption(
    drawOctets(random, GCM_NONCE_LENGTH),
    profile.profile === 'sealed' ? true : profile.cekHkdf,
  );

  const bound = profile.profile === 'sealed' ? sealedUkm(profile.clearContext, crypto) : undefined;
  const ukm = bound instanceof Promise ? await bound : bound;
  const info = sharedInfo(ukm);
  // In the order of their identifiers: the caller's would tell whose the keys are that no server knows (D7).
  const sorted = [...recipients].sort((a, b) => compare(a.keyIdentifier, b.keyIdentifier));
  const wraps = sorted.map((recipient) => wrapFor(recipient, ephemeral, { cek, ukm, info, crypto }));
  const recipientEncryptedKeys = wraps.some((wrap) => wrap instanceof Promise)
    ? await Promise.all(wraps)
    : (wraps as RecipientEncryptedKey[]);
  const kari: KeyAgreeRecipientInfo = { originatorKey: ephemeral.publicKey, ukm, recipientEncryptedKeys };

  const authAttrs = await authenticatedAttributes(contentType, profile, cek, crypto);
  const authAttrsDer = authAttrs.length === 0 ? new Uint8Array(0) : encodeAttributes(authAttrs);
  const derived = encryption.cekHkdf ? contentKey(cek, encryption.algorithm, crypto) : cek;
  const key = derived instanceof Promise ? await derived : derived;
  const encrypted = crypto.encryptAesGcm(key, encryption.nonce, authAttrsDer, content);
  const octets = encrypted instanceof Promise ? await encrypted : encrypted;
  const end = octets.length - GCM_TAG_LENGTH;
  return {
    der: encodeAuthEnvelopedData({
      kari,
      contentType,
      contentEncryption: encryption,
      encryptedContent: octets.subarray(0, end),
      authAttrs,
      authAttrsDer,
      mac: octets.subarray(end),
    }),
    cek,
  };
}

/**
 * Length in octets of the object that `encrypt` would give, without encrypting.
 * @param contentLength length of the content in octets
 * @param clearContextLength length of the DER of the clear context in octets
 */
export function sealedLength(
  contentLength: number,
  recipientCount: number,
  contentType: Uint8Array,
  clearContextLength: number,
): number {
  const empty = new Uint8Array(KEY_LENGTH);
  const authAttrs = sealedAttributes(contentType, new Uint8Array(clearContextLength), empty);
  const recipient = { rKeyId: empty, encryptedKey: new Uint8Array(KEY_LENGTH + 8) };
  const recipientEncryptedKeys = new Array<typeof recipient>(recipientCount).fill(recipient);
  return authEnvelopedDataLength(
    {
      kari: { originatorKey: { algorithm: 'X25519', raw: empty }, ukm: empty, recipientEncryptedKeys },
      contentType,
      contentEncryption: contentEncryption(new Uint8Array(GCM_NONCE_LENGTH), true),
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
    readonly ukm: Uint8Array | undefined;
    readonly info: Uint8Array;
    readonly crypto: CryptoProvider;
  },
): MaybePromise<RecipientEncryptedKey> {
  const { cek, ukm, info, crypto } = shared;
  const rKeyId = recipient.keyIdentifier;
  const wrap = (sharedSecret: Uint8Array): MaybePromise<Uint8Array> => {
    const wrapping = keyEncryptionKey(sharedSecret, ukm, info, crypto);
    return wrapping instanceof Promise
      ? wrapping.then((kek) => crypto.wrapKey(kek, cek))
      : crypto.wrapKey(wrapping, cek);
  };
  const agreed = ephemeral.agree(recipient);
  const encryptedKey = agreed instanceof Promise ? agreed.then(wrap) : wrap(agreed);
  return encryptedKey instanceof Promise
    ? encryptedKey.then((octets) => ({ rKeyId, encryptedKey: octets }))
    : { rKeyId, encryptedKey };
}

async function checkRecipients({ recipients, profile, crypto }: EncryptParameters): Promise<void> {
  const digested = recipientsDigest(
    recipients.map(({ keyIdentifier }) => keyIdentifier),
    crypto,
  );
  if (profile.profile !== 'sealed') return;
  const digest = digested instanceof Promise ? await digested : digested;
  // The digest is the last field of the context: what the caller put there is looked at without reading the rest.
  if (!equal(profile.clearContext.subarray(-digest.length), digest)) {
    throw new RangeError('clearContext names other recipients');
  }
}

async function authenticatedAttributes(
  contentType: Uint8Array,
  profile: SealedProfile | GeneralProfile,
  cek: Uint8Array,
  crypto: CryptoProvider,
): Promise<Attribute[]> {
  if (profile.profile === 'sealed') {
    const commitment = cekCommitment(cek, crypto);
    return sealedAttributes(
      contentType,
      profile.clearContext,
      commitment instanceof Promise ? await commitment : commitment,
    );
  }
  // content-type MUST be there unless the content is id-data (RFC 5083 §2.1); where it need not be, OpenSSL 3.0 cannot read it.
  return equal(contentType, ID_DATA) ? [] : [contentTypeAttribute(contentType)];
}

function sealedAttributes(contentType: Uint8Array, clearContext: Uint8Array, commitment: Uint8Array): Attribute[] {
  return [
    equal(contentType, ID_SIGNED_DATA) ? SIGNED_DATA : contentTypeAttribute(contentType),
    attribute(ID_AA_CLEAR_CONTEXT, encoded(clearContext)),
    attribute(ID_AA_CEK_COMMITMENT, octetString(commitment)),
  ];
}

const SIGNED_DATA = contentTypeAttribute(ID_SIGNED_DATA);
