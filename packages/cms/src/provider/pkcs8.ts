/**
 * PKCS#8 of raw secrets, which is what both crypto APIs import (RFC 8410 §7, RFC 5915 §3).
 * @module
 */
import { encodeDer, integer, octetString, sequence } from '../derWriter.js';
import type { KeyAlgorithm } from '../ports.js';
import { keyAlgorithmIdentifier } from '../publicKey.js';

/** PKCS#8 DER of a secret of 32 octets, without the public key. */
export function pkcs8(algorithm: KeyAlgorithm, secret: Uint8Array): Uint8Array {
  const inner = algorithm === 'P-256' ? sequence(integer(1), octetString(secret)) : octetString(secret);
  return encodeDer(sequence(integer(0), keyAlgorithmIdentifier(algorithm), octetString(encodeDer(inner))));
}
