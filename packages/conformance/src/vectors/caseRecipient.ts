/**
 * RecipientInfos around a published case. What the case does not bring is made with node:crypto by the text of the RFCs.
 * @module
 */
import { createCipheriv, createHash, hkdfSync } from 'node:crypto';
import { concat } from '@stanzaseal/cms';
import type { BadPeerValue } from '@stanzaseal/testkit';
import {
  algorithm,
  bits,
  context,
  contextOctets,
  der,
  identifier,
  integer,
  nothing,
  octets,
  sequence,
} from './asn1.js';
import * as id from './identifiers.js';

/** Key identifier of the recipient that is a key-encryption key. */
export const CASE_KEK_IDENTIFIER: Uint8Array = Uint8Array.of(0xc0, 0xff, 0xee);
/** The key-encryption key of objects whose case is the content's. */
export const CASE_KEK: Uint8Array = new Uint8Array(createHash('sha256').update('key-encryption key').digest());

const AES256_WRAP = algorithm(id.AES_WRAP[32] as string);

/** KEKRecipientInfo (RFC 5652 §6.2.3); `wrap` may be another than the key's length asks for. */
export function kekRecipient(kek: Uint8Array, encryptedKey: Uint8Array, wrap?: string): BadPeerValue {
  const wrapping = algorithm(wrap ?? (id.AES_WRAP[kek.length] as string));
  const name = sequence(octets(CASE_KEK_IDENTIFIER));
  return context(2, integer(4), name, wrapping, octets(encryptedKey));
}

/** KeyAgreeRecipientInfo to a P-256 or P-384 key (RFC 5753) whose agreement with the originator's point gives `secret`. */
export function curveRecipient(
  recipient: Uint8Array,
  point: Uint8Array,
  secret: Uint8Array,
  cek: Uint8Array,
): BadPeerValue {
  const counter = Uint8Array.of(0, 0, 0, 1);
  const kek = createHash('sha256').update(secret).update(counter).update(sharedInfo()).digest();
  return agreementRecipient(recipient, [id.EC_PUBLIC_KEY, point], id.STD_DH_SHA256_KDF, wrapped(kek, cek));
}

/** KeyAgreeRecipientInfo to an X25519 key (RFC 8418) whose agreement with the originator's key gives `secret`. */
export function x25519Recipient(
  recipient: Uint8Array,
  publicKey: Uint8Array,
  secret: Uint8Array,
  cek: Uint8Array,
): BadPeerValue {
  const kek = hkdf(secret, sharedInfo());
  return agreementRecipient(recipient, [id.X25519, publicKey], id.STD_DH_HKDF_SHA256, wrapped(kek, cek));
}

/** KEMRecipientInfo to an ML-KEM key (RFC 9629, RFC 9936) whose decapsulation of `ciphertext` gives `secret`. */
export function kemRecipient(
  recipient: Uint8Array,
  parameterSet: string,
  ciphertext: Uint8Array,
  secret: Uint8Array,
  cek: Uint8Array,
): BadPeerValue {
  // CMSORIforKEMOtherInfo without ukm (RFC 9629 §5).
  const kek = hkdf(secret, der(sequence(AES256_WRAP, integer(32))));
  const kemri = sequence(
    integer(0),
    contextOctets(0, recipient),
    algorithm(id.ML_KEM[parameterSet] as string),
    octets(ciphertext),
    algorithm(id.HKDF_SHA256),
    integer(32),
    AES256_WRAP,
    octets(wrapped(kek, cek)),
  );
  return context(4, identifier(id.ORI_KEM), kemri);
}

/** KeyTransRecipientInfo to an RSA key. */
export function rsaRecipient(recipient: Uint8Array, oaep: BadPeerValue, encryptedKey: Uint8Array): BadPeerValue {
  return sequence(integer(2), contextOctets(0, recipient), oaep, octets(encryptedKey));
}

/** PasswordRecipientInfo (RFC 3211) whose PBKDF2 gives `kek`, of 16, 24 or 32 octets. */
export function passwordRecipient(
  derivation: { readonly hash: string; readonly salt: Uint8Array; readonly iterations: number },
  kek: Uint8Array,
  cek: Uint8Array,
): BadPeerValue {
  const { hash, salt, iterations } = derivation;
  const prf = algorithm(id.HMAC[hash] as string, nothing());
  const parameters = sequence(octets(salt), integer(iterations), integer(kek.length), prf);
  const iv = new Uint8Array(16).fill(9);
  return context(
    3,
    integer(0),
    context(0, identifier(id.PBKDF2), parameters),
    algorithm(id.PWRI_KEK, algorithm(id.AES_CBC[kek.length] as string, octets(iv))),
    octets(passwordWrapped(kek, iv, cek)),
  );
}

/** AES key wrap (RFC 3394). */
export function wrapped(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`id-aes${kek.length * 8}-wrap`, kek, Buffer.alloc(8, 0xa6));
  return new Uint8Array(Buffer.concat([cipher.update(key), cipher.final()]));
}

/** RFC 3211 §2.3.1: count, check value, key and padding, by CBC twice, the second time from the last block on. */
export function passwordWrapped(kek: Uint8Array, iv: Uint8Array, key: Uint8Array): Uint8Array {
  const check = key.subarray(0, 3).map((octet) => ~octet);
  const padding = new Uint8Array(Math.max(32, Math.ceil((key.length + 4) / 16) * 16) - key.length - 4).fill(5);
  const cbc = (from: Uint8Array, text: Uint8Array): Uint8Array => {
    const cipher = createCipheriv(`aes-${kek.length * 8}-cbc`, kek, from).setAutoPadding(false);
    return new Uint8Array(Buffer.concat([cipher.update(text), cipher.final()]));
  };
  const once = cbc(iv, concat(Uint8Array.of(key.length), check, key, padding));
  return cbc(once.subarray(-16), once);
}

function agreementRecipient(
  recipient: Uint8Array,
  [keyType, publicKey]: readonly [string, Uint8Array],
  scheme: string,
  encryptedKey: Uint8Array,
): BadPeerValue {
  const originator = context(0, context(1, algorithm(keyType), bits(publicKey)));
  const keys = sequence(sequence(context(0, octets(recipient)), octets(encryptedKey)));
  return context(1, integer(3), originator, algorithm(scheme, AES256_WRAP), keys);
}

/** ECC-CMS-SharedInfo without ukm (RFC 5753 §7.2): the key wrap's AlgorithmIdentifier and its key's length in bits. */
function sharedInfo(): Uint8Array {
  return der(sequence(AES256_WRAP, context(2, octets(Uint8Array.of(0, 0, 1, 0)))));
}

function hkdf(secret: Uint8Array, info: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), info, 32));
}
