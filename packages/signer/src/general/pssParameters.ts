/**
 * Parameters of RSASSA-PSS (RFC 4055 §3.1, RFC 4056 §3).
 *
 * ```
 * RSASSA-PSS-params ::= SEQUENCE {
 *   hashAlgorithm    [0] HashAlgorithm    DEFAULT sha1Identifier,
 *   maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
 *   saltLength       [2] INTEGER          DEFAULT 20,
 *   trailerField     [3] INTEGER          DEFAULT 1 }
 * ```
 * @module
 */
import {
  constructed,
  DerReader,
  encodeDer,
  encoded,
  equal,
  integer,
  objectIdentifier,
  oid,
  sequence,
} from '@stanzaseal/cms';
import { hashAlgorithm, hashOf } from './digestAlgorithm.js';
import type { SignatureHash } from './policy.js';

/** PSS with one hash for message and mask. */
export interface PssParameters {
  /** The hash. */
  readonly hash: SignatureHash;
  /** Length of the salt in octets. */
  readonly saltLength: number;
}

const ID_MGF1 = oid('1.2.840.113549.1.1.8');

/** DER of parameters. */
export function encodePssParameters({ hash, saltLength }: PssParameters): Uint8Array {
  const algorithm = encoded(hashAlgorithm(hash).der);
  return encodeDer(
    sequence(
      constructed(0xa0, [algorithm]),
      constructed(0xa1, [sequence(objectIdentifier(ID_MGF1), algorithm)]),
      constructed(0xa2, [integer(saltLength)]),
    ),
  );
}

/**
 * Reads parameters: `undefined` for those that are not spoken, which is SHA-1 (that is, anything left out), another mask, two
 * hashes. @throws CmsError `ERR_DER`
 */
export function decodePssParameters(der: Uint8Array): PssParameters | undefined {
  const reader = new DerReader(der);
  const parameters = reader.sequence();
  reader.end();
  const hash = parameters.tag === 0xa0 ? readHash(parameters.constructed(0xa0)) : undefined;
  const maskHash = parameters.tag === 0xa1 ? readMask(parameters.constructed(0xa1)) : undefined;
  const saltLength = parameters.tag === 0xa2 ? readNumber(parameters.constructed(0xa2)) : 20;
  const trailer = parameters.tag === 0xa3 ? readNumber(parameters.constructed(0xa3)) : 1;
  parameters.end();
  return hash === undefined || maskHash !== hash || trailer !== 1 ? undefined : { hash, saltLength };
}

function readHash(outer: DerReader): SignatureHash | undefined {
  const algorithm = outer.sequence();
  outer.end();
  const name = algorithm.objectIdentifier();
  const parameters = algorithm.atEnd ? undefined : algorithm.any();
  algorithm.end();
  return hashOf({ oid: name, parameters });
}

function readMask(outer: DerReader): SignatureHash | undefined {
  const mask = outer.sequence();
  outer.end();
  const isMgf1 = equal(mask.objectIdentifier(), ID_MGF1);
  return isMgf1 ? readHash(mask) : undefined;
}

function readNumber(outer: DerReader): number {
  const value = outer.integer();
  outer.end();
  return value;
}
