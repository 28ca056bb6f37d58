/**
 * CMS objects around a published case, so that it is the CMS functions that judge it: the case's key, signature, secret or
 * ciphertext stands inside, everything else is made here with node:crypto and is right.
 * @module
 */
import { createCipheriv, createHash } from 'node:crypto';
import { type BadPeerValue, badPeerValue } from '@stanzaseal/testkit';
import { algorithm, context, contextOctets, der, identifier, integer, nothing, octets, sequence, set } from './asn1.js';
import { CASE_KEK, kekRecipient, wrapped } from './caseRecipient.js';
import * as id from './identifiers.js';

/** What objects built here carry, where the case has no content of its own. */
export const CASE_CONTENT: Uint8Array = new TextEncoder().encode('content around a published case');
/** Their content-encryption key, where it is not the case's. */
export const CASE_CEK: Uint8Array = new Uint8Array(createHash('sha256').update('content-encryption key').digest());

const NONCE = new Uint8Array(12).fill(7);

/** AuthEnvelopedData of `CASE_CONTENT` by AES-GCM under a key of 16, 24 or 32 octets. */
export function sealedUnder(recipient: BadPeerValue, cek: Uint8Array = CASE_CEK): Uint8Array {
  return sealedToAll(der(recipient), cek);
}

/** The same to RecipientInfos in BER, one after another. */
export function sealedToAll(recipientInfos: Uint8Array, cek: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${cek.length * 8}-gcm` as 'aes-256-gcm', cek, NONCE, { authTagLength: 16 });
  const ciphertext = Buffer.concat([cipher.update(CASE_CONTENT), cipher.final()]);
  const gcm = algorithm(id.AES_GCM[cek.length] as string, sequence(octets(NONCE), integer(16)));
  return authEnveloped(badPeerValue(0x31, recipientInfos), gcm, ciphertext, cipher.getAuthTag());
}

/** AuthEnvelopedData to a SET of RecipientInfos, with ciphertext and tag as given (RFC 5083 §2.1). */
export function authEnveloped(
  recipientInfos: BadPeerValue,
  cipher: BadPeerValue,
  ciphertext: Uint8Array,
  mac: Uint8Array,
): Uint8Array {
  const info = sequence(identifier(id.DATA), cipher, contextOctets(0, ciphertext));
  return contentInfo(id.AUTH_ENVELOPED_DATA, sequence(integer(0), recipientInfos, info, octets(mac)));
}

/** EnvelopedData of one recipient: what is refused whatever stands inside. */
export function enveloped(recipient: BadPeerValue, cipher: BadPeerValue, ciphertext: Uint8Array): Uint8Array {
  const info = sequence(identifier(id.DATA), cipher, contextOctets(0, ciphertext));
  return contentInfo(id.ENVELOPED_DATA, sequence(integer(2), set(recipient), info));
}

/** AuthenticatedData without authenticated attributes: the MAC is over the content (RFC 5652 §9.2). */
export function authenticated(hash: string, key: Uint8Array, content: Uint8Array, mac: Uint8Array): Uint8Array {
  const body = sequence(
    integer(0),
    set(kekRecipient(CASE_KEK, wrapped(CASE_KEK, key))),
    algorithm(id.HMAC[hash] as string, nothing()),
    sequence(identifier(id.DATA), context(0, octets(content))),
    octets(mac),
  );
  return contentInfo(id.AUTH_DATA, body);
}

/** SignedData over id-data with one signature of a case over the content itself, without signed attributes (RFC 5652 §5.4). */
export function signedAround(
  signerId: Uint8Array,
  digest: BadPeerValue,
  scheme: BadPeerValue,
  content: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const info = sequence(integer(3), contextOctets(0, signerId), digest, scheme, octets(signature));
  const encapsulated = sequence(identifier(id.DATA), context(0, octets(content)));
  return contentInfo(id.SIGNED_DATA, sequence(integer(1), set(digest), encapsulated, set(info)));
}

function contentInfo(type: string, content: BadPeerValue): Uint8Array {
  return der(sequence(identifier(type), context(0, content)));
}
