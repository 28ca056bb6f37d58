/**
 * ContentInfo of the kinds that are taken, in BER or DER (RFC 5652 §3).
 *
 * ```
 * ContentInfo ::= SEQUENCE { contentType ContentType, content [0] EXPLICIT ANY DEFINED BY contentType }
 * ```
 * @module
 */
import { CmsError, derError } from '../../cmsError.js';
import { ID_CT_AUTH_ENVELOPED_DATA, ID_SIGNED_DATA, oidToText } from '../../objectIdentifiers.js';
import { equal } from '../../octets.js';
import { type BerNode, BerSource } from '../berTree.js';
import type { GeneralLimits } from '../generalNode.js';
import { oidNames } from '../oidNames.js';
import { readAuthEnvelopedData } from './authEnvelopedData.js';
import { ID_CT_AUTH_DATA, readAuthenticatedData } from './authenticatedData.js';
import { BerFields, explicitOf, TAG } from './berFields.js';
import { readSignedData } from './signedData.js';
import type { GeneralContentInfo, GeneralSignedData } from './types.js';

/**
 * Reads a ContentInfo of SignedData, AuthEnvelopedData or AuthenticatedData. Octets in the result are views of the input, or
 * joined where they came in chunks. At most 512 recipients, 32 signers, 32 attributes in a set.
 * @throws CmsError `ERR_UNSUPPORTED` for any other kind, which the message names; `ERR_DER` for what is malformed, beyond the
 * limits, or followed by more octets
 * @example
 * const contentInfo = readGeneralContentInfo(octets, GENERAL_LIMITS);
 * if (contentInfo.kind === 'AuthEnvelopedData') contentInfo.recipientInfos;
 */
export function readGeneralContentInfo(octets: Uint8Array, limits: GeneralLimits): GeneralContentInfo {
  const fields = new BerFields(readWhole(octets, limits), TAG.sequence);
  const contentType = fields.objectIdentifier();
  const wrapper = fields.take(0x80);
  fields.end();
  const read = READERS.find(([type]) => equal(type, contentType))?.[1];
  if (read === undefined) throw unsupportedContentType(contentType);
  return read(explicitOf(wrapper, 0x80));
}

/**
 * Reads a SignedData that stands without a ContentInfo, as the content of another structure that says it is id-signedData.
 * @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED`
 */
export function readGeneralSignedData(octets: Uint8Array, limits: GeneralLimits): GeneralSignedData {
  return readSignedData(readWhole(octets, limits));
}

/** The clean refusal of another kind of content, with its name: for throwing. */
export function unsupportedContentType(contentType: Uint8Array): CmsError {
  const text = oidToText(contentType);
  return new CmsError('ERR_UNSUPPORTED', `content type ${oidNames.get(text) ?? text} is not supported`);
}

const READERS: readonly (readonly [contentType: Uint8Array, read: (node: BerNode) => GeneralContentInfo])[] = [
  [ID_SIGNED_DATA, (node) => ({ kind: 'SignedData', ...readSignedData(node) })],
  [ID_CT_AUTH_ENVELOPED_DATA, (node) => ({ kind: 'AuthEnvelopedData', ...readAuthEnvelopedData(node) })],
  [ID_CT_AUTH_DATA, (node) => ({ kind: 'AuthenticatedData', ...readAuthenticatedData(node) })],
];

function readWhole(octets: Uint8Array, limits: GeneralLimits): BerNode {
  const node = new BerSource(limits).read(octets);
  const length = node.headerLength + node.content.length + (node.indefinite ? 2 : 0);
  if (length !== octets.length) throw derError('trailing octets');
  return node;
}
