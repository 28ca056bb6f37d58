/**
 * ECDSA-Sig-Value (RFC 5480, SEC 1 §C.5), which CMS carries, to and from the r || s that WebCrypto speaks.
 *
 * ```
 * ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }
 * ```
 * @module
 */
import { derError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import { encodeDer, primitive, sequence } from '../derWriter.js';

/** DER of r || s (64 octets). */
export function ecdsaToDer(raw: Uint8Array): Uint8Array {
  return encodeDer(sequence(unsigned(raw.subarray(0, 32)), unsigned(raw.subarray(32))));
}

/** r || s (64 octets) of strict DER. @throws CmsError `ERR_DER` */
export function ecdsaFromDer(der: Uint8Array): Uint8Array {
  const reader = new DerReader(der);
  const value = reader.sequence();
  reader.end();
  const raw = new Uint8Array(64);
  for (const end of [32, 64]) {
    const octets = value.primitive(0x02);
    const number = octets[0] === 0 ? octets.subarray(1) : octets;
    const minimal = octets.length > 0 && (octets[0] === 0 ? (octets[1] ?? 0) >= 0x80 : (octets[0] as number) < 0x80);
    if (!minimal || number.length > 32) throw derError('not an ECDSA signature');
    raw.set(number, end - number.length);
  }
  value.end();
  return raw;
}

function unsigned(octets: Uint8Array): ReturnType<typeof primitive> {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const trimmed = octets.subarray(start);
  if ((trimmed[0] as number) < 0x80) return primitive(0x02, trimmed);
  const padded = new Uint8Array(trimmed.length + 1);
  padded.set(trimmed, 1);
  return primitive(0x02, padded);
}
