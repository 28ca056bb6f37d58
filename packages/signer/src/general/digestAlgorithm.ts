/**
 * Digests by their AlgorithmIdentifiers (RFC 5754 §2).
 * @module
 */
import { equal, oid } from '@stanzaseal/cms';
import { type GeneralAlgorithm, generalAlgorithm } from '@stanzaseal/cms/general';
import type { SignatureHash } from './policy.js';

const OIDS: readonly (readonly [hash: SignatureHash, oid: Uint8Array])[] = [
  ['SHA-256', oid('2.16.840.1.101.3.4.2.1')],
  ['SHA-384', oid('2.16.840.1.101.3.4.2.2')],
  ['SHA-512', oid('2.16.840.1.101.3.4.2.3')],
];

/** The digest that an AlgorithmIdentifier names, or `undefined` for one that is not spoken. Parameters are absent or NULL (RFC 5754 §2). */
export function hashOf({ oid, parameters }: Pick<GeneralAlgorithm, 'oid' | 'parameters'>): SignatureHash | undefined {
  if (parameters !== undefined && !equal(parameters, NULL)) return undefined;
  return OIDS.find(([, known]) => equal(known, oid))?.[0];
}

/** The AlgorithmIdentifier of a digest, parameters absent. */
export function hashAlgorithm(hash: SignatureHash): GeneralAlgorithm {
  const [, algorithm] = OIDS.find(([known]) => known === hash) as (typeof OIDS)[number];
  return generalAlgorithm(algorithm);
}

/** Length of a digest in octets. */
export function hashLength(hash: SignatureHash): number {
  return Number(hash.slice(4)) / 8;
}

/** DER of NULL. */
const NULL: Uint8Array = Uint8Array.of(0x05, 0x00);
