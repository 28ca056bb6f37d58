/**
 * PKCS#8 `OneAsymmetricKey` (RFC 5958 §2) of every algorithm that is taken. Ed25519, X25519 and P-256 go through the sealed
 * profile's own import.
 * @module
 */
import { derError } from '../../cmsError.js';
import { DerReader } from '../../derReader.js';
import { bitString, constructed, type DerNode, encodeDer, integer, octetString, sequence } from '../../derWriter.js';
import { readEcPrivateKey } from '../../ecPrivateKey.js';
import { equal, equalConstantTime } from '../../octets.js';
import type { CryptoProvider, KeyAlgorithm, MaybePromise, RandomSource } from '../../ports.js';
import {
  drawOctets,
  exportPrivateKey,
  generatePrivateKey,
  importPrivateKey,
  type PrivateKey,
} from '../../privateKey.js';
import type { GeneralCrypto } from '../generalCrypto.js';
import { type GeneralKeyAlgorithm, GeneralPrivateKey, type GeneralPublicKey } from '../generalKey.js';
import {
  generalKeyAlgorithmNode,
  ID_P384,
  isLattice,
  type LatticeAlgorithm,
  readGeneralKeyAlgorithm,
} from './keyAlgorithm.js';
import { LATTICE_LENGTHS } from './latticeShape.js';
import { isP384Scalar } from './p384.js';
import { publicKeyOf } from './publicKeyInfo.js';
import { rsaPublicKeyOf } from './rsaNumbers.js';

/** What importing and making keys needs of a provider. */
export interface KeyTools extends Pick<GeneralCrypto, 'digest'> {
  /** The sealed profile's provider, for its own algorithms. */
  readonly narrow: CryptoProvider;
  /** The uncompressed point of a P-384 scalar. */
  p384PublicKey(secret: Uint8Array): MaybePromise<Uint8Array>;
  /** PKCS#8 of a new RSA key. */
  generateRsa(): Promise<Uint8Array>;
}

/** Imports a PKCS#8 private key; every public half that it states is compared. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export async function decodePrivateKeyInfo(pkcs8: Uint8Array, tools: KeyTools): Promise<GeneralPrivateKey> {
  const { algorithm, inner, stated } = readPrivateKeyInfo(pkcs8);
  const key = await privateKeyOf(algorithm, inner, pkcs8, tools);
  if (stated !== undefined && !equal(stated, key.publicKey.subjectPublicKey))
    throw derError('public key does not belong to the private key');
  return key;
}

/** Makes a key. @throws RangeError when the source of randomness fails (E8) */
export async function generateGeneralKey(
  algorithm: GeneralKeyAlgorithm,
  random: RandomSource,
  tools: KeyTools,
): Promise<GeneralPrivateKey> {
  if (isNarrow(algorithm)) return fromNarrow(await generatePrivateKey(algorithm, random, tools.narrow), tools);
  if (algorithm === 'RSA') return decodePrivateKeyInfo(await tools.generateRsa(), tools);
  if (algorithm === 'P-384') {
    let secret = drawOctets(random, 48);
    while (!isP384Scalar(secret)) secret = drawOctets(random, 48);
    return p384Key(secret, tools);
  }
  const { expandSeed } = await import('./latticeKey.js');
  const seed = drawOctets(random, LATTICE_LENGTHS[algorithm].seed);
  const publicKey = await publicKeyOf(algorithm, expandSeed(algorithm, seed).publicKey, tools);
  return privateKeyWith(publicKey, octetString(seed, 0x80));
}

/** The expanded private key of a lattice key that was imported or made here. */
export async function expandedKeyOf(key: GeneralPrivateKey): Promise<Uint8Array> {
  const { expandSeed } = await import('./latticeKey.js');
  const { algorithm, inner } = readPrivateKeyInfo(key.pkcs8());
  if (!isLattice(algorithm)) throw new TypeError('key is not of ML-KEM or ML-DSA');
  const reader = new DerReader(inner);
  return reader.tag === 0x80 ? expandSeed(algorithm, reader.primitive(0x80)).expanded : reader.octetString();
}

function readPrivateKeyInfo(pkcs8: Uint8Array): {
  algorithm: GeneralKeyAlgorithm;
  inner: Uint8Array;
  stated: Uint8Array | undefined;
} {
  const reader = new DerReader(pkcs8);
  const info = reader.sequence();
  reader.end();
  const version = info.integer();
  if (version > 1) throw derError('private key of another version');
  const algorithm = readGeneralKeyAlgorithm(info.sequence());
  const inner = info.octetString();
  if (info.tag === 0xa0) info.any();
  const stated = info.tag === 0x81 ? info.primitive(0x81) : undefined;
  info.end();
  if ((stated !== undefined) !== (version === 1)) throw derError('private key version does not fit');
  if (stated !== undefined && stated[0] !== 0) throw derError('bit string with unused bits');
  return { algorithm, inner, stated: stated?.subarray(1) };
}

async function fromNarrow(key: PrivateKey, tools: Pick<GeneralCrypto, 'digest'>): Promise<GeneralPrivateKey> {
  const { algorithm, raw } = key.publicKey;
  return new GeneralPrivateKey(await publicKeyOf(algorithm, raw, tools), exportPrivateKey(key));
}

async function privateKeyOf(
  algorithm: GeneralKeyAlgorithm,
  inner: Uint8Array,
  pkcs8: Uint8Array,
  tools: KeyTools,
): Promise<GeneralPrivateKey> {
  if (isNarrow(algorithm)) return fromNarrow(await importPrivateKey(pkcs8, tools.narrow), tools);
  if (isLattice(algorithm)) return latticeKey(algorithm, inner, tools);
  if (algorithm === 'P-384') {
    const reader = new DerReader(inner);
    const { secret, publicKey } = readEcPrivateKey(reader, ID_P384, 48);
    reader.end();
    const key = await p384Key(secret, tools);
    if (publicKey !== undefined && !equal(publicKey, key.publicKey.subjectPublicKey))
      throw derError('public key does not belong to the private key');
    return key;
  }
  const publicKey = await publicKeyOf('RSA', rsaPublicKeyOf(inner), tools);
  return new GeneralPrivateKey(
    publicKey,
    encodeDer(sequence(integer(0), generalKeyAlgorithmNode('RSA'), octetString(inner))),
  );
}

/**
 * ```
 * ML-KEM-768-PrivateKey ::= CHOICE { seed [0] OCTET STRING (SIZE (64)), expandedKey OCTET STRING (SIZE (2400)),
 *                                    both SEQUENCE { seed OCTET STRING, expandedKey OCTET STRING } }
 * ```
 * and likewise for the others (RFC 9935 §6, RFC 9881 §6). The seed is what is kept wherever there is one.
 */
async function latticeKey(algorithm: LatticeAlgorithm, inner: Uint8Array, tools: KeyTools): Promise<GeneralPrivateKey> {
  const lengths = LATTICE_LENGTHS[algorithm];
  const reader = new DerReader(inner);
  let seed: Uint8Array | undefined;
  let expanded: Uint8Array | undefined;
  if (reader.tag === 0x80) seed = reader.primitive(0x80);
  else if (reader.tag === 0x04) expanded = reader.octetStringOf(lengths.expanded);
  else {
    const both = reader.sequence();
    seed = both.octetStringOf(lengths.seed);
    expanded = both.octetStringOf(lengths.expanded);
    both.end();
  }
  reader.end();
  const { expandSeed, publicKeyOfExpanded } = await import('./latticeKey.js');
  if (seed === undefined) {
    const own = expanded as Uint8Array;
    return privateKeyWith(await publicKeyOf(algorithm, publicKeyOfExpanded(algorithm, own), tools), octetString(own));
  }
  if (seed.length !== lengths.seed) throw derError('seed of another length');
  const pair = expandSeed(algorithm, seed);
  if (expanded !== undefined && !equalConstantTime(expanded, pair.expanded))
    throw derError('seed and expanded private key do not belong together');
  return privateKeyWith(await publicKeyOf(algorithm, pair.publicKey, tools), octetString(seed, 0x80));
}

async function p384Key(secret: Uint8Array, tools: KeyTools): Promise<GeneralPrivateKey> {
  if (!isP384Scalar(secret)) throw derError('private key out of range');
  const publicKey = await publicKeyOf('P-384', await tools.p384PublicKey(secret), tools);
  const point = constructed(0xa1, [bitString(publicKey.subjectPublicKey)]);
  return privateKeyWith(publicKey, sequence(integer(1), octetString(secret), point));
}

function privateKeyWith(publicKey: GeneralPublicKey, inner: DerNode): GeneralPrivateKey {
  const info = sequence(integer(0), generalKeyAlgorithmNode(publicKey.algorithm), octetString(encodeDer(inner)));
  return new GeneralPrivateKey(publicKey, encodeDer(info));
}

function isNarrow(algorithm: GeneralKeyAlgorithm): algorithm is KeyAlgorithm {
  return algorithm === 'Ed25519' || algorithm === 'X25519' || algorithm === 'P-256';
}
