/**
 * AuthEnvelopedData (RFC 5083 §2.1).
 *
 * ```
 * AuthEnvelopedData ::= SEQUENCE { version CMSVersion (0), recipientInfos SET OF RecipientInfo,
 *   authEncryptedContentInfo EncryptedContentInfo, authAttrs [1] IMPLICIT SET OF Attribute, mac OCTET STRING }
 * EncryptedContentInfo ::= SEQUENCE { contentType, contentEncryptionAlgorithm, encryptedContent [0] IMPLICIT OCTET STRING }
 * ```
 * @module
 */
import {
  type ContentEncryption,
  contentEncryptionAlgorithm,
  GCM_TAG_LENGTH,
  readContentEncryption,
} from './algorithmIdentifier.js';
import { type Attribute, readAttributes, retagged } from './attribute.js';
import { contentInfo, readContentInfo } from './contentInfo.js';
import { DER_LIMITS, type DerLimits } from './derReader.js';
import {
  constructed,
  type DerNode,
  encodeDer,
  encodedLength,
  encodeInto,
  integer,
  objectIdentifier,
  octetString,
  retaggedNode,
  sequence,
} from './derWriter.js';
import {
  encodeKeyAgreeRecipientInfo,
  type KeyAgreeRecipientInfo,
  MAX_RECIPIENTS,
  readKeyAgreeRecipientInfo,
} from './keyAgreeRecipientInfo.js';
import { ID_CT_AUTH_ENVELOPED_DATA } from './objectIdentifiers.js';

/** An AuthEnvelopedData with one KeyAgreeRecipientInfo. */
export interface AuthEnvelopedData {
  /** The one RecipientInfo. */
  readonly kari: KeyAgreeRecipientInfo;
  /** Content octets of the inner content type. */
  readonly contentType: Uint8Array;
  /** Content encryption. */
  readonly contentEncryption: ContentEncryption;
  /** Ciphertext without the tag. */
  readonly encryptedContent: Uint8Array;
  /** Authenticated attributes. */
  readonly authAttrs: readonly Attribute[];
  /** DER of the authenticated attributes under the SET tag 0x31: the AAD (RFC 5083 §2.2). */
  readonly authAttrsDer: Uint8Array;
  /** The tag: 16 octets. */
  readonly mac: Uint8Array;
}

/** An AuthEnvelopedData as it was read. */
export interface DecodedAuthEnvelopedData extends AuthEnvelopedData {
  /** DER of what follows the recipientInfos (authEncryptedContentInfo, authAttrs, mac): re-wrapping leaves it alone, so it names the object. */
  readonly afterRecipientInfos: Uint8Array;
  /** DER of what follows the authEncryptedContentInfo (authAttrs, mac). */
  readonly afterContent: Uint8Array;
}

/** Limits on an object: those of DER, and on the number of recipients. */
export interface ObjectLimits extends DerLimits {
  /** Most recipients. */
  readonly recipients: number;
}

/** 256 KiB, 16 levels, 512 recipients. */
export const OBJECT_LIMITS: ObjectLimits = Object.freeze({ ...DER_LIMITS, recipients: MAX_RECIPIENTS });

/**
 * DER of a ContentInfo with the AuthEnvelopedData in it.
 * @param room octets at whose end to write it: encrypted content that stands there in its place already is left as it is
 * @throws RangeError for room that is too short
 */
export function encodeAuthEnvelopedData(data: AuthEnvelopedData, room?: Uint8Array): Uint8Array {
  const node = authEnvelopedDataNode(data, octetString(data.encryptedContent, 0x80));
  return room === undefined ? encodeDer(node) : encodeInto(node, room.subarray(-encodedLength(node)));
}

/** Length in octets of what `encodeAuthEnvelopedData` gives with encryptedContent of a length. */
export function authEnvelopedDataLength(
  data: Omit<AuthEnvelopedData, 'encryptedContent'>,
  contentLength: number,
): number {
  return encodedLength(authEnvelopedDataNode(data, { tag: 0x80, length: contentLength, content: [] }));
}

function authEnvelopedDataNode(data: Omit<AuthEnvelopedData, 'encryptedContent'>, encryptedContent: DerNode): DerNode {
  return contentInfo(
    ID_CT_AUTH_ENVELOPED_DATA,
    sequence(
      integer(0),
      constructed(0x31, [encodeKeyAgreeRecipientInfo(data.kari)]),
      sequence(
        objectIdentifier(data.contentType),
        contentEncryptionAlgorithm(data.contentEncryption),
        encryptedContent,
      ),
      retaggedNode(0xa1, data.authAttrsDer),
      octetString(data.mac),
    ),
  );
}

/**
 * Reads a ContentInfo of AuthEnvelopedData with exactly one RecipientInfo, a KeyAgreeRecipientInfo of X25519. Other
 * RecipientInfos, originatorInfo and unauthAttrs have no place here (A12, A14). Absent content is refused (A8).
 * @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED`
 */
export function decodeAuthEnvelopedData(
  der: Uint8Array,
  limits: ObjectLimits = OBJECT_LIMITS,
): DecodedAuthEnvelopedData {
  const content = readContentInfo(der, ID_CT_AUTH_ENVELOPED_DATA, limits);
  const data = content.sequence();
  content.end();
  data.version(0);
  const recipientInfos = data.constructed(0x31);
  const kari = readKeyAgreeRecipientInfo(recipientInfos, limits.recipients);
  recipientInfos.end();
  const afterRecipientInfos = data.rest();
  const encryptedContentInfo = data.sequence();
  const contentType = encryptedContentInfo.objectIdentifier();
  const contentEncryption = readContentEncryption(encryptedContentInfo);
  const encryptedContent = encryptedContentInfo.primitive(0x80);
  encryptedContentInfo.end();
  const afterContent = data.rest();
  const authAttrsDer = retagged(data.encodedAs(0xa1), 0x31);
  const authAttrs = readAttributes(data.over(authAttrsDer));
  const mac = data.octetStringOf(GCM_TAG_LENGTH);
  data.end();
  return {
    kari,
    contentType,
    contentEncryption,
    encryptedContent,
    authAttrs,
    authAttrsDer,
    mac,
    afterRecipientInfos,
    afterContent,
  };
}
