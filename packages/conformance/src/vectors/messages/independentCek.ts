/**
 * Content-encryption keys of RecipientInfos by node:crypto and the text of the RFCs alone: the judge of what our openers derive.
 * @module
 */
import {
  constants,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  pbkdf2Sync,
  privateDecrypt,
} from 'node:crypto';
import { concat, DerReader, oidToText } from '@stanzaseal/cms';
import type { GeneralPrivateKey, GeneralRecipientInfo } from '@stanzaseal/cms/general';
import type { OwnKey } from '@stanzaseal/envelope/general';
import { parseBadPeer } from '@stanzaseal/testkit';
import { algorithm, context, der, identifier, octets, publicKeyInfo, sequence } from '../asn1.js';
import * as id from '../identifiers.js';

type Info<K extends GeneralRecipientInfo['kind']> = Extract<GeneralRecipientInfo, { readonly kind: K }>;

/** The key that a recipient with this key gets. Kinds: KEKRI, PWRI with PBKDF2, KARI P-256 with SHA-512, KTRI with OAEP's defaults. */
export function independentCek(info: GeneralRecipientInfo, own: OwnKey): Uint8Array {
  if (info.kind === 'kekri' && own.kind === 'kek') return unwrapped(own.key, info.encryptedKey);
  if (info.kind === 'pwri' && own.kind === 'password') return byPassword(info, own.password);
  if (info.kind === 'kari' && own.kind === 'key') return byAgreement(info, own.key);
  if (info.kind === 'ktri' && own.kind === 'key') {
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
    return new Uint8Array(privateDecrypt({ key: nodeKey(own.key), ...padding }, info.encryptedKey));
  }
  throw new Error(`no way is known for ${info.kind}`);
}

/** RFC 5753 §3.1: KM = Hash(Z || counter || ECC-CMS-SharedInfo), the key wrap's AlgorithmIdentifier as it stood (RFC 5753 §7.2). */
function byAgreement(info: Info<'kari'>, key: GeneralPrivateKey): Uint8Array {
  const { originatorKey, ukm, keyEncryptionAlgorithm, recipientEncryptedKeys } = info;
  const wrap = parseBadPeer(keyEncryptionAlgorithm.parameters as Uint8Array);
  const curve = algorithm(id.EC_PUBLIC_KEY, identifier(id.CURVE.secp256r1 as string));
  const spki = Buffer.from(publicKeyInfo(curve, originatorKey?.publicKey as Uint8Array));
  const peer = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const z = diffieHellman({ privateKey: nodeKey(key), publicKey: peer });
  const info512 = sequence(
    wrap,
    ...(ukm === undefined ? [] : [context(0, octets(ukm))]),
    context(2, octets(Uint8Array.of(0, 0, 1, 0))),
  );
  const kek = createHash('sha512')
    .update(z)
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(der(info512))
    .digest();
  return unwrapped(kek.subarray(0, 32), recipientEncryptedKeys[0]?.encryptedKey as Uint8Array);
}

/** RFC 8018 §5.2 and RFC 3211 §2.3.2. */
function byPassword(
  { keyDerivationAlgorithm, keyEncryptionAlgorithm, encryptedKey }: Info<'pwri'>,
  password: Uint8Array,
): Uint8Array {
  const derivation = new DerReader(keyDerivationAlgorithm?.parameters as Uint8Array).sequence();
  const salt = derivation.octetString();
  const iterations = derivation.integer();
  if (!derivation.atEnd && derivation.tag === 0x02) derivation.integer();
  const hash = derivation.atEnd ? 'SHA-1' : hashOf(derivation.sequence().objectIdentifier());
  const cipher = new DerReader(keyEncryptionAlgorithm.parameters as Uint8Array).sequence();
  const name = oidToText(cipher.objectIdentifier());
  const iv = cipher.octetString();
  const length = Number(Object.keys(id.AES_CBC).find((octets_) => id.AES_CBC[Number(octets_)] === name));
  const kek = pbkdf2Sync(password, salt, iterations, length, hash);
  const cbc = (from: Uint8Array, text: Uint8Array): Uint8Array => {
    const decipher = createDecipheriv(`aes-${length * 8}-cbc`, kek, from).setAutoPadding(false);
    return new Uint8Array(Buffer.concat([decipher.update(text), decipher.final()]));
  };
  const last = cbc(encryptedKey.subarray(-32, -16), encryptedKey.subarray(-16));
  const inner = concat(cbc(last, encryptedKey.subarray(0, -16)), last);
  const block = cbc(iv, inner);
  return block.subarray(4, 4 + (block[0] as number));
}

function hashOf(identifierOctets: Uint8Array): string {
  const text = oidToText(identifierOctets);
  return Object.keys(id.HMAC).find((name) => id.HMAC[name] === text) as string;
}

function unwrapped(kek: Uint8Array, encryptedKey: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(`id-aes${kek.length * 8}-wrap`, kek, Buffer.alloc(8, 0xa6));
  return new Uint8Array(Buffer.concat([decipher.update(encryptedKey), decipher.final()]));
}

function nodeKey(key: GeneralPrivateKey): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.from(key.pkcs8()), format: 'der', type: 'pkcs8' });
}
