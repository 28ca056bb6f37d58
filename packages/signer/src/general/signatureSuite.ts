/**
 * Which scheme and digest go with a key, and the AlgorithmIdentifiers that say so (RFC 8419, RFC 5754 §3.3, RFC 4056, RFC 9882).
 * @module
 */
import { equal, oid } from '@stanzaseal/cms';
import {
  type GeneralAlgorithm,
  type GeneralKeyAlgorithm,
  type GeneralPublicKey,
  generalAlgorithm,
  type SignatureScheme,
} from '@stanzaseal/cms/general';
import { hashOf } from './digestAlgorithm.js';
import type { SignatureHash } from './policy.js';
import { decodePssParameters, encodePssParameters } from './pssParameters.js';

/** How a signer signs: the scheme, and the digest in its message-digest. */
export interface SignatureSuite {
  /** The signature's scheme. */
  readonly scheme: SignatureScheme;
  /** The content's digest; that of the scheme too, where that has one. */
  readonly hash: SignatureHash;
}

/** Keys with one OBJECT IDENTIFIER for their signatures, which takes no parameters (B12), and the digests that are strong enough. */
const PURE: readonly (readonly [GeneralKeyAlgorithm, SignatureScheme, Uint8Array, readonly SignatureHash[]])[] = [
  // SHA-512 and no other (RFC 8419 §2.3, §3.1).
  ['Ed25519', { name: 'Ed25519' }, oid('1.3.101.112'), ['SHA-512']],
  // RFC 9882 §3.3, table 1; SHA-512 is what is written.
  ['ML-DSA-44', { name: 'ML-DSA' }, oid('2.16.840.1.101.3.4.3.17'), ['SHA-512', 'SHA-384', 'SHA-256']],
  ['ML-DSA-65', { name: 'ML-DSA' }, oid('2.16.840.1.101.3.4.3.18'), ['SHA-512', 'SHA-384']],
  ['ML-DSA-87', { name: 'ML-DSA' }, oid('2.16.840.1.101.3.4.3.19'), ['SHA-512']],
];
const ECDSA: readonly (readonly [SignatureHash, Uint8Array])[] = [
  ['SHA-256', oid('1.2.840.10045.4.3.2')],
  ['SHA-384', oid('1.2.840.10045.4.3.3')],
  ['SHA-512', oid('1.2.840.10045.4.3.4')],
];
const ID_RSASSA_PSS = oid('1.2.840.113549.1.1.10');
/** Arcs under which RSA and elliptic curves have the signatures that are not spoken: PKCS#1 v1.5, SHA-1, SHA-224. */
const RSA_ARC = oid('1.2.840.113549.1.1');
const ECDSA_ARC = oid('1.2.840.10045.4');

/** Whether a key is for signing. */
export function isSigningKey({ algorithm }: Pick<GeneralPublicKey, 'algorithm'>): boolean {
  return isEcdsa(algorithm) || algorithm === 'RSA' || PURE.some(([known]) => known === algorithm);
}

/**
 * How a key signs: as asked, or Ed25519, ECDSA with the curve's own digest, RSA-PSS with SHA-256 and 32 octets of salt, ML-DSA.
 * @throws TypeError for a key that does not sign, or not so
 */
export function suiteFor(key: Pick<GeneralPublicKey, 'algorithm'>, asked?: SignatureScheme): SignatureSuite {
  const { algorithm } = key;
  if (!isSigningKey(key)) throw new TypeError(`signer is a key of ${algorithm}, which does not sign`);
  const own = PURE.find(([known]) => known === algorithm);
  const scheme = asked ?? own?.[1] ?? (algorithm === 'RSA' ? PSS_SHA256 : ecdsaOf(algorithm));
  if (own !== undefined && scheme.name === own[1].name) return { scheme, hash: own[3][0] as SignatureHash };
  const fits = scheme.name === 'ECDSA' ? isEcdsa(algorithm) : scheme.name === 'RSA-PSS' && algorithm === 'RSA';
  const hash = fits ? ECDSA.find(([known]) => 'hash' in scheme && known === scheme.hash)?.[0] : undefined;
  if (hash === undefined) throw new TypeError(`scheme is not one of ${algorithm} with SHA-256, SHA-384 or SHA-512`);
  return { scheme, hash };
}

/** signatureAlgorithm. */
export function signatureAlgorithm(
  key: Pick<GeneralPublicKey, 'algorithm'>,
  { scheme, hash }: SignatureSuite,
): GeneralAlgorithm {
  if (scheme.name === 'RSA-PSS')
    return generalAlgorithm(ID_RSASSA_PSS, encodePssParameters({ hash, saltLength: scheme.saltLength }));
  const own = PURE.find(([known]) => known === key.algorithm)?.[2] ?? ECDSA.find(([known]) => known === hash)?.[1];
  return generalAlgorithm(own as Uint8Array);
}

/**
 * How a SignerInfo says it was signed, if that is something the key does and the two digests belong together.
 * @returns `unfit` for what another key does or nobody should, `unsupported` for what such keys do and we do not speak
 * @throws CmsError `ERR_DER` for bad parameters
 */
export function suiteOf(
  key: Pick<GeneralPublicKey, 'algorithm'>,
  signature: GeneralAlgorithm,
  digest: GeneralAlgorithm,
): SignatureSuite | 'unfit' | 'unsupported' {
  const { algorithm } = key;
  const hash = hashOf(digest);
  const own = PURE.find(([known]) => known === algorithm);
  if (own !== undefined) {
    const [, scheme, identifier, hashes] = own;
    if (!equal(signature.oid, identifier) || signature.parameters !== undefined) return 'unfit';
    if (hash === undefined) return 'unsupported';
    return hashes.includes(hash) ? { scheme, hash } : 'unfit';
  }
  const isRsa = algorithm === 'RSA' && startsWith(signature.oid, RSA_ARC);
  if (!isRsa && !(isEcdsa(algorithm) && startsWith(signature.oid, ECDSA_ARC))) return 'unfit';
  const scheme = isRsa ? pssOf(signature) : ecdsaSchemeOf(signature);
  if (scheme === undefined || hash === undefined) return 'unsupported';
  return 'hash' in scheme && scheme.hash === hash ? { scheme, hash } : 'unfit';
}

const PSS_SHA256: SignatureScheme = { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 };

function ecdsaOf(algorithm: GeneralKeyAlgorithm): SignatureScheme {
  return { name: 'ECDSA', hash: algorithm === 'P-384' ? 'SHA-384' : 'SHA-256' };
}

/** Parameters are absent (RFC 5754 §3.3). */
function ecdsaSchemeOf({ oid, parameters }: GeneralAlgorithm): SignatureScheme | undefined {
  const hash = ECDSA.find(([, known]) => equal(known, oid))?.[0];
  return hash === undefined || parameters !== undefined ? undefined : { name: 'ECDSA', hash };
}

/** Parameters are there, and say everything (RFC 4056 §3). */
function pssOf({ oid, parameters }: GeneralAlgorithm): SignatureScheme | undefined {
  if (!equal(oid, ID_RSASSA_PSS) || parameters === undefined) return undefined;
  const read = decodePssParameters(parameters);
  return read === undefined ? undefined : { name: 'RSA-PSS', ...read };
}

function isEcdsa(algorithm: GeneralKeyAlgorithm): boolean {
  return algorithm === 'P-256' || algorithm === 'P-384';
}

function startsWith(octets: Uint8Array, prefix: Uint8Array): boolean {
  return equal(octets.subarray(0, prefix.length), prefix);
}
