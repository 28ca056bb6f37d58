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
import { concat } from '../octets.js';

/** DER of r || s, halves of one length. */
export function ecdsaToDer(raw: Uint8Array): Uint8Array {
  const middle = raw.length / 2;
  return encodeDer(sequence(unsigned(raw.subarray(0, middle)), unsigned(raw.subarray(middle))));
}

/** r || s of strict DER, each of `length` octets: 32 for P-256, 48 for P-384. @throws CmsError `ERR_DER` */
export function ecdsaFromDer(der: Uint8Array, length = 32): Uint8Array {
  const reader = new DerReader(der);
  const value = reader.sequence();
  reader.end();
  const raw = new Uint8Array(2 * length);
  for (const end of [length, 2 * length]) {
    const octets = value.primitive(0x02);
    const number = octets[0] === 0 ? octets.subarray(1) : octets;
    const minimal = octets.length > 0 && (octets[0] === 0 ? (octets[1] ?? 0) >= 0x80 : (octets[0] as number) < 0x80);
    if (!minimal || number.length > length) throw derError('not an ECDSA signature');
    raw.set(number, end - number.length);
  }
  value.end();
  return raw;
}

function unsigned(octets: Uint8Array): ReturnType<typeof primitive> {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const trimmed = octets.subarray(start);
  return primitive(0x02, (trimmed[0] as number) < 0x80 ? trimmed : concat(Uint8Array.of(0), trimmed));
}
