/**
 * SignedData with any signers (RFC 5652 §5), without certificates and CRLs of ours.
 *
 * ```
 * SignedData ::= SEQUENCE { version CMSVersion, digestAlgorithms SET OF DigestAlgorithmIdentifier,
 *   encapContentInfo EncapsulatedContentInfo, certificates [0] IMPLICIT CertificateSet OPTIONAL,
 *   crls [1] IMPLICIT RevocationInfoChoices OPTIONAL, signerInfos SET OF SignerInfo }
 * EncapsulatedContentInfo ::= SEQUENCE { eContentType ContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL }
 * SignerInfo ::= SEQUENCE { version CMSVersion, sid SignerIdentifier, digestAlgorithm, signedAttrs [0] IMPLICIT OPTIONAL,
 *   signatureAlgorithm, signature OCTET STRING, unsignedAttrs [1] IMPLICIT OPTIONAL }
 * ```
 * @module
 */
import { CmsError } from '../../cmsError.js';
import {
  type DerNode,
  encodeDer,
  encoded,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '../../derWriter.js';
import { ID_DATA, ID_SIGNED_DATA } from '../../objectIdentifiers.js';
import { compare, concat, equal } from '../../octets.js';
import type { SignedDataForm } from '../../signedData.js';
import type { BerNode } from '../berTree.js';
import { readAlgorithm } from './algorithm.js';
import { attributesUnder, readGeneralAttributes } from './attributes.js';
import { BerFields, elementsOf, explicitOf, isTag, octetsOf, TAG } from './berFields.js';
import { type ContentFrame, contentFrame, type Layer } from './frame.js';
import { keyNameNode, readKeyName, versionByName } from './keyName.js';
import type { GeneralAlgorithm, GeneralSignedData, GeneralSignerInfo } from './types.js';

/** Most SignerInfos, and most digestAlgorithms, that are read (G1). */
export const MAX_GENERAL_SIGNERS = 32;

/** A SignerInfo to be written: its version follows from the rest. */
export type SignerInfoToWrite = Omit<GeneralSignerInfo, 'version'>;

/** A SignedData to be written. */
export interface SignedDataToWrite extends Pick<GeneralSignedData, 'digestAlgorithms' | 'eContentType' | 'eContent'> {
  /** The signers; they are sorted. */
  readonly signerInfos: readonly SignerInfoToWrite[];
}

/** What must be known of a SignedData before its content. */
export interface SignedDataHead extends Pick<GeneralSignedData, 'digestAlgorithms' | 'eContentType'> {
  /** How the signers will be named. */
  readonly signers: readonly Pick<GeneralSignerInfo, 'sid'>[];
}

/** DER of signed data, alone or in a ContentInfo. */
export function encodeGeneralSignedData(data: SignedDataToWrite, form: SignedDataForm = 'ContentInfo'): Uint8Array {
  const { eContent, signerInfos } = data;
  const signers = encodeSignerInfos(signerInfos);
  const layers = layersOf({ ...data, signers: signerInfos }, form, eContent !== undefined);
  const hole = eContent === undefined ? undefined : { tag: 0x04, length: eContent.length };
  const frame = contentFrame(layers, hole, signers.length);
  return concat(frame.head, ...(eContent === undefined ? [] : [eContent]), frame.tail(signers));
}

/**
 * The octets around content that is signed in pieces.
 * @param contentLength length of the content in octets; `undefined`: BER, the content in chunks
 * @param signerInfosLength length in octets of what `encodeSignerInfos` will give, for DER; `undefined` where it is not known
 * before signing (ECDSA): BER around it
 */
export function signedDataFrame(
  data: SignedDataHead,
  contentLength: number | undefined,
  signerInfosLength: number | undefined,
  form: SignedDataForm = 'ContentInfo',
): ContentFrame<readonly SignerInfoToWrite[]> {
  const frame = contentFrame(layersOf(data, form, true), { tag: 0x04, length: contentLength }, signerInfosLength);
  return { ...frame, tail: (signerInfos) => frame.tail(encodeSignerInfos(signerInfos)) };
}

/** DER of signerInfos: what follows the content. */
export function encodeSignerInfos(signerInfos: readonly SignerInfoToWrite[]): Uint8Array {
  return encodeDer(setOf(signerInfos.map(signerInfoNode)));
}

/** Reads a SignedData. @throws CmsError `ERR_DER`, and `ERR_UNSUPPORTED` for content that is no OCTET STRING (PKCS #7) */
export function readSignedData(node: BerNode): GeneralSignedData {
  const fields = new BerFields(node, TAG.sequence);
  const version = fields.integer();
  const digestAlgorithms = elementsOf(fields.any(), TAG.set, MAX_GENERAL_SIGNERS, (each) => readAlgorithm(each));
  const content = readEncapsulatedContent(fields.any());
  const certificates = fields.optional(0x80);
  const crls = fields.optional(0x81);
  const signerInfos = elementsOf(fields.any(), TAG.set, MAX_GENERAL_SIGNERS, readSignerInfo);
  fields.end();
  const certificateCount = (certificates?.children.length ?? 0) + (crls?.children.length ?? 0);
  return { version, digestAlgorithms, ...content, certificateCount, signerInfos };
}

/** Reads an EncapsulatedContentInfo. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function readEncapsulatedContent(node: BerNode): Pick<GeneralSignedData, 'eContentType' | 'eContent'> {
  const fields = new BerFields(node, TAG.sequence);
  const eContentType = fields.objectIdentifier();
  const wrapper = fields.optional(0x80);
  fields.end();
  if (wrapper === undefined) return { eContentType, eContent: undefined };
  const content = explicitOf(wrapper, 0x80);
  if (!isTag(content, TAG.octetString)) throw notAnOctetString();
  return { eContentType, eContent: octetsOf(content, TAG.octetString) };
}

/** The clean refusal of content of another type: for throwing. */
export function notAnOctetString(): CmsError {
  return new CmsError('ERR_UNSUPPORTED', 'content that is no octet string (PKCS #7) is not supported');
}

function readSignerInfo(node: BerNode): GeneralSignerInfo {
  const fields = new BerFields(node, TAG.sequence);
  const version = fields.integer();
  const sid = readKeyName(fields.any());
  const digestAlgorithm = readAlgorithm(fields.any());
  const signedAttrs = readGeneralAttributes(fields, 0x80, 1);
  const signatureAlgorithm = readAlgorithm(fields.any());
  const signature = fields.octetString();
  const unsignedAttrs = readGeneralAttributes(fields, 0x81, 0);
  fields.end();
  return { version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature, unsignedAttrs };
}

function layersOf(data: SignedDataHead, form: SignedDataForm, attached: boolean): Layer[] {
  const digests = sortedSet(data.digestAlgorithms);
  return [
    ...(form === 'SignedData'
      ? []
      : [
          { tag: 0x30, before: [objectIdentifier(ID_SIGNED_DATA)] },
          { tag: 0xa0, before: [] },
        ]),
    { tag: 0x30, before: [integer(versionOf(data)), digests], holdsTail: true },
    { tag: 0x30, before: [objectIdentifier(data.eContentType)] },
    ...(attached ? [{ tag: 0xa0, before: [] }] : []),
  ];
}

/** CMSVersion without certificates and CRLs (RFC 5652 §5.1). */
function versionOf({ eContentType, signers }: SignedDataHead): number {
  return signers.some(({ sid }) => versionByName(sid, 1, 3) === 3) || !equal(eContentType, ID_DATA) ? 3 : 1;
}

/** A digest that several signers use stands there once. */
function sortedSet(algorithms: readonly GeneralAlgorithm[]): DerNode {
  const sorted = algorithms.map(({ der }) => der).sort(compare);
  return setOf(sorted.filter((der, i) => i === 0 || !equal(der, sorted[i - 1] as Uint8Array)).map(encoded));
}

function signerInfoNode(signer: SignerInfoToWrite): DerNode {
  return sequence(
    integer(versionByName(signer.sid, 1, 3)),
    keyNameNode(signer.sid),
    encoded(signer.digestAlgorithm.der),
    ...attributesUnder(0xa0, signer.signedAttrs),
    encoded(signer.signatureAlgorithm.der),
    octetString(signer.signature),
    ...attributesUnder(0xa1, signer.unsignedAttrs),
  );
}
