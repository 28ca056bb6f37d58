/**
 * The general profile in vectors: loaded when one of them is of it.
 * @module
 */
import { type CryptoProvider, fromHex, type PrivateKey, type PublicKey, toHex, toUtf8 } from '@stanzaseal/cms';
import {
  GENERAL_LIMITS,
  readGeneralContentInfo,
  toGeneralPrivateKey,
  toGeneralPublicKey,
} from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { decrypt, encrypt, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import { recordedRandom } from './input.js';
import type { Outcome } from './vector.js';

/** Content encrypted with AES-256-GCM and RFC 9709, and what it took on the way. */
export async function encryptGeneral(
  content: string,
  to: readonly PublicKey[],
  { contentType, random, primitives }: GeneralEncryptInput,
): Promise<Outcome> {
  const crypto = createGeneralCrypto();
  const recipients = await Promise.all(
    to.map(async (key) => ({ kind: 'key', key: await toGeneralPublicKey(key, crypto) }) as const),
  );
  const { der, cek } = await encrypt(fromHex(content), {
    profile: 'general',
    recipients,
    contentType,
    contentEncryption: 'AES-256-GCM',
    cekHkdf: true,
    random: recordedRandom(random),
    crypto,
  });
  const object = readGeneralContentInfo(der, GENERAL_LIMITS);
  if (object.kind !== 'AuthEnvelopedData') throw new TypeError('object is no AuthEnvelopedData');
  const [ephemeralSecret] = random.map(fromHex) as [Uint8Array];
  const ephemeral = await primitives.agreementKey(ephemeralSecret);
  // RFC 9709 §2: the inner algorithm is the info; RFC 8418 §2.2: no ukm, no salt.
  const contentKeyInfo = object.contentEncryptionAlgorithm.parameters as Uint8Array;
  const derived = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array) => primitives.hkdfSha256(ikm, salt, info, 32);
  const steps = [];
  for (const recipient of to) {
    const z = await ephemeral.agree(recipient);
    const kek = await derived(z, new Uint8Array(0), INFO);
    steps.push({ rKeyId: toHex(recipient.keyIdentifier), z: toHex(z), kek: toHex(kek) });
  }
  return {
    output: { der: toHex(der) },
    intermediate: {
      originatorKey: toHex(ephemeral.publicKey.raw),
      info: toHex(INFO),
      recipients: steps,
      cek: toHex(cek),
      contentKeyInfo: toHex(contentKeyInfo),
      contentKey: toHex(await derived(cek, toUtf8('The Cryptographic Message Syntax'), contentKeyInfo)),
      aad: toHex(object.authAttrs?.der ?? new Uint8Array(0)),
    },
  };
}

interface GeneralEncryptInput {
  readonly contentType: Uint8Array;
  readonly random: readonly string[];
  readonly primitives: CryptoProvider;
}

/** ECC-CMS-SharedInfo without ukm: AES-256 key wrap, a KEK of 256 bits (RFC 5753 §7.2). */
const INFO = fromHex('3015300b060960864801650304012da206040400000100');

/** An object decrypted with own keys. */
export async function decryptGeneral(der: string, own: readonly PrivateKey[]): Promise<Outcome> {
  const crypto = createGeneralCrypto();
  const keys = await Promise.all(
    own.map(async (key) => ({ kind: 'key', key: await toGeneralPrivateKey(key, crypto) }) as const),
  );
  const { content, cek, by } = await decrypt(fromHex(der), {
    profile: 'general',
    keys,
    policy: GENERAL_POLICY,
    crypto,
  });
  const rKeyId = by.name?.kind === 'subjectKeyIdentifier' ? toHex(by.name.keyIdentifier) : null;
  return { output: { content: toHex(content) }, intermediate: { cek: toHex(cek), rKeyId } };
}
