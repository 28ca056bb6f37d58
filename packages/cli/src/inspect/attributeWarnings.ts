/**
 * What is odd about attributes that are signed or authenticated (RFC 5652 §11), and whether the digest among them is that of the
 * content, which takes no key to see.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { GeneralNode } from '@stanzaseal/cms/general';
import type { Look } from './look.js';
import { attributesOf, oidOf, part, stringOctets } from './nodes.js';

const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
/** Attributes with exactly one value: content-type, message-digest, signing-time (RFC 5652 §11.1 to §11.3). */
const SINGLE: ReadonlySet<string> = new Set(['1.2.840.113549.1.9.3', MESSAGE_DIGEST, '1.2.840.113549.1.9.5']);
const HASH = '2.16.840.1.101.3.4.2';
/** Digests that Node has under these names. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.5', 'md5'],
  ['1.3.14.3.2.26', 'sha1'],
  [`${HASH}.1`, 'sha256'],
  [`${HASH}.2`, 'sha384'],
  [`${HASH}.3`, 'sha512'],
  [`${HASH}.4`, 'sha224'],
  [`${HASH}.8`, 'sha3-256'],
  [`${HASH}.9`, 'sha3-384'],
  [`${HASH}.10`, 'sha3-512'],
]);

/** Adds warnings about types that stand twice (F8) and about types of one value that have another number of them. */
export function addAttributeWarnings(set: GeneralNode | undefined, look: Look): void {
  const seen = new Set<string>();
  for (const { oid, name, node, values } of attributesOf(set)) {
    if (seen.has(oid))
      look.warnings.add('duplicate-attribute', node, `${name} stands twice: readers differ in which they take`);
    seen.add(oid);
    if (SINGLE.has(oid) && values.length !== 1 && node.incomplete === undefined) {
      look.warnings.add('attribute-values', node, `${name} has ${values.length} values in place of one`);
    }
  }
}

/** Adds a warning where message-digest is not the digest of the octets it should be of; of what is elsewhere, nothing. */
export function addDigestWarning(
  attributes: GeneralNode | undefined,
  algorithm: GeneralNode | undefined,
  content: GeneralNode | undefined,
  look: Look,
): void {
  const stated = attributesOf(attributes).find(({ oid }) => oid === MESSAGE_DIGEST)?.values[0];
  const digest = DIGESTS.get(oidOf(part(algorithm, 'algorithm')) ?? '');
  if (stated === undefined || digest === undefined || content?.tag !== 'OCTET STRING') return;
  if (equal(look.digest(content, digest), stringOctets(stated, look.input))) return;
  look.warnings.add('digest-differs', stated, `not the ${digest} of the content: no signature over this holds`);
}
