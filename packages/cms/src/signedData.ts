/**
 * SignedData (RFC 5652 §5.1) in the form of the profile: version 3, content inside, signers named by subjectKeyIdentifier,
 * signed attributes always, no certificates, no CRLs.
 *
 * ```
 * SignedData ::= SEQUENCE { version CMSVersion, digestAlgorithms SET OF DigestAlgorithmIdentifier,
 *                           encapContentInfo EncapsulatedContentInfo, signerInfos SET OF SignerInfo }
 * EncapsulatedContentInfo ::= SEQUENCE { eContentType ContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL }
 * ```
 * @module
 */
import { derError } from './cmsError.js';
import { contentInfo, readContentInfo } from './contentInfo.js';
import { DER_LIMITS, type DerLimits, DerReader } from './derReader.js';
import {
  constructed,
  type DerNode,
  ENCODED,
  encodeDer,
  encoded,
  encodedLength,
  encodeInto,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  valueLength,
} from './derWriter.js';
import { ID_SIGNED_DATA } from './objectIdentifiers.js';
import { compare, equal } from './octets.js';
import {
  encodeSignerInfo,
  KEY_IDENTIFIER_LENGTH,
  readSignerInfo,
  type SignerInfo,
  type SignerInfoToWrite,
} from './signerInfo.js';

/** Most SignerInfos read. */
export const MAX_SIGNERS = 4;

/** A SignedData with its content. */
export interface SignedData {
  /** Content octets of eContentType. */
  readonly eContentType: Uint8Array;
  /** The signed octets; `undefined` where the content is detached. */
  readonly eContent: Uint8Array | undefined;
  /** The signers, in the order of the set. */
  readonly signerInfos: readonly SignerInfo[];
}

/** A SignedData to be written: signed attributes are what was signed. */
export interface SignedDataToWrite extends Omit<SignedData, 'signerInfos'> {
  /** The signers. */
  readonly signerInfos: readonly SignerInfoToWrite[];
}

/**
 * What stands outermost: a ContentInfo, as in a file of its own, or the SignedData itself, as content that another structure
 * says is id-signedData (RFC 5652 §3, §5.1).
 */
export type SignedDataForm = 'ContentInfo' | 'SignedData';

/**
 * DER of signed data in a form.
 * @param room octets to write it into, of exactly its length, in which the content stands in its place already
 * @throws RangeError for room of another length, or with the content elsewhere
 */
export function encodeSignedData(
  { eContentType, eContent, signerInfos }: SignedDataToWrite,
  form: SignedDataForm = 'ContentInfo',
  room?: Uint8Array,
): Uint8Array {
  const content = eContent === undefined ? undefined : octetString(eContent);
  const signers = signerInfoSet(signerInfos);
  const signedData = signedDataNode(eContentType, content, digestAlgorithms(signerInfos), signers);
  const node = form === 'SignedData' ? signedData : contentInfo(ID_SIGNED_DATA, signedData);
  if (room === undefined) return encodeDer(node);
  const end = room.byteOffset + encodedLength(node) - encodedLength(signers);
  const fits = room.length === encodedLength(node) && eContent?.buffer === room.buffer;
  if (!fits || eContent.byteOffset + eContent.length !== end) throw new RangeError('room does not fit the content');
  return encodeInto(node, room);
}

/** What the length of a SignerInfo depends on. */
export interface SignerInfoShape extends Pick<SignerInfo, 'digestAlgorithm' | 'signatureAlgorithm'> {
  /** Length in octets of the DER of the signed attributes. */
  readonly signedAttrsLength: number;
  /** Length in octets of the signature. */
  readonly signatureLength: number;
}

/** Lengths in octets of a SignedData for one signer, whose content is of any length. */
export interface SignedDataLengths {
  /** Length of the SignedData itself with content of a length. */
  whole(contentLength: number): number;
  /** Length of what stands behind the content. */
  readonly behind: number;
}

/** Lengths in octets of the SignedData itself for one signer. */
export function signedDataLengths(eContentType: Uint8Array, signer: SignerInfoShape): SignedDataLengths {
  const digests = valueLength(signer.digestAlgorithm.length);
  const signers = valueLength(encodedLength(signerInfoShapeNode(signer)));
  const type = valueLength(eContentType.length);
  // Asked several times for one object, with one length after another: nothing is described, the lengths are added up.
  const whole = (length: number): number => {
    const encapContentInfo = valueLength(type + valueLength(valueLength(length)));
    return valueLength(VERSION_LENGTH + digests + encapContentInfo + signers);
  };
  return { whole, behind: signers };
}

/** Length in octets of the CMSVersion with its header. */
const VERSION_LENGTH = 3;

function signedDataNode(
  eContentType: Uint8Array,
  eContent: DerNode | undefined,
  digests: DerNode,
  signers: DerNode,
): DerNode {
  const encapContentInfo = sequence(
    objectIdentifier(eContentType),
    ...(eContent === undefined ? [] : [constructed(0xa0, [eContent])]),
  );
  return sequence(integer(3), digests, encapContentInfo, signers);
}

function signerInfoShapeNode({
  digestAlgorithm,
  signatureAlgorithm,
  signedAttrsLength,
  signatureLength,
}: SignerInfoShape): DerNode {
  return sequence(
    integer(3),
    { tag: 0x80, length: KEY_IDENTIFIER_LENGTH, content: [] },
    encoded(digestAlgorithm),
    { tag: ENCODED, length: signedAttrsLength, content: [] },
    encoded(signatureAlgorithm),
    { tag: 0x04, length: signatureLength, content: [] },
  );
}

function signerInfoSet(signerInfos: readonly SignerInfoToWrite[]): DerNode {
  return setOf(signerInfos.map(encodeSignerInfo));
}

/** Reads signed data in a form. Certificates and CRLs have no place (B10). @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeSignedData(
  der: Uint8Array,
  limits: DerLimits = DER_LIMITS,
  form: SignedDataForm = 'ContentInfo',
): SignedData {
  const content = form === 'SignedData' ? new DerReader(der, limits) : readContentInfo(der, ID_SIGNED_DATA, limits);
  const signedData = content.sequence();
  content.end();
  signedData.version(3);
  const digests = signedData.setOf((reader) => reader.encodedAs(0x30), MAX_SIGNERS);
  const encapContentInfo = signedData.sequence();
  const eContentType = encapContentInfo.objectIdentifier();
  let eContent: Uint8Array | undefined;
  if (!encapContentInfo.atEnd) {
    const explicit = encapContentInfo.constructed(0xa0);
    eContent = explicit.octetString();
    explicit.end();
  }
  encapContentInfo.end();
  const signerInfos = signedData.setOf(readSignerInfo, MAX_SIGNERS);
  signedData.end();
  // "Zero signers" is a certificate carrier, never a signature (B1).
  if (signerInfos.length === 0) throw derError('no signer');
  checkDigests(digests, signerInfos);
  return { eContentType, eContent, signerInfos };
}

function digestAlgorithms(signerInfos: readonly SignerInfoToWrite[]): ReturnType<typeof setOf> {
  return setOf(distinctDigests(signerInfos).map(encoded));
}

function distinctDigests(signerInfos: readonly SignerInfoToWrite[]): Uint8Array[] {
  const distinct: Uint8Array[] = [];
  for (const { digestAlgorithm } of signerInfos) {
    if (!distinct.some((known) => equal(known, digestAlgorithm))) distinct.push(digestAlgorithm);
  }
  return distinct.sort(compare);
}

/** digestAlgorithms holds the digests of the signers and nothing else (B6, CVE-2026-45447). */
function checkDigests(digests: readonly Uint8Array[], signerInfos: readonly SignerInfo[]): void {
  const expected = distinctDigests(signerInfos);
  if (digests.length !== expected.length || digests.some((digest, i) => !equal(digest, expected[i] as Uint8Array))) {
    throw derError('digestAlgorithms do not fit the signers');
  }
}

/**
 * Whether content octets would also parse as signed attributes, in any order and with any values: such content is never
 * signed (B2, B3; the SignedData attack of the LAMPS BCP).
 */
export function looksLikeSignedAttributes(content: Uint8Array): boolean {
  if (content[0] !== 0x31) return false;
  try {
    const reader = new DerReader(content, { octets: content.length, depth: DER_LIMITS.depth });
    const attributes = reader.constructed(0x31);
    while (!attributes.atEnd) {
      const attribute = attributes.sequence();
      // Of any length: other readers take OBJECT IDENTIFIERs that are too long for ours.
      attribute.primitive(0x06);
      attribute.constructed(0x31);
      attribute.end();
    }
    return reader.atEnd;
  } catch {
    return false;
  }
}
