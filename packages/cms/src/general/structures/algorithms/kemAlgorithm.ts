/**
 * Key encapsulation: ML-KEM (RFC 9936 §2), without parameters.
 * @module
 */
import type { GeneralKeyAlgorithm } from '../../generalKey.js';
import { expectNoParameters, generalAlgorithm } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, oidOf, oidTable } from './oidTable.js';

/** Keys that take encapsulations. */
export type KemName = Extract<GeneralKeyAlgorithm, `ML-KEM-${number}`>;

const KEMS = oidTable<KemName>('2.16.840.1.101.3.4.4', [
  ['ML-KEM-512', 1],
  ['ML-KEM-768', 2],
  ['ML-KEM-1024', 3],
]);

/** Reads the `kem` of a KEMRecipientInfo. @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function readKemAlgorithm(algorithm: GeneralAlgorithm): KemName {
  const name = nameOf(KEMS, algorithm, 'key encapsulation by');
  expectNoParameters(algorithm);
  return name;
}

/** The `kem` of a KEMRecipientInfo. */
export function kemAlgorithm(name: KemName): GeneralAlgorithm {
  return generalAlgorithm(oidOf(KEMS, name));
}
