/**
 * ContentInfo (RFC 5652 §3): what stands outermost.
 *
 * ```
 * ContentInfo ::= SEQUENCE { contentType ContentType, content [0] EXPLICIT ANY DEFINED BY contentType }
 * ```
 * @module
 */
import { CmsError } from './cmsError.js';
import { DER_LIMITS, type DerLimits, DerReader } from './derReader.js';
import { constructed, type DerNode, objectIdentifier, sequence } from './derWriter.js';
import { equal } from './octets.js';

/** Node of a ContentInfo. */
export function contentInfo(contentType: Uint8Array, content: DerNode): DerNode {
  return sequence(objectIdentifier(contentType), constructed(0xa0, [content]));
}

/** A reader at the content of a ContentInfo of the given type, the last thing in `der`. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` for another type (A2) */
export function readContentInfo(der: Uint8Array, contentType: Uint8Array, limits: DerLimits = DER_LIMITS): DerReader {
  const outer = new DerReader(der, limits);
  const inside = outer.sequence();
  outer.end();
  const found = inside.objectIdentifier();
  if (!equal(found, contentType)) throw new CmsError('ERR_UNSUPPORTED', 'another content type');
  const content = inside.constructed(0xa0);
  inside.end();
  return content;
}
