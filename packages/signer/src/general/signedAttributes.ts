/**
 * What signed and unsigned attributes must say and must not (RFC 5652 §5.3, §11; RFC 6211).
 * @module
 */
import { DerReader, equal, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNING_TIME, oid } from '@stanzaseal/cms';
import { type GeneralAttributes, type GeneralSignerInfo, singleValue } from '@stanzaseal/cms/general';
import { hashOf } from './digestAlgorithm.js';

/** What the signed attributes say about the content. */
export interface SignedStatement {
  /** Content octets of content-type. */
  readonly contentType: Uint8Array;
  /** message-digest. */
  readonly digest: Uint8Array;
  /** signing-time in ms since 1970. */
  readonly signingTime: number | undefined;
}

/** id-countersignature (RFC 5652 §11.4). */
const ID_COUNTERSIGNATURE = oid('1.2.840.113549.1.9.6');
/** id-aa-CMSAlgorithmProtection (RFC 6211 §2). */
const ID_ALGORITHM_PROTECTION = oid('1.2.840.113549.1.9.52');
/** What says something about the signature only where it is signed (RFC 5652 §11.1-§11.3, RFC 6211 §2). */
const SIGNED_ONLY = [ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNING_TIME, ID_ALGORITHM_PROTECTION];

/**
 * Whether attributes stand where they may: what must be signed is not unsigned, as a signing-time that anybody may write would
 * look like the signer's word; a countersignature is not signed.
 */
export function areInPlace({ signedAttrs, unsignedAttrs }: GeneralSignerInfo): boolean {
  return !SIGNED_ONLY.some((attrType) => has(unsignedAttrs, attrType)) && !has(signedAttrs, ID_COUNTERSIGNATURE);
}

/**
 * Reads signed attributes: content-type and message-digest exactly once with exactly one value, signing-time at most once (B4,
 * B5). `undefined` where one is missing, or id-aa-CMSAlgorithmProtection names other algorithms. @throws CmsError `ERR_DER` for
 * attributes that stand twice, have not one value, or one of another type
 */
export function readSignedAttributes(signerInfo: GeneralSignerInfo): SignedStatement | undefined {
  const { signedAttrs } = signerInfo;
  const type = singleValue(signedAttrs, ID_CONTENT_TYPE);
  const digest = singleValue(signedAttrs, ID_MESSAGE_DIGEST);
  const time = singleValue(signedAttrs, ID_SIGNING_TIME);
  const protection = singleValue(signedAttrs, ID_ALGORITHM_PROTECTION);
  if (type === undefined || digest === undefined) return undefined;
  if (protection !== undefined && !protects(protection, signerInfo)) return undefined;
  return {
    contentType: whole(type, (reader) => reader.objectIdentifier()),
    digest: whole(digest, (reader) => reader.octetString()),
    signingTime: time === undefined ? undefined : whole(time, (reader) => reader.time()),
  };
}

/**
 * `CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm, signatureAlgorithm [1] OPTIONAL, macAlgorithm [2] OPTIONAL }` names
 * the algorithms of the SignerInfo (RFC 6211 §3); a digest with NULL parameters is the one without.
 */
function protects(value: Uint8Array, { digestAlgorithm, signatureAlgorithm }: GeneralSignerInfo): boolean {
  return whole(value, (reader) => {
    const inside = reader.sequence();
    const digest = inside.sequence();
    const named = { oid: digest.objectIdentifier(), parameters: digest.atEnd ? undefined : digest.any() };
    digest.end();
    if (inside.tag !== 0xa1) return false;
    const signature = inside.constructed(0xa1).rest();
    inside.end();
    const own = new DerReader(signatureAlgorithm.der).sequence().rest();
    return hashOf(named) !== undefined && hashOf(named) === hashOf(digestAlgorithm) && equal(signature, own);
  });
}

function whole<T>(der: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = new DerReader(der);
  const value = read(reader);
  reader.end();
  return value;
}

function has(attributes: GeneralAttributes | undefined, attrType: Uint8Array): boolean {
  return attributes?.attributes.some((each) => equal(each.attrType, attrType)) === true;
}
