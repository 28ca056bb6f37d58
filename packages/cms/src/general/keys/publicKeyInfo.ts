/**
 * SubjectPublicKeyInfo of every algorithm that is taken (RFC 5280 §4.1.2.7).
 * @module
 */
import { CmsError, derError } from '../../cmsError.js';
import { isAcceptablePublicKey } from '../../curvePoints.js';
import { DerReader } from '../../derReader.js';
import { bitString, encodeDer, sequence } from '../../derWriter.js';
import { copyOctets } from '../../octets.js';
import type { GeneralCrypto } from '../generalCrypto.js';
import type { GeneralKeyAlgorithm, GeneralPublicKey } from '../generalKey.js';
import { generalKeyAlgorithmNode, readGeneralKeyAlgorithm } from './keyAlgorithm.js';
import { isAcceptableLatticeKey } from './latticeShape.js';
import { isOnP384 } from './p384.js';
import { checkRsaPublicKey } from './rsaNumbers.js';

/**
 * Imports a SubjectPublicKeyInfo, checked.
 * @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED`
 */
export function decodePublicKeyInfo(
  spki: Uint8Array,
  crypto: Pick<GeneralCrypto, 'digest'>,
): Promise<GeneralPublicKey> {
  const reader = new DerReader(spki);
  const info = reader.sequence();
  reader.end();
  const algorithm = readGeneralKeyAlgorithm(info.sequence());
  const subjectPublicKey = info.bitString();
  info.end();
  return publicKeyOf(algorithm, subjectPublicKey, crypto);
}

/**
 * A public key of the content of its BIT STRING, checked and named.
 * @throws CmsError `ERR_DER` for octets that are no acceptable key (E1-E3); `ERR_UNSUPPORTED` for a compressed point, since a
 * key has one spelling and one identifier, and for RSA numbers out of bounds
 */
export async function publicKeyOf(
  algorithm: GeneralKeyAlgorithm,
  subjectPublicKey: Uint8Array,
  crypto: Pick<GeneralCrypto, 'digest'>,
): Promise<GeneralPublicKey> {
  checkPublicKey(algorithm, subjectPublicKey);
  const own = copyOctets(subjectPublicKey);
  const spki = encodeDer(sequence(generalKeyAlgorithmNode(algorithm), bitString(own)));
  const keyIdentifier = await crypto.digest('SHA-256', spki);
  const sha1KeyIdentifier = await crypto.digest('SHA-1', own);
  return Object.freeze({ algorithm, spki, subjectPublicKey: own, keyIdentifier, sha1KeyIdentifier });
}

function checkPublicKey(algorithm: GeneralKeyAlgorithm, octets: Uint8Array): void {
  switch (algorithm) {
    case 'Ed25519':
    case 'X25519':
      if (!isAcceptablePublicKey(algorithm, octets)) throw unacceptable();
      return;
    case 'P-256':
    case 'P-384': {
      const length = algorithm === 'P-256' ? 32 : 48;
      if ((octets[0] === 2 || octets[0] === 3) && octets.length === length + 1)
        throw new CmsError('ERR_UNSUPPORTED', 'key is a compressed point');
      if (!(algorithm === 'P-256' ? isAcceptablePublicKey(algorithm, octets) : isOnP384(octets))) throw unacceptable();
      return;
    }
    case 'RSA':
      return checkRsaPublicKey(octets);
    default:
      if (!isAcceptableLatticeKey(algorithm, octets)) throw unacceptable();
  }
}

function unacceptable(): CmsError {
  return derError('public key is not acceptable');
}
