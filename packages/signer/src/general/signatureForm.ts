/**
 * What a signature must look like before a key is put to it (E4).
 * @module
 */
import { compare, DerReader, fromHex, isAcceptableEd25519Point } from '@stanzaseal/cms';
import type { GeneralPublicKey, SignatureScheme } from '@stanzaseal/cms/general';

/** Orders of the base points (SEC 2 §2.4.2, §2.5.1). */
const ORDERS: Readonly<Record<string, Uint8Array>> = {
  'P-256': fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  'P-384': fromHex('ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
};

/**
 * Whether a signature has the one form that its scheme allows. Ed25519: 64 octets, R canonical and no point of small order, as
 * in the sealed profile. ECDSA: strict DER, both numbers from 1 to the order less one. RSA-PSS: a salt that fits the key.
 * @throws CmsError `ERR_DER`
 */
export function isWellFormed(key: GeneralPublicKey, scheme: SignatureScheme, signature: Uint8Array): boolean {
  switch (scheme.name) {
    case 'Ed25519':
      return signature.length === 64 && isAcceptableEd25519Point(signature.subarray(0, 32));
    case 'ECDSA':
      return isEcdsaSignature(signature, ORDERS[key.algorithm] as Uint8Array);
    case 'RSA-PSS':
      // The signature is as long as the modulus (RFC 8017 §8.1.2).
      return signature.length === signatureLength(key, scheme) && saltFits(key, scheme);
    case 'ML-DSA':
      return signature.length === LENGTHS[key.algorithm];
  }
}

/** Whether a salt has a length that the key has room for: emLen >= hLen + sLen + 2 (RFC 8017 §9.1.1). True for schemes without. */
export function saltFits(key: GeneralPublicKey, scheme: SignatureScheme): boolean {
  if (scheme.name !== 'RSA-PSS') return true;
  const { saltLength } = scheme;
  const room = Math.ceil((modulusBits(key.subjectPublicKey) - 1) / 8) - Number(scheme.hash.slice(4)) / 8 - 2;
  return Number.isInteger(saltLength) && saltLength >= 0 && saltLength <= room;
}

/** Length in octets of the signatures of a key; `undefined` for ECDSA, whose DER has no one length. */
export function signatureLength(key: GeneralPublicKey, scheme: SignatureScheme): number | undefined {
  if (scheme.name === 'ECDSA') return undefined;
  return key.algorithm === 'RSA' ? Math.ceil(modulusBits(key.subjectPublicKey) / 8) : LENGTHS[key.algorithm];
}

/** Lengths in octets (RFC 8032 §5.1.6, FIPS 204 table 2). */
const LENGTHS: Readonly<Record<string, number>> = {
  Ed25519: 64,
  'ML-DSA-44': 2420,
  'ML-DSA-65': 3309,
  'ML-DSA-87': 4627,
};

/** `ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 5753 §2.1.1). */
function isEcdsaSignature(signature: Uint8Array, order: Uint8Array): boolean {
  const reader = new DerReader(signature);
  const numbers = reader.sequence();
  reader.end();
  const good = [numbers.any(), numbers.any()].every((number) => isBelow(number, order));
  numbers.end();
  return good;
}

/** Whether the DER of an INTEGER, known to be minimal, is positive and below an order. */
function isBelow(der: Uint8Array, order: Uint8Array): boolean {
  const octets = new DerReader(der).primitive(0x02);
  if ((octets[0] as number) >= 0x80) return false;
  const number = octets[0] === 0 ? octets.subarray(1) : octets;
  if (number.length !== order.length) return number.length > 0 && number.length < order.length;
  return compare(number, order) < 0;
}

/** `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 §A.1.1). */
function modulusBits(rsaPublicKey: Uint8Array): number {
  const modulus = new DerReader(rsaPublicKey).sequence().primitive(0x02);
  const start = modulus[0] === 0 ? 1 : 0;
  return 8 * (modulus.length - start) - Math.clz32(modulus[start] ?? 0) + 24;
}
