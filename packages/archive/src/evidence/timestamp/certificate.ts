/**
 * Certificates, as far as timestamps need them (RFC 5280 §4.1). Signatures and keys are OpenSSL's by `X509Certificate`; what it does
 * not tell (names as octets, extensions and whether they are critical) is read here, in strict DER.
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { CmsError, copyOctets, DerReader, equal, oidToText } from '@stanzaseal/cms';

/** An extension. */
export interface Extension {
  /** Whether one that does not understand it must refuse the certificate. */
  readonly critical: boolean;
  /** DER of its value. */
  readonly value: Uint8Array;
}

/** A certificate, unverified. */
export interface Certificate {
  /** The whole. */
  readonly der: Uint8Array;
  /** Content octets of the serial number. */
  readonly serialNumber: Uint8Array;
  /** DER of the issuer's name. */
  readonly issuer: Uint8Array;
  /** DER of the subject's name. */
  readonly subject: Uint8Array;
  /** Algorithm of its signature, dotted. */
  readonly signatureAlgorithm: string;
  /** First and last moment of validity in ms since 1970. */
  readonly validity: readonly [notBefore: number, notAfter: number];
  /** Extensions by their dotted object identifiers. */
  readonly extensions: ReadonlyMap<string, Extension>;
  /** The same to OpenSSL. */
  readonly x509: X509Certificate;
}

const LIMITS = { octets: 65536, depth: 16 };
const TRUE = Uint8Array.of(0x01, 0x01, 0xff);

/** Reads a certificate. @throws CmsError `ERR_DER`; whatever OpenSSL throws at one that it does not take */
export function readCertificate(octets: Uint8Array): Certificate {
  const der = copyOctets(octets);
  const outer = new DerReader(der, LIMITS);
  const certificate = outer.sequence();
  outer.end();
  const tbs = certificate.sequence();
  if (tbs.tag === 0xa0) tbs.encodedAs(0xa0);
  const serialNumber = tbs.primitive(0x02);
  const inner = tbs.encodedAs(0x30);
  const issuer = tbs.encodedAs(0x30);
  tbs.encodedAs(0x30);
  const subject = tbs.encodedAs(0x30);
  tbs.encodedAs(0x30);
  for (const tag of [0x81, 0x82]) if (tbs.tag === tag) tbs.primitive(tag);
  const extensions = tbs.tag === 0xa3 ? readExtensions(tbs.constructed(0xa3)) : new Map<string, Extension>();
  tbs.end();
  // The algorithm stands inside and outside of what is signed (RFC 5280 §4.1.1.2).
  if (!equal(certificate.encodedAs(0x30), inner)) throw new CmsError('ERR_DER', 'certificate with two algorithms');
  const signatureAlgorithm = oidToText(new DerReader(inner, LIMITS).sequence().objectIdentifier());
  const x509 = new X509Certificate(der);
  const validity = [Date.parse(x509.validFrom), Date.parse(x509.validTo)] as const;
  if (validity.some(Number.isNaN)) throw new CmsError('ERR_DER', 'certificate without a time');
  return { der, serialNumber, issuer, subject, signatureAlgorithm, validity, extensions, x509 };
}

/** Whether a certificate is valid at a time in ms. */
export function isValidAt({ validity: [notBefore, notAfter] }: Certificate, time: number): boolean {
  return time >= notBefore && time < notAfter + 1000;
}

function readExtensions(wrapper: DerReader): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const list = wrapper.sequence();
  wrapper.end();
  while (!list.atEnd) {
    const fields = list.sequence();
    const name = oidToText(fields.objectIdentifier());
    const critical = fields.skipIf(TRUE);
    const value = fields.octetString();
    fields.end();
    if (extensions.has(name)) throw new CmsError('ERR_DER', 'extension that stands twice');
    extensions.set(name, { critical, value });
  }
  return extensions;
}
