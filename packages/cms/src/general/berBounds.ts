/**
 * Walks the headers of a BER value and nothing else, to refuse what would be dear to read. asn1js has limits of its own, but
 * none on a single value: a RELATIVE-OID of 40 MB costs it more than 4 GB of memory, a UTF8String of that size five seconds.
 * @module
 */
import { derError } from '../cmsError.js';

/** Octets of values that asn1js takes apart (all but OCTET STRING, BIT STRING and tags of their own) read in all. */
export const INTERPRETED_OCTETS = 2097152;
/** An OBJECT IDENTIFIER costs an object an arc: its octets count this many times. */
const ARC_COST = 16;
const INDEFINITE = -1;

/**
 * Checks the first value of octets against limits on depth, number and size of values, in time linear in their number.
 * @param bounds what is left: levels, values, and octets of values to be taken apart
 * @returns how much of the latter it will cost
 * @throws CmsError `ERR_DER` for what goes beyond them, or has no BER outline
 */
export function checkBounds(
  octets: Uint8Array,
  { depth, nodes, interpreted }: { readonly depth: number; readonly nodes: number; readonly interpreted: number },
): number {
  /** Where each constructed value around the present place ends. */
  const ends: number[] = [];
  let at = 0;
  let count = 0;
  let cost = 0;
  do {
    const around = ends[ends.length - 1] ?? octets.length;
    const limit = around === INDEFINITE ? (ends.findLast((end) => end !== INDEFINITE) ?? octets.length) : around;
    if (around === INDEFINITE && octets[at] === 0 && octets[at + 1] === 0) {
      ends.pop();
      at += 2;
    } else {
      if (++count > nodes) throw derError('input goes beyond the limits');
      const header = headerAt(octets, at, limit);
      at = header.start;
      if (header.constructed) {
        if (ends.length === depth) throw derError('input goes beyond the limits');
        ends.push(header.length === INDEFINITE ? INDEFINITE : at + header.length);
      } else {
        cost += header.length * header.cost;
        if (cost > interpreted) throw derError('input goes beyond the limits');
        at += header.length;
      }
    }
    while (ends[ends.length - 1] === at) ends.pop();
  } while (ends.length > 0);
  return cost;
}

interface Header {
  readonly constructed: boolean;
  /** What an octet of the content costs: nothing where it is taken as it is. */
  readonly cost: number;
  /** Length of the content, or `INDEFINITE`. */
  readonly length: number;
  /** Where the content starts. */
  readonly start: number;
}

function headerAt(octets: Uint8Array, offset: number, limit: number): Header {
  let at = offset;
  const next = (): number => {
    if (at >= limit) throw derError('octets are not BER');
    return octets[at++] as number;
  };
  const identifier = next();
  // Universal tag 0 is the end-of-contents octets' alone (X.690 §8.1.5). asn1js takes it anywhere, whatever its length says,
  // and goes on inside its content, so that octets would be shown as values which they are not.
  if ((identifier & 0xdf) === 0) throw derError('octets are not BER');
  // A tag number of more than four octets is nobody's.
  if ((identifier & 0x1f) === 0x1f)
    for (let more = 4; (next() & 0x80) !== 0; ) if (--more === 0) throw derError('octets are not BER');
  let length = next();
  const constructed = (identifier & 0x20) !== 0;
  if (length === 0x80) {
    if (!constructed) throw derError('octets are not BER');
    length = INDEFINITE;
  } else if (length > 0x80) {
    const count = length & 0x7f;
    if (count > 6) throw derError('octets are not BER');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + next();
  }
  if (length > limit - at) throw derError('octets are not BER');
  return { constructed, cost: costOf(identifier), length, start: at };
}

function costOf(identifier: number): number {
  if ((identifier & 0xc0) !== 0 || identifier === 0x03 || identifier === 0x04) return 0;
  return identifier === 0x06 || identifier === 0x0d ? ARC_COST : 1;
}
