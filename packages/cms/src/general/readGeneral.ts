/**
 * Reading anything: CMS, keys, certificates, DER or BER, known or not. For looking at things; no key is ever needed and
 * nothing that is read here is thereby believed.
 * @module
 */
import { decodeDerTree } from '../derTree.js';
import { annotate, typeOf } from './annotate.js';
import { BerSource } from './berTree.js';
import { readBrokenTree } from './brokenTree.js';
import { CERTIFICATE, CERTIFICATE_LIST, CERTIFICATION_REQUEST } from './certificateShapes.js';
import { AUTH_ENVELOPED_DATA, CONTENT_INFO, ENVELOPED_DATA, PFX, SIGNED_DATA } from './cmsShapes.js';
import type { BrokenObject, GeneralLimits, GeneralObject } from './generalNode.js';
import {
  DSA_PRIVATE_KEY,
  EC_PRIVATE_KEY,
  ENCRYPTED_PRIVATE_KEY_INFO,
  ONE_ASYMMETRIC_KEY,
  RSA_PRIVATE_KEY,
  SUBJECT_PUBLIC_KEY_INFO,
} from './keyShapes.js';
import { ANY, secret } from './shape.js';

/** What may stand outermost; the order decides between outlines that are alike. */
const OUTERMOST = [
  CONTENT_INFO,
  SUBJECT_PUBLIC_KEY_INFO,
  PFX,
  ONE_ASYMMETRIC_KEY,
  CERTIFICATE,
  CERTIFICATE_LIST,
  CERTIFICATION_REQUEST,
  ENCRYPTED_PRIVATE_KEY_INFO,
  EC_PRIVATE_KEY,
  RSA_PRIVATE_KEY,
  DSA_PRIVATE_KEY,
  SIGNED_DATA,
  AUTH_ENVELOPED_DATA,
  ENVELOPED_DATA,
];

/**
 * Reads what `readGeneral` refuses, as far as it goes, and says where it stops. What is of no known structure shows no octets:
 * it may be a private key of which a part is lost.
 * @throws CmsError `ERR_DER` for input that is empty or longer than the limit
 */
export function readBroken(octets: Uint8Array, limits: GeneralLimits): BrokenObject {
  const { root, broken, count } = readBrokenTree(octets, limits);
  if (root === undefined) return broken;
  const shape = typeOf(root, OUTERMOST);
  const source = new BerSource({ ...limits, nodes: Math.max(0, limits.nodes - count) });
  return {
    ...(shape.structure === '' ? {} : { structure: shape.structure }),
    root: annotate(root, shape.structure === '' ? secret(ANY) : shape, source),
    ...broken,
  };
}

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
