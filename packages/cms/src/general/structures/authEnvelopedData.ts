/**
 * AuthEnvelopedData for recipients of any kind (RFC 5083 §2.1).
 *
 * ```
 * AuthEnvelopedData ::= SEQUENCE { version CMSVersion (0), originatorInfo [0] IMPLICIT OriginatorInfo OPTIONAL,
 *   recipientInfos SET OF RecipientInfo, authEncryptedContentInfo EncryptedContentInfo,
 *   authAttrs [1] IMPLICIT AuthAttributes OPTIONAL, mac OCTET STRING, unauthAttrs [2] IMPLICIT UnauthAttributes OPTIONAL }
 * EncryptedContentInfo ::= SEQUENCE { contentType ContentType, contentEncryptionAlgorithm,
 *   encryptedContent [0] IMPLICIT OCTET STRING OPTIONAL }
 * ```
 * @module
 */
import { type DerNode, encodeDer, encoded, integer, objectIdentifier, octetString } from '../../derWriter.js';
import { ID_CT_AUTH_ENVELOPED_DATA } from '../../objectIdentifiers.js';
import { concat } from '../../octets.js';
import type { BerNode } from '../berTree.js';
import { readAlgorithm } from './algorithm.js';
import { attributesUnder, readGeneralAttributes } from './attributes.js';
import { BerFields, octetsOf, TAG } from './berFields.js';
import { type ContentFrame, type ContentHole, contentFrame } from './frame.js';
import { readRecipientInfos } from './readRecipientInfo.js';
import type { GeneralAuthEnvelopedData } from './types.js';
import { type RecipientInfoToWrite, recipientInfosNode } from './writeRecipientInfo.js';

/** What is known of an AuthEnvelopedData before its content. */
export interface AuthEnvelopedDataHead
  extends Pick<GeneralAuthEnvelopedData, 'contentType' | 'contentEncryptionAlgorithm' | 'authAttrs' | 'unauthAttrs'> {
  /** The recipients; they are sorted. */
  readonly recipientInfos: readonly RecipientInfoToWrite[];
}

/** An AuthEnvelopedData to be written. */
export interface AuthEnvelopedDataToWrite
  extends AuthEnvelopedDataHead,
    Pick<GeneralAuthEnvelopedData, 'encryptedContent' | 'mac'> {}

/** Length in octets of the tag of every AEAD that is written. */
const MAC_LENGTH = 16;

/** DER of a ContentInfo of AuthEnvelopedData; with `encryptedContent` undefined, of a detached one. */
export function encodeGeneralAuthEnvelopedData(data: AuthEnvelopedDataToWrite): Uint8Array {
  const { encryptedContent, mac } = data;
  const hole = encryptedContent === undefined ? undefined : { tag: 0x80, length: encryptedContent.length };
  const frame = frameOf(data, hole, mac.length);
  return concat(frame.head, ...(encryptedContent === undefined ? [] : [encryptedContent]), frame.tail(mac));
}

/**
 * The octets around content that is encrypted in pieces; the tag is given at the end.
 * @param contentLength length of the ciphertext in octets; `undefined`: BER, the ciphertext in chunks
 * @param macLength length of the tag in octets
 * @example
 * const frame = authEnvelopedDataFrame(data, undefined);
 * write(frame.head);
 * for await (const piece of ciphertext) write(concat(frame.chunkHeader(piece.length), piece));
 * write(frame.tail(mac));
 */
export function authEnvelopedDataFrame(
  data: AuthEnvelopedDataHead,
  contentLength: number | undefined,
  macLength: number = MAC_LENGTH,
): ContentFrame<Uint8Array> {
  return frameOf(data, { tag: 0x80, length: contentLength }, macLength);
}

/** Reads an AuthEnvelopedData; originatorInfo is passed over. @throws CmsError `ERR_DER` */
export function readAuthEnvelopedData(node: BerNode): GeneralAuthEnvelopedData {
  const fields = new BerFields(node, TAG.sequence);
  const version = fields.integer();
  fields.optional(0x80);
  const recipientInfos = readRecipientInfos(fields.any());
  const content = readEncryptedContent(fields.any());
  const authAttrs = readGeneralAttributes(fields, 0x81, 1);
  const mac = fields.octetString();
  const unauthAttrs = readGeneralAttributes(fields, 0x82, 0);
  fields.end();
  return { version, recipientInfos, ...content, authAttrs, mac, unauthAttrs };
}

function readEncryptedContent(
  node: BerNode,
): Pick<GeneralAuthEnvelopedData, 'contentType' | 'contentEncryptionAlgorithm' | 'encryptedContent'> {
  const fields = new BerFields(node, TAG.sequence);
  const contentType = fields.objectIdentifier();
  const contentEncryptionAlgorithm = readAlgorithm(fields.any());
  const content = fields.optional(0x80);
  fields.end();
  const encryptedContent = content === undefined ? undefined : octetsOf(content, 0x80);
  return { contentType, contentEncryptionAlgorithm, encryptedContent };
}

function frameOf(
  data: AuthEnvelopedDataHead,
  hole: ContentHole | undefined,
  macLength: number,
): ContentFrame<Uint8Array> {
  const tail = (mac: Uint8Array): Uint8Array =>
    concat(
      ...[...attributesUnder(0xa1, data.authAttrs), octetString(mac), ...attributesUnder(0xa2, data.unauthAttrs)].map(
        encodeDer,
      ),
    );
  const recipients: DerNode = recipientInfosNode(data.recipientInfos);
  const frame = contentFrame(
    [
      { tag: 0x30, before: [objectIdentifier(ID_CT_AUTH_ENVELOPED_DATA)] },
      { tag: 0xa0, before: [] },
      { tag: 0x30, before: [integer(0), recipients], holdsTail: true },
      { tag: 0x30, before: [objectIdentifier(data.contentType), encoded(data.contentEncryptionAlgorithm.der)] },
    ],
    hole,
    tail(new Uint8Array(macLength)).length,
  );
  return { ...frame, tail: (mac) => frame.tail(tail(mac)) };
}
