/**
 * Operations on objects: signing, verifying, encrypting, decrypting, with every value on the way.
 * @module
 */
import {
  type ClearContext,
  type CryptoProvider,
  decodeAuthEnvelopedData,
  encodeClearContext,
  equal,
  fromHex,
  oid,
  type PublicKey,
  type SigningKey,
  toHex,
} from '@stanzaseal/cms';
import {
  cekCommitment,
  contentKey,
  decrypt,
  encrypt,
  keyEncryptionKey,
  readObject,
  recipientsDigest,
  sharedInfo,
} from '@stanzaseal/envelope';
import { sign, verify } from '@stanzaseal/signer';
import { privateKey, publicKey, recordedRandom, type SecretKey } from './input.js';
import type { Outcome } from './vector.js';

/** `signer.sign`: content signed by a key. */
export async function signContent(
  input: { key: SecretKey; content: string; contentType: string; signingTime: number },
  crypto: CryptoProvider,
): Promise<Outcome> {
  const signers: [SigningKey] = [await (await privateKey(input.key, crypto)).signingKey(crypto)];
  const { der, signedAttrsDer } = await sign(fromHex(input.content), {
    signers,
    contentType: oid(input.contentType),
    signingTime: input.signingTime,
    crypto,
  });
  return { output: { der: toHex(der) }, intermediate: { signedAttrs: toHex(signedAttrsDer) } };
}

/** `signer.verify`: signed data verified by keys. */
export async function verifyContent(
  input: { der: string; signers: string[]; contentType: string },
  crypto: CryptoProvider,
): Promise<Outcome> {
  const signers = await Promise.all(input.signers.map((spki) => publicKey(spki, crypto)));
  const { content, signingTime } = await verify(fromHex(input.der), {
    signers: signers as [PublicKey, ...PublicKey[]],
    contentType: oid(input.contentType),
    crypto,
  });
  return { output: { content: toHex(content), signingTime } };
}

/** The input of `envelope.encrypt`; the recipients digest of the context is computed. */
export interface EncryptInput {
  /** SubjectPublicKeyInfos. */
  readonly recipients: string[];
  /** Dotted. */
  readonly contentType: string;
  /** The content. */
  readonly content: string;
  /** The clear context without its digest, octets in hexadecimal; absent in the general profile. */
  readonly clearContext?: Omit<ClearContext, 'messageId' | 'recipientsDigest'> & { readonly messageId: string };
  /** Octets in the order drawn: ephemeral secret, CEK, nonce. */
  readonly random: string[];
}

/** `envelope.encrypt`: content encrypted to recipients. */
export async function encryptContent(input: EncryptInput, crypto: CryptoProvider): Promise<Outcome> {
  const recipients = (await Promise.all(input.recipients.map((spki) => publicKey(spki, crypto)))) as [
    PublicKey,
    ...PublicKey[],
  ];
  const { clearContext: named } = input;
  if (named === undefined) {
    const { encryptGeneral } = await import('./generalOperations.js');
    const general = { contentType: oid(input.contentType), random: input.random, primitives: crypto };
    return encryptGeneral(input.content, recipients, general);
  }
  const digest = await recipientsDigest(
    recipients.map(({ keyIdentifier }) => keyIdentifier),
    crypto,
  );
  const clearContext = encodeClearContext({ ...named, messageId: fromHex(named.messageId), recipientsDigest: digest });
  const der = await encryptSealed(input, recipients, clearContext, crypto);
  const [ephemeralSecret, cek] = input.random.map(fromHex) as [Uint8Array, Uint8Array];
  const { kari, contentEncryption, authAttrsDer } = decodeAuthEnvelopedData(der);
  const ephemeral = await crypto.agreementKey(ephemeralSecret);
  const info = sharedInfo(kari.ukm);
  const steps = [];
  for (const recipient of recipients) {
    const sharedSecret = await ephemeral.agree(recipient);
    const kek = await keyEncryptionKey(sharedSecret, kari.ukm, info, crypto);
    steps.push({ rKeyId: toHex(recipient.keyIdentifier), z: toHex(sharedSecret), kek: toHex(kek) });
  }
  return {
    output: { der: toHex(der) },
    intermediate: {
      recipientsDigest: toHex(digest),
      clearContext: toHex(clearContext),
      ukm: toHex(kari.ukm),
      originatorKey: toHex(kari.originatorKey.raw),
      info: toHex(info),
      recipients: steps,
      cek: toHex(cek),
      commitment: toHex(await cekCommitment(cek, crypto)),
      contentKeyInfo: toHex(contentEncryption.algorithm),
      contentKey: toHex(await contentKey(cek, contentEncryption.algorithm, crypto)),
      aad: toHex(authAttrsDer),
    },
  };
}

/** `envelope.decrypt`: an object decrypted with own keys. */
export async function decryptContent(
  input: { der: string; keys: SecretKey[]; profile: 'sealed' | 'general' },
  crypto: CryptoProvider,
): Promise<Outcome> {
  const secrets = await Promise.all(input.keys.map((secret) => privateKey(secret, crypto)));
  if (input.profile === 'general') return (await import('./generalOperations.js')).decryptGeneral(input.der, secrets);
  const own = await Promise.all(
    secrets.map(async (key) => ({
      keyIdentifier: key.publicKey.keyIdentifier,
      key: await key.agreementKey(crypto),
    })),
  );
  const object = await readObject(fromHex(input.der), { crypto });
  const keys = { find: (id: Uint8Array) => own.find(({ keyIdentifier }) => equal(keyIdentifier, id))?.key };
  const { content, cek, rKeyId } = await decrypt(object, { keys, crypto });
  return {
    output: { content: toHex(content) },
    intermediate: { cek: toHex(cek), rKeyId: rKeyId === undefined ? null : toHex(rKeyId) },
  };
}

async function encryptSealed(
  input: EncryptInput,
  recipients: readonly [PublicKey, ...PublicKey[]],
  clearContext: Uint8Array,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const random = recordedRandom(input.random);
  return (await encrypt(fromHex(input.content), { recipients, clearContext, random, crypto })).der;
}
