/**
 * Fingerprints: key identifiers as people read them to each other.
 * @module
 */
import { fromHex, toHex } from '@stanzaseal/cms';

/**
 * The fingerprint of a key identifier (32 octets): 64 hexadecimal digits in groups of eight. @throws RangeError for another length
 * @example
 * console.log(fingerprint(identity.keyIdentifier)); // 0f1e2d3c 4b5a6978 ...
 */
export function fingerprint(keyIdentifier: Uint8Array): string {
  if (keyIdentifier.length !== 32) throw new RangeError('keyIdentifier is not 32 octets');
  return (toHex(keyIdentifier).match(/.{8}/g) as string[]).join(' ');
}

/** The key identifier (32 octets) of a fingerprint; white space and the case of digits do not matter. @throws RangeError for anything else */
export function parseFingerprint(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  if (digits.length !== 64) throw new RangeError('text is not a fingerprint of 64 hexadecimal digits');
  return fromHex(digits);
}
