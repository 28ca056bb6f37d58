/**
 * AuthenticatedData for recipients of any kind (RFC 5652 §9).
 *
 * ```
 * AuthenticatedData ::= SEQUENCE { version CMSVersion, originatorInfo [0] IMPLICIT OriginatorInfo OPTIONAL,
 *   recipientInfos SET OF RecipientInfo, macAlgorithm, digestAlgorithm [1] IMPLICIT DigestAlgorithmIdentifier OPTIONAL,
 *   encapContentInfo EncapsulatedContentInfo, authAttrs [2] IMPLICIT AuthAttributes OPTIONAL, mac OCTET STRING,
 *   unauthAttrs [3] IMPLICIT UnauthAttributes OPTIONAL }
 * ```
 * @module
 */
import { derError } from '../../cmsError.js';
import { encodeDer, encoded, integer, objectIdentifier, octetString, retaggedNode } from '../../derWriter.js';
import { oid } from '../../objectIdentifiers.js';
import { concat } from '../../octets.js';
import type { BerNode } from '../berTree.js';
import { readAlgorithm } from './algorithm.js';
import { attributesUnder, readGeneralAttributes } from './attributes.js';
import { BerFields, TAG } from './berFields.js';
import { type ContentFrame, contentFrame, type Layer } from './frame.js';
import { readRecipientInfos } from './readRecipientInfo.js';
import { readEncapsulatedContent } from './signedData.js';
import type { GeneralAuthenticatedData } from './types.js';
import { type RecipientInfoToWrite, recipientInfosNode } from './writeRecipientInfo.js';

/** id-ct-authData (RFC 5652 §9.1). */
export const ID_CT_AUTH_DATA: Uint8Array = oid('1.2.840.113549.1.9.16.1.2');

/** What must be known of an AuthenticatedData before its content. */
export interface AuthenticatedDataHead
  extends Pick<GeneralAuthenticatedData, 'macAlgorithm' | 'digestAlgorithm' | 'eContentType'> {
  /** The recipients; they are sorted. */
  readonly recipientInfos: readonly RecipientInfoToWrite[];
}

/** What follows the content of an AuthenticatedData. */
export type AuthenticatedDataTail = Pick<GeneralAuthenticatedData, 'authAttrs' | 'mac' | 'unauthAttrs'>;

/** An AuthenticatedData to be written. */
export interface AuthenticatedDataToWrite
  extends AuthenticatedDataHead,
    AuthenticatedDataTail,
    Pick<GeneralAuthenticatedData, 'eContent'> {}

/** DER of a ContentInfo of AuthenticatedData. @throws RangeError for authAttrs without digestAlgorithm, or the reverse */
export function encodeGeneralAuthenticatedData(data: AuthenticatedDataToWrite): Uint8Array {
  const { eContent, digestAlgorithm, authAttrs } = data;
  if ((digestAlgorithm === undefined) !== (authAttrs === undefined))
    throw new RangeError('digestAlgorithm and authAttrs go together');
  const tail = encodeAuthenticatedDataTail(data);
  const hole = eContent === undefined ? undefined : { tag: 0x04, length: eContent.length };
  const frame = contentFrame(layersOf(data, eContent !== undefined), hole, tail.length);
  return concat(frame.head, ...(eContent === undefined ? [] : [eContent]), frame.tail(tail));
}

/**
 * The octets around content that is authenticated in pieces.
 * @param contentLength length of the content in octets; `undefined`: BER, the content in chunks
 * @param tailLength length in octets of what `encodeAuthenticatedDataTail` will give, for DER; `undefined` where it is not known
 */
export function authenticatedDataFrame(
  data: AuthenticatedDataHead,
  contentLength: number | undefined,
  tailLength: number | undefined,
): ContentFrame<AuthenticatedDataTail> {
  const frame = contentFrame(layersOf(data, true), { tag: 0x04, length: contentLength }, tailLength);
  return { ...frame, tail: (parts) => frame.tail(encodeAuthenticatedDataTail(parts)) };
}

/** What follows the content, as DER. */
export function encodeAuthenticatedDataTail({ authAttrs, mac, unauthAttrs }: AuthenticatedDataTail): Uint8Array {
  const parts = [...attributesUnder(0xa2, authAttrs), octetString(mac), ...attributesUnder(0xa3, unauthAttrs)];
  return concat(...parts.map(encodeDer));
}

/** Reads an AuthenticatedData; originatorInfo is passed over. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function readAuthenticatedData(node: BerNode): GeneralAuthenticatedData {
  const fields = new BerFields(node, TAG.sequence);
  const version = fields.integer();
  fields.optional(0x80);
  const recipientInfos = readRecipientInfos(fields.any());
  const macAlgorithm = readAlgorithm(fields.any());
  const digest = fields.optional(0x81);
  const digestAlgorithm = digest === undefined ? undefined : readAlgorithm(digest, 0x81);
  const content = readEncapsulatedContent(fields.any());
  const authAttrs = readGeneralAttributes(fields, 0x82, 1);
  const mac = fields.octetString();
  const unauthAttrs = readGeneralAttributes(fields, 0x83, 0);
  fields.end();
  if (authAttrs !== undefined && digestAlgorithm === undefined) throw derError('authAttrs without digestAlgorithm');
  return { version, recipientInfos, macAlgorithm, digestAlgorithm, ...content, authAttrs, mac, unauthAttrs };
}

function layersOf(data: AuthenticatedDataHead, attached: boolean): Layer[] {
  const { recipientInfos, macAlgorithm, digestAlgorithm, eContentType } = data;
  const before = [
    integer(0),
    recipientInfosNode(recipientInfos),
    encoded(macAlgorithm.der),
    ...(digestAlgorithm === undefined ? [] : [retaggedNode(0xa1, digestAlgorithm.der)]),
  ];
  return [
    { tag: 0x30, before: [objectIdentifier(ID_CT_AUTH_DATA)] },
    { tag: 0xa0, before: [] },
    { tag: 0x30, before, holdsTail: true },
    { tag: 0x30, before: [objectIdentifier(eContentType)] },
    ...(attached ? [{ tag: 0xa0, before: [] }] : []),
  ];
}
