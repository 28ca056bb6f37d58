/**
 * PKCS#8 of raw secrets: what is exported, and what both crypto APIs import (RFC 8410 §7, RFC 5915 §3).
 * @module
 */
import { bitString, constructed, encodeDer, integer, octetString, sequence } from './derWriter.js';
import type { KeyAlgorithm } from './ports.js';
import { keyAlgorithmIdentifier } from './publicKey.js';

/** PKCS#8 DER of a secret of 32 octets; of P-256 with the public point where it is given (RFC 5915 §3: OPTIONAL). */
export function pkcs8(algorithm: KeyAlgorithm, secret: Uint8Array, point?: Uint8Array): Uint8Array {
  const publicKey = point === undefined ? [] : [constructed(0xa1, [bitString(point)])];
  const inner = algorithm === 'P-256' ? sequence(integer(1), octetString(secret), ...publicKey) : octetString(secret);
  return encodeDer(sequence(integer(0), keyAlgorithmIdentifier(algorithm), octetString(encodeDer(inner))));
}
