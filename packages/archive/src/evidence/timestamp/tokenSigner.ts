/**
 * Who signed a timestamp token: the certificate that the signer's two names lead to.
 * @module
 */
import { hash } from 'node:crypto';
import { DerReader, equal, oid } from '@stanzaseal/cms';
import {
  GENERAL_LIMITS,
  type GeneralNode,
  type GeneralSignerInfo,
  readGeneral,
  singleValue,
} from '@stanzaseal/cms/general';
import { proofError } from '../proofError.js';
import { type Certificate, readCertificate } from './certificate.js';
import { digest, digestOf } from './digests.js';

/** id-aa-signingCertificate (RFC 2634 §5.4) and id-aa-signingCertificateV2 (RFC 5035 §3). */
const [ID_SIGNING_CERTIFICATE, ID_SIGNING_CERTIFICATE_V2] = [
  oid('1.2.840.113549.1.9.16.2.12'),
  oid('1.2.840.113549.1.9.16.2.47'),
];

/** Certificates that came with a token: claims, of which those are used that lead to a root. What cannot be read is passed over: it leads nowhere. */
export function certificatesIn(token: Uint8Array): Certificate[] {
  const { root } = readGeneral(token, GENERAL_LIMITS);
  const signedData = root.children?.[1]?.children?.[0];
  const set = signedData?.children?.find((node) => isContext(node, 0));
  return (set?.children ?? [])
    .filter((node) => node.tagClass === 'universal')
    .flatMap(({ offset, headerLength, contentLength }) => {
      try {
        return [readCertificate(token.subarray(offset, offset + headerLength + contentLength))];
      } catch {
        return [];
      }
    });
}

function isContext({ tagClass, tagNumber }: GeneralNode, number: number): boolean {
  return tagClass === 'context' && tagNumber === number;
}

/**
 * The certificate that a signer names twice: by sid, and by a hash among the signed attributes, without which somebody could put
 * another certificate of the same key in its place (RFC 2634 §5, RFC 5035, RFC 5816). @throws ArchiveError `ERR_PROOF`
 */
export function signerAmong(pool: readonly Certificate[], { sid, signedAttrs }: GeneralSignerInfo): Certificate {
  const newer = singleValue(signedAttrs, ID_SIGNING_CERTIFICATE_V2);
  const older = singleValue(signedAttrs, ID_SIGNING_CERTIFICATE);
  const named = newer ?? older;
  if (named === undefined) throw proofError();
  const first = new DerReader(named, { octets: 65536, depth: 16 }).sequence().sequence().sequence();
  const hash = newer === undefined ? sha1Of : readCertificateDigest(first);
  const certHash = first.octetString();
  const found = pool.find(({ der }) => equal(hash(der), certHash));
  if (found === undefined) throw proofError();
  if (!first.atEnd && !equal(serialOf(first.sequence()), found.serialNumber)) throw proofError();
  const isNamed =
    sid.kind === 'subjectKeyIdentifier'
      ? equal(skiOf(found), sid.keyIdentifier)
      : equal(found.issuer, sid.issuer) && equal(found.serialNumber, sid.serialNumber);
  if (!isNamed) throw proofError();
  return found;
}

/** hashAlgorithm of ESSCertIDv2: DEFAULT SHA-256. */
function readCertificateDigest(fields: DerReader): (octets: Uint8Array) => Uint8Array {
  if (fields.tag !== 0x30) return (octets) => digest('SHA-256', octets);
  const name = digestOf(fields.sequence().objectIdentifier());
  return (octets) => digest(name, octets);
}

/** `IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }` */
function serialOf(fields: DerReader): Uint8Array {
  fields.encodedAs(0x30);
  return fields.primitive(0x02);
}

/** content octets of subjectKeyIdentifier (RFC 5280 §4.2.1.2); none where the certificate has no such extension. */
function skiOf({ extensions }: Certificate): Uint8Array {
  const extension = extensions.get('2.5.29.14');
  return extension === undefined ? new Uint8Array(0) : new DerReader(extension.value).octetString();
}

/** SHA-1 names a certificate in RFC 2634: it would take a second preimage to put another there. */
function sha1Of(octets: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha1', octets, 'buffer'));
}
