/**
 * An invisible salamander (Y. Dodis et al., 2018): one nonce, one AAD, one ciphertext and one tag of AES-256-GCM that are good
 * under two keys. GHASH is linear in each block of the ciphertext, so one free block is solved for in GF(2^128).
 */
import { createCipheriv } from 'node:crypto';

const R = 0xe1n << 120n;

/** Product in the field of GCM, most significant bit first (NIST SP 800-38D §6.3). */
function multiply(x: bigint, y: bigint): bigint {
  let [product, v] = [0n, y];
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) product ^= v;
    v = v & 1n ? (v >> 1n) ^ R : v >> 1n;
  }
  return product;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n << 127n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = multiply(b, b)) if (e & 1n) result = multiply(result, b);
  return result;
}

const inverse = (x: bigint): bigint => power(x, 2n ** 128n - 2n);
const toNumber = (octets: Uint8Array): bigint => BigInt(`0x0${Buffer.from(octets).toString('hex')}`);
const toOctets = (value: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(32, '0'), 'hex'));

function encryptBlock(key: Uint8Array, block: Uint8Array): bigint {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return toNumber(cipher.update(block));
}

function blocksOf(octets: Uint8Array): bigint[] {
  const padded = new Uint8Array(Math.ceil(octets.length / 16) * 16);
  padded.set(octets);
  return Array.from({ length: padded.length / 16 }, (_, i) => toNumber(padded.subarray(16 * i, 16 * i + 16)));
}

/** A ciphertext of `first` for key1 and, behind it, of `second` for key2 (whole blocks each), a solved block, and the one tag. */
export function salamander(
  [key1, key2]: readonly [Uint8Array, Uint8Array],
  nonce: Uint8Array,
  aad: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
): { ciphertext: Uint8Array; tag: Uint8Array } {
  const keystream = (key: Uint8Array, i: number): bigint => encryptBlock(key, Uint8Array.of(...nonce, 0, 0, 0, i + 2));
  const [a, b] = [blocksOf(first), blocksOf(second)];
  const ciphertext = [
    ...a.map((block, i) => block ^ keystream(key1, i)),
    ...b.map((block, i) => block ^ keystream(key2, a.length + i)),
    0n,
  ];
  const lengths = (BigInt(aad.length * 8) << 64n) | BigInt(ciphertext.length * 128);
  const input = [...blocksOf(aad), ...ciphertext, lengths];
  const ghash = (h: bigint): bigint => input.reduce((sum, block) => multiply(sum ^ block, h), 0n);
  const [h1, h2] = [encryptBlock(key1, new Uint8Array(16)), encryptBlock(key2, new Uint8Array(16))];
  const mask = (key: Uint8Array): bigint => encryptBlock(key, Uint8Array.of(...nonce, 0, 0, 0, 1));
  // tag1 and tag2 with the last block 0; a block x there adds x h^2 to each.
  const [tag1, tag2] = [ghash(h1) ^ mask(key1), ghash(h2) ^ mask(key2)];
  const free = multiply(tag1 ^ tag2, inverse(multiply(h1, h1) ^ multiply(h2, h2)));
  ciphertext[ciphertext.length - 1] = free;
  return {
    ciphertext: Uint8Array.from(ciphertext.flatMap((block) => [...toOctets(block)])),
    tag: toOctets(tag1 ^ multiply(free, multiply(h1, h1))),
  };
}
