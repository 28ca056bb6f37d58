/**
 * Reading anything: CMS, keys, certificates, DER or BER, known or not. For looking at things; no key is ever needed and
 * nothing that is read here is thereby believed.
 * @module
 */
import { decodeDerTree } from '../derTree.js';
import { annotate, typeOf } from './annotate.js';
import { BerSource } from './berTree.js';
import { CERTIFICATE, CERTIFICATE_LIST, CERTIFICATION_REQUEST } from './certificateShapes.js';
import { CONTENT_INFO, PFX } from './cmsShapes.js';
import type { GeneralLimits, GeneralObject } from './generalNode.js';
import {
  DSA_PRIVATE_KEY,
  EC_PRIVATE_KEY,
  ENCRYPTED_PRIVATE_KEY_INFO,
  ONE_ASYMMETRIC_KEY,
  RSA_PRIVATE_KEY,
  SUBJECT_PUBLIC_KEY_INFO,
} from './keyShapes.js';

/** What may stand outermost; the order decides between outlines that are alike. */
const OUTERMOST = [
  CONTENT_INFO,
  SUBJECT_PUBLIC_KEY_INFO,
  ONE_ASYMMETRIC_KEY,
  CERTIFICATE,
  CERTIFICATE_LIST,
  CERTIFICATION_REQUEST,
  ENCRYPTED_PRIVATE_KEY_INFO,
  EC_PRIVATE_KEY,
  RSA_PRIVATE_KEY,
  DSA_PRIVATE_KEY,
  PFX,
];

/**
 * Reads any BER or DER value as a tree, with names where the structure is known. Private keys come without their secret.
 * @throws CmsError `ERR_DER` for what is not BER or goes beyond the limits
 * @example
 * const { structure, isStrictDer, root } = readGeneral(octets, GENERAL_LIMITS);
 */
export function readGeneral(octets: Uint8Array, limits: GeneralLimits): GeneralObject {
  const source = new BerSource(limits);
  const root = source.read(octets);
  const length = root.headerLength + root.content.length + (root.indefinite ? 2 : 0);
  const shape = typeOf(root, OUTERMOST);
  return {
    ...(shape.structure === '' ? {} : { structure: shape.structure }),
    isStrictDer: isStrictDer(octets, limits),
    trailingOctets: octets.length - length,
    root: annotate(root, shape, source),
  };
}

function isStrictDer(octets: Uint8Array, { octets: length, depth }: GeneralLimits): boolean {
  try {
    decodeDerTree(octets, { octets: length, depth });
    return true;
  } catch {
    return false;
  }
}
