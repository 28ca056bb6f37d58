/**
 * The digests of timestamps and evidence records, by their object identifiers (RFC 5754 §2).
 * @module
 */
import { hash } from 'node:crypto';
import {
  CmsError,
  concat,
  type DerNode,
  type DerReader,
  equal,
  objectIdentifier,
  oid,
  sequence,
} from '@stanzaseal/cms';

/** A digest that is strong enough to be relied on. */
export type DigestName = 'SHA-256' | 'SHA-384' | 'SHA-512';

const DIGESTS: readonly (readonly [name: DigestName, node: string, oid: Uint8Array])[] = [
  ['SHA-256', 'sha256', oid('2.16.840.1.101.3.4.2.1')],
  ['SHA-384', 'sha384', oid('2.16.840.1.101.3.4.2.2')],
  ['SHA-512', 'sha512', oid('2.16.840.1.101.3.4.2.3')],
];
const NULL = Uint8Array.of(0x05, 0x00);

/** The digest of octet strings, joined. */
export function digest(name: DigestName, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(hash(find(name)[1], concat(...parts), 'buffer'));
}

/** AlgorithmIdentifier of a digest, parameters absent (RFC 5754 §2). `tag` for an IMPLICIT one. */
export function digestNode(name: DigestName, tag = 0x30): DerNode {
  return { ...sequence(objectIdentifier(find(name)[2])), tag };
}

/** Reads the AlgorithmIdentifier of a digest; absent parameters and NULL mean the same (RFC 5754 §2, K16). @throws CmsError */
export function readDigestName(reader: DerReader, tag = 0x30): DigestName {
  const fields = reader.constructed(tag);
  const name = digestOf(fields.objectIdentifier());
  if (!fields.atEnd && !fields.skipIf(NULL)) throw new CmsError('ERR_DER', 'digest with parameters');
  fields.end();
  return name;
}

/** The digest of an object identifier's content octets. @throws CmsError `ERR_UNSUPPORTED` for another, SHA-1 above all */
export function digestOf(algorithm: Uint8Array): DigestName {
  const found = DIGESTS.find(([, , known]) => equal(known, algorithm));
  if (found === undefined) throw new CmsError('ERR_UNSUPPORTED', 'digest is not supported');
  return found[0];
}

function find(name: DigestName): (typeof DIGESTS)[number] {
  const found = DIGESTS.find(([known]) => known === name);
  if (found === undefined) throw new TypeError('name is no digest');
  return found;
}
