/**
 * Certificates (RFC 5280 §4.1), read in strict DER and not believed.
 *
 * ```
 * Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm AlgorithmIdentifier, signatureValue BIT STRING }
 * TBSCertificate ::= SEQUENCE { version [0] DEFAULT v1, serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name,
 *   validity SEQUENCE { notBefore Time, notAfter Time }, subject Name, subjectPublicKeyInfo,
 *   issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] OPTIONAL }
 * ```
 * @module
 */
import { CmsError, copyOctets, DerReader, equal, oidToText, toUtf8 } from '@stanzaseal/cms';

/** An extension. */
export interface Extension {
  /** Whether one that does not understand it must refuse the whole. */
  readonly critical: boolean;
  /** DER of its value. */
  readonly value: Uint8Array;
}

/** Something that an issuer signed: a certificate, or a revocation list. */
export interface Signed {
  /** DER of what was signed. */
  readonly tbs: Uint8Array;
  /** DER of the algorithm, which stands inside of what was signed too. */
  readonly signatureAlgorithm: Uint8Array;
  /** The signature. */
  readonly signature: Uint8Array;
  /** DER of the issuer's name. */
  readonly issuer: Uint8Array;
}

/** A certificate. */
export interface Certificate extends Signed {
  /** The whole. */
  readonly der: Uint8Array;
  /** Content octets of the serial number. */
  readonly serialNumber: Uint8Array;
  /** DER of the subject's name. */
  readonly subject: Uint8Array;
  /** Its first moment in ms since 1970. */
  readonly notBefore: number;
  /** Its last moment in ms since 1970: the whole of the last second belongs to it. */
  readonly notAfter: number;
  /** DER of the subject's public key. */
  readonly spki: Uint8Array;
  /** Extensions by their dotted object identifiers. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** Bounds of a certificate. */
const LIMITS = { octets: 65536, depth: 16 };
const MAX_EXTENSIONS = 64;
const TRUE = Uint8Array.of(0x01, 0x01, 0xff);
/** "No well-defined expiration date" (RFC 5280 §4.1.2.5), the one time beyond what is read elsewhere. */
const NEVER = toUtf8('99991231235959Z');
const END_OF_TIME = 253402300799000;

/** Reads a certificate. @throws CmsError `ERR_DER` for anything but strict DER, `ERR_UNSUPPORTED` for another version */
export function readCertificate(octets: Uint8Array): Certificate {
  const der = copyOctets(octets);
  const { tbs: tbsDer, ...signature } = readSigned(der, LIMITS.octets);
  const tbs = new DerReader(tbsDer, LIMITS).sequence();
  const version = tbs.tag === 0xa0 ? readVersion(tbs.constructed(0xa0)) : 0;
  const serialNumber = tbs.primitive(0x02);
  if (serialNumber.length === 0 || serialNumber.length > 21) throw malformed('serial number');
  expectAlgorithm(tbs, signature.signatureAlgorithm);
  const issuer = tbs.encodedAs(0x30);
  const validity = tbs.sequence();
  const [notBefore, notAfter] = [readTime(validity), readTime(validity) + 999];
  validity.end();
  const subject = tbs.encodedAs(0x30);
  const spki = tbs.encodedAs(0x30);
  for (const tag of [0x81, 0x82]) if (tbs.tag === tag) tbs.primitive(tag);
  const extensions = tbs.tag === 0xa3 ? readExtensions(tbs.constructed(0xa3)) : new Map<string, Extension>();
  tbs.end();
  // Extensions are of version 3 alone (RFC 5280 §4.1.2.1): a reader that stops at the version would not see them.
  if (extensions.size > 0 && version !== 2) throw malformed('version');
  return { der, tbs: tbsDer, ...signature, serialNumber, issuer, notBefore, notAfter, subject, spki, extensions };
}

/** Takes apart what an issuer signed. @throws CmsError `ERR_DER` */
export function readSigned(der: Uint8Array, limit: number): Pick<Signed, 'tbs' | 'signatureAlgorithm' | 'signature'> {
  const outer = new DerReader(der, { octets: limit, depth: LIMITS.depth });
  const whole = outer.sequence();
  outer.end();
  const tbs = whole.encodedAs(0x30);
  const signatureAlgorithm = whole.encodedAs(0x30);
  const signature = whole.bitString();
  whole.end();
  return { tbs, signatureAlgorithm, signature };
}

/** The algorithm stands twice, and is the same (RFC 5280 §4.1.1.2). @throws CmsError `ERR_DER` */
export function expectAlgorithm(tbs: DerReader, signatureAlgorithm: Uint8Array): void {
  if (!equal(tbs.encodedAs(0x30), signatureAlgorithm)) throw malformed('signature algorithm');
}

/** Reads extensions in their EXPLICIT wrapper. @throws CmsError `ERR_DER`, also for one that stands there twice */
export function readExtensions(wrapper: DerReader): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const all = wrapper.sequenceOf(readExtension, MAX_EXTENSIONS);
  wrapper.end();
  for (const [name, extension] of all) {
    if (extensions.has(name)) throw malformed('extension');
    extensions.set(name, extension);
  }
  return extensions;
}

function readExtension(list: DerReader): [string, Extension] {
  const fields = list.sequence();
  const name = oidToText(fields.objectIdentifier());
  const critical = fields.skipIf(TRUE);
  const value = fields.octetString();
  fields.end();
  return [name, { critical, value }];
}

function readVersion(wrapper: DerReader): number {
  const version = wrapper.integer();
  wrapper.end();
  if (version !== 1 && version !== 2) throw new CmsError('ERR_UNSUPPORTED', 'certificate of another version');
  return version;
}

function readTime(reader: DerReader): number {
  if (reader.tag !== 0x18) return reader.time();
  const octets = reader.primitive(0x18);
  if (equal(octets, NEVER)) return END_OF_TIME;
  return new DerReader(Uint8Array.of(0x18, octets.length, ...octets)).time();
}

function malformed(what: string): CmsError {
  return new CmsError('ERR_DER', `certificate with a ${what} that cannot be`);
}
