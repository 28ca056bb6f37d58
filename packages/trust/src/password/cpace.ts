/**
 * CPace with ristretto255 and SHA-512 (CPACE-RISTR255-SHA512, draft-irtf-cfrg-cpace-21), initiator and responder, with the key
 * confirmation of its §10.4. Names are the draft's. Nobody but the tests of its vectors is
 * given K (§10.3).
 * @module
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, copyOctets, drawOctets, type RandomSource, toUtf8 } from '@stanzaseal/cms';

/** Octets of a group element and of a scalar. */
export const SHARE_LENGTH = 32;
/** Octets of a confirmation. */
export const CONFIRMATION_LENGTH = 64;

const DSI = toUtf8('CPaceRistretto255');
const DSI_ISK = toUtf8('CPaceRistretto255_ISK');
const MAC_LABEL = toUtf8('CPaceMac');
/** Octets that SHA-512 takes in at once (H.s_in_bytes). */
const BLOCK = 128;

/** What both sides of a run put in. */
export interface CpaceInputs {
  /** PRS: the password's octets. */
  readonly password: Uint8Array;
  /** CI: who is who. */
  readonly channel: Uint8Array;
  /** Session identifier. */
  readonly sid: Uint8Array;
}

/** What a side says: its share Y, and what is bound to it. */
export interface CpaceSaid {
  /** Ya or Yb: 32 octets. */
  readonly share: Uint8Array;
  /** ADa or ADb. */
  readonly associated: Uint8Array;
}

/** G.sample_scalar (§8.3): 252 random bits, little-endian; never zero. */
export function sampleScalar(random: RandomSource): Uint8Array {
  for (;;) {
    const scalar = copyOctets(drawOctets(random, SHARE_LENGTH));
    scalar[31] = (scalar[31] as number) & 0x0f;
    if (scalar.some((octet) => octet !== 0)) return scalar;
  }
}

/** Y: the generator of a password, times a scalar. */
export function cpaceShare(inputs: CpaceInputs, scalar: Uint8Array): Uint8Array {
  return calculateGenerator(inputs).multiply(bytesToNumberLE(scalar)).toBytes();
}

/**
 * ISK of 64 octets (§7.2), or `undefined` where the other share is no group element in its one encoding, or the neutral one: then the
 * run MUST end.
 */
export function cpaceKey(
  { sid, scalar, other }: { sid: Uint8Array; scalar: Uint8Array; other: Uint8Array },
  initiator: CpaceSaid,
  responder: CpaceSaid,
): Uint8Array | undefined {
  const point = scalarMultVfy(scalar, other);
  return point && sha512(concat(lvCat(DSI_ISK, sid, point), transcriptIr(initiator, responder)));
}

/** What confirms that its sender has the key: HMAC-SHA-512 over what it said itself (§10.4), 64 octets. */
export function cpaceConfirmation(sid: Uint8Array, isk: Uint8Array, { share, associated }: CpaceSaid): Uint8Array {
  return hmac(sha512, sha512(concat(MAC_LABEL, sid, isk)), lvCat(share, associated));
}

/** G.scalar_mult_vfy (§8.3): the encoded product; `undefined` in place of the neutral element. */
export function scalarMultVfy(scalar: Uint8Array, encoded: Uint8Array): Uint8Array | undefined {
  const point = decodePoint(encoded);
  if (point === undefined || point.is0()) return undefined;
  return point.multiply(bytesToNumberLE(scalar)).toBytes();
}

/** G.calculate_generator (§8.3). */
export function calculateGenerator(inputs: CpaceInputs): RistrettoPoint {
  return ristretto255_hasher.deriveToCurve?.(sha512(generatorString(inputs))) as RistrettoPoint;
}

/** generator_string (appendix A.2): zeros fill the hash's first block behind the password. */
export function generatorString({ password, channel, sid }: CpaceInputs): Uint8Array {
  const padding = Math.max(0, BLOCK - 1 - prependLength(password).length - prependLength(DSI).length);
  return lvCat(DSI, password, new Uint8Array(padding), channel, sid);
}

/** transcript_ir (appendix A.3.4). */
export function transcriptIr(initiator: CpaceSaid, responder: CpaceSaid): Uint8Array {
  return lvCat(initiator.share, initiator.associated, responder.share, responder.associated);
}

/** lv_cat (appendix A.1.3). */
export function lvCat(...parts: readonly Uint8Array[]): Uint8Array {
  return concat(...parts.map(prependLength));
}

/** prepend_len (appendix A.1.1): the length in LEB128, then the octets. */
export function prependLength(octets: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = octets.length;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return concat(Uint8Array.of(...length, rest), octets);
}

type RistrettoPoint = InstanceType<typeof ristretto255.Point>;

function decodePoint(encoded: Uint8Array): RistrettoPoint | undefined {
  try {
    return ristretto255.Point.fromBytes(encoded);
  } catch {
    return undefined;
  }
}
