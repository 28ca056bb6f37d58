/**
 * Whether the parts of an expanded ML-DSA private key belong together (RFC 9881 §8.2). noble derives the public key but says
 * nothing of t0, and a wrong t0 makes signatures that fail now and then: its NTT is used to compute t0 anew.
 * @module
 */
import { shake256 } from '@noble/hashes/sha3.js';
import { genCrystals, XOF128 } from '@noble/post-quantum/_crystals.js';
import { equal } from '../../octets.js';

/** Shape of a parameter set (FIPS 204 §4, table 1). */
export interface MlDsaShape {
  /** Rows of the matrix. */
  readonly k: number;
  /** Its columns. */
  readonly l: number;
  /** Greatest coefficient of s1 and s2. */
  readonly eta: 2 | 4;
}

const N = 256;
const Q = 8380417;

const { NTT } = genCrystals<Int32Array>({
  N,
  Q,
  F: 8347681,
  ROOT_OF_UNITY: 1753,
  newPoly: (length) => new Int32Array(length),
  isKyber: false,
  brvBits: 8,
});

/**
 * Whether tr is the hash of the public key and t0 the low half of t = A s1 + s2, for
 * sk = rho || K || tr || s1 || s2 || t0 (FIPS 204 §5.1, §7.2). Ranges of s1 and s2 are the caller's to check. K is free.
 */
export function isWholeMlDsaKey(expanded: Uint8Array, publicKey: Uint8Array, { k, l, eta }: MlDsaShape): boolean {
  if (!equal(shake256(publicKey, { dkLen: 64 }), expanded.subarray(64, 128))) return false;
  const bits = eta === 2 ? 3 : 4;
  const read = packedReader(expanded.subarray(128));
  const s1 = Array.from({ length: l }, () => NTT.encode(read(bits, eta)));
  const s2 = Array.from({ length: k }, () => read(bits, eta));
  const t0 = Array.from({ length: k }, () => read(13, 4096));
  const xof = XOF128(expanded.subarray(0, 32));
  let difference = 0;
  for (let row = 0; row < k; row++) {
    const sum = new Int32Array(N);
    for (let column = 0; column < l; column++) {
      const a = uniform(xof.get(column, row));
      const s = s1[column] as Int32Array;
      for (let i = 0; i < N; i++) sum[i] = ((sum[i] as number) + (((a[i] as number) * (s[i] as number)) % Q)) % Q;
    }
    const t = NTT.decode(sum);
    for (let i = 0; i < N; i++) {
      const whole = ((t[i] as number) + (s2[row]?.[i] as number) + 2 * Q) % Q;
      difference |= (whole - (t0[row]?.[i] as number)) & 0x1fff;
    }
  }
  xof.clean();
  return difference === 0;
}

/** Reads polynomials of coefficients of so many bits, each `most` less its packed value (FIPS 204 §7.1, BitUnpack). */
function packedReader(octets: Uint8Array): (bits: number, most: number) => Int32Array {
  let [at, held, count] = [0, 0, 0];
  return (bits, most) => {
    const polynomial = new Int32Array(N);
    for (let i = 0; i < N; i++) {
      for (; count < bits; count += 8) held |= (octets[at++] as number) << count;
      polynomial[i] = most - (held & ((1 << bits) - 1));
      held >>>= bits;
      count -= bits;
    }
    return polynomial;
  };
}

/** A polynomial of uniform coefficients, already transformed (FIPS 204 §7.3, RejNTTPoly). */
function uniform(block: () => Uint8Array): Int32Array {
  const polynomial = new Int32Array(N);
  for (let filled = 0; filled < N; ) {
    const octets = block();
    for (let at = 0; at + 2 < octets.length && filled < N; at += 3) {
      const value =
        (octets[at] as number) | ((octets[at + 1] as number) << 8) | (((octets[at + 2] as number) & 0x7f) << 16);
      if (value < Q) polynomial[filled++] = value;
    }
  }
  return polynomial;
}
