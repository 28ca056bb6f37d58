/**
 * What WebCrypto wants to be given.
 * @module
 */
import { pkcs8 } from '../pkcs8.js';
import type { KeyAlgorithm } from '../ports.js';

/** What is needed of the WebCrypto interface. */
export interface WebCrypto {
  /** The operations. */
  readonly subtle: SubtleCrypto;
  /** Random octets. */
  getRandomValues<T extends Uint8Array>(into: T): T;
}

/** A private key of a secret of 32 octets. @param point the public half: P-256 has it in its PKCS#8, where it is given */
export function importPrivate(
  subtle: SubtleCrypto,
  algorithm: KeyAlgorithm,
  secret: Uint8Array,
  extractable: boolean,
  point?: Uint8Array,
): Promise<CryptoKey> {
  const usages: KeyUsage[] = algorithm === 'X25519' ? ['deriveBits'] : ['sign'];
  const octets = view(pkcs8(algorithm, secret, point));
  return subtle.importKey('pkcs8', octets, algorithmOf(algorithm), extractable, usages);
}

/** For importing and for signing: each takes the members that it knows. */
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What WebCrypto calls an algorithm. */
export function algorithmOf(algorithm: KeyAlgorithm): AlgorithmIdentifier {
  return algorithm === 'P-256' ? ECDSA : algorithm;
}

/**
 * Octets as WebCrypto takes them: not of shared memory, of which it gets a copy. Where they are all of their memory, as what WebCrypto gave,
 * it gets that: a browser makes an object of its own for every view that it sees for the first time.
 */
export function view(octets: Uint8Array): BufferSource {
  const { buffer } = octets;
  if (!(buffer instanceof ArrayBuffer)) return new Uint8Array(octets);
  return buffer.byteLength === octets.length ? buffer : (octets as Uint8Array<ArrayBuffer>);
}

/** Octets of a member of a JSON Web Key (RFC 7515 §2); of one that is absent, none. */
export function base64Url(text = ''): Uint8Array {
  const units = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const octets = new Uint8Array(units.length);
  for (let i = 0; i < octets.length; i++) octets[i] = units.charCodeAt(i);
  return octets;
}
