/**
 * Signed data and certificates by pkijs: a second reader, with which ours is compared, and the one that knows X.509.
 * Nothing is verified here.
 * @module
 */
import { OctetString, Primitive } from 'asn1js';
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData } from 'pkijs';
import { CmsError, derError } from '../cmsError.js';
import { BerSource } from './berTree.js';
import type { GeneralLimits } from './generalNode.js';

/** Signed data as pkijs reads it. */
export interface PkijsSignedData {
  /** CMSVersion. */
  readonly version: number;
  /** Dotted OBJECT IDENTIFIER. pkijs prints arcs beyond 2^53 in a way of its own. */
  readonly eContentType: string;
  /** The content; `undefined` where it is detached. */
  readonly eContent: Uint8Array | undefined;
  /** How many certificates there are. */
  readonly certificateCount: number;
  /** The signers in wire order. */
  readonly signerInfos: readonly PkijsSignerInfo[];
}

/** One signer as pkijs reads it. */
export interface PkijsSignerInfo {
  /** subjectKeyIdentifier, or `undefined` where the signer is named by issuer and serial number. */
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  /** Dotted OBJECT IDENTIFIER of the digest. */
  readonly digestAlgorithm: string;
  /** Dotted OBJECT IDENTIFIER of the signature algorithm. */
  readonly signatureAlgorithm: string;
  /** The octets that are signed: signed attributes under the SET tag 0x31; `undefined` where there are none. */
  readonly signedAttrsDer: Uint8Array | undefined;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** A certificate as far as bare keys need it. */
export interface CertificateSummary {
  /** DER of the SubjectPublicKeyInfo. */
  readonly subjectPublicKeyInfo: Uint8Array;
  /** Content octets of the serial number. */
  readonly serialNumber: Uint8Array;
  /** notBefore in ms since 1970. */
  readonly notBefore: number;
  /** notAfter in ms since 1970. */
  readonly notAfter: number;
}

/** Reads a ContentInfo of SignedData by pkijs. @throws CmsError `ERR_DER` for anything it does not take */
export function readSignedDataWithPkijs(octets: Uint8Array, limits: GeneralLimits): PkijsSignedData {
  return guarded(octets, limits, () => {
    const contentInfo = ContentInfo.fromBER(octets.slice());
    if (contentInfo.contentType !== ContentInfo.SIGNED_DATA) throw derError('not signed data');
    const signedData = new SignedData({ schema: contentInfo.content });
    const { encapContentInfo, certificates = [] } = signedData;
    return {
      version: signedData.version,
      eContentType: encapContentInfo.eContentType,
      eContent:
        encapContentInfo.eContent === undefined ? undefined : new Uint8Array(encapContentInfo.eContent.getValue()),
      certificateCount: certificates.length,
      signerInfos: signedData.signerInfos.map((signerInfo) => ({
        subjectKeyIdentifier: subjectKeyIdentifier(signerInfo.sid),
        digestAlgorithm: signerInfo.digestAlgorithm.algorithmId,
        signatureAlgorithm: signerInfo.signatureAlgorithm.algorithmId,
        signedAttrsDer:
          signerInfo.signedAttrs === undefined ? undefined : new Uint8Array(signerInfo.signedAttrs.encodedValue),
        signature: new Uint8Array(signerInfo.signature.getValue()),
      })),
    };
  });
}

/** Reads a certificate by pkijs. @throws CmsError `ERR_DER` for anything it does not take */
export function readCertificateWithPkijs(octets: Uint8Array, limits: GeneralLimits): CertificateSummary {
  return guarded(octets, limits, () => {
    const certificate = Certificate.fromBER(octets.slice());
    return {
      subjectPublicKeyInfo: new Uint8Array(certificate.subjectPublicKeyInfo.toSchema().toBER()),
      serialNumber: new Uint8Array(certificate.serialNumber.valueBlock.valueHexView),
      notBefore: certificate.notBefore.value.getTime(),
      notAfter: certificate.notAfter.value.getTime(),
    };
  });
}

function subjectKeyIdentifier(sid: unknown): Uint8Array | undefined {
  if (sid instanceof IssuerAndSerialNumber) return undefined;
  if (sid instanceof Primitive) return new Uint8Array(sid.valueBlock.valueHexView);
  if (sid instanceof OctetString) return new Uint8Array(sid.getValue());
  throw derError('signer without a name');
}

/** pkijs takes no limits, so the input is read under them before; and it throws errors of many kinds. */
function guarded<T>(octets: Uint8Array, limits: GeneralLimits, read: () => T): T {
  new BerSource(limits).read(octets);
  try {
    return read();
  } catch (cause) {
    throw cause instanceof CmsError ? cause : new CmsError('ERR_DER', 'pkijs does not take the octets', { cause });
  }
}
