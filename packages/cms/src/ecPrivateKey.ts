/**
 * The private key inside PKCS#8 of a curve of NIST (RFC 5915 §3).
 *
 * ```
 * ECPrivateKey ::= SEQUENCE { version INTEGER (1), privateKey OCTET STRING, parameters [0] OPTIONAL, publicKey [1] OPTIONAL }
 * ```
 * @module
 */
import { derError } from './cmsError.js';
import type { DerReader } from './derReader.js';
import { equal } from './octets.js';

/**
 * Reads an ECPrivateKey of one curve at the reader's place; whether the scalar is in range is the caller's to check.
 * @param curve content octets of the curve's OBJECT IDENTIFIER
 * @param length length of the scalar in octets
 * @throws CmsError `ERR_DER`
 */
export function readEcPrivateKey(
  reader: DerReader,
  curve: Uint8Array,
  length: number,
): { secret: Uint8Array; publicKey: Uint8Array | undefined } {
  const key = reader.sequence();
  key.version(1);
  const secret = key.octetStringOf(length);
  if (key.tag === 0xa0) {
    const parameters = key.constructed(0xa0);
    if (!equal(parameters.objectIdentifier(), curve)) throw derError('EC private key of another curve');
    parameters.end();
  }
  let publicKey: Uint8Array | undefined;
  if (key.tag === 0xa1) {
    const explicit = key.constructed(0xa1);
    publicKey = explicit.bitString();
    explicit.end();
  }
  key.end();
  return { secret, publicKey };
}
