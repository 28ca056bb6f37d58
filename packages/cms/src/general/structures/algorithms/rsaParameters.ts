/**
 * The parts that RSAES-OAEP and RSASSA-PSS parameters have in common: a hash, and MGF1 with a hash, each DEFAULT SHA-1
 * (RFC 4055 §2).
 * @module
 */
import { CmsError } from '../../../cmsError.js';
import type { DerReader } from '../../../derReader.js';
import { constructed, type DerNode, encoded } from '../../../derWriter.js';
import { oid } from '../../../objectIdentifiers.js';
import { equal } from '../../../octets.js';
import type { HashName } from '../../generalCrypto.js';
import { algorithmInside, generalAlgorithm, innerAlgorithm } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { hashOfRsa, readDigestAlgorithm } from './hashAlgorithms.js';

const ID_MGF1 = oid('1.2.840.113549.1.1.8');
const DEFAULT_HASH: HashName = 'SHA-1';

/** Reads the hash [0] and the mask generation [1]. @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function readHashes(parameters: DerReader): { readonly hash: HashName; readonly mgfHash: HashName } {
  const hash = explicitAlgorithm(parameters, 0xa0);
  const mask = explicitAlgorithm(parameters, 0xa1);
  if (mask !== undefined && !equal(mask.oid, ID_MGF1))
    throw new CmsError('ERR_UNSUPPORTED', 'mask generation other than MGF1 is not supported');
  return {
    hash: hash === undefined ? DEFAULT_HASH : readDigestAlgorithm(hash),
    mgfHash: mask === undefined ? DEFAULT_HASH : readDigestAlgorithm(algorithmInside(mask)),
  };
}

/** Nodes of the hash [0] and the mask generation [1]; what is DEFAULT is not written (X.690 §11.5). */
export function hashNodes(hash: HashName, mgfHash: HashName): DerNode[] {
  const mask = generalAlgorithm(ID_MGF1, hashOfRsa(mgfHash).der);
  return [
    ...(hash === DEFAULT_HASH ? [] : [constructed(0xa0, [encoded(hashOfRsa(hash).der)])]),
    ...(mgfHash === DEFAULT_HASH ? [] : [constructed(0xa1, [encoded(mask.der)])]),
  ];
}

/** Reads an AlgorithmIdentifier under an EXPLICIT tag, if one stands here. @throws CmsError `ERR_DER` */
export function explicitAlgorithm(parameters: DerReader, tag: number): GeneralAlgorithm | undefined {
  if (parameters.tag !== tag) return undefined;
  const inside = parameters.constructed(tag);
  const algorithm = innerAlgorithm(inside);
  inside.end();
  return algorithm;
}
