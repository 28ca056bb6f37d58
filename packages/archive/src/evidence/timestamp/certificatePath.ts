/**
 * From a timestamp authority's certificate to a root that the caller trusts (RFC 5280 §6.1). Revocation is not looked up: nothing here
 * touches the network; whoever knows of a revoked authority takes its root or certificate out.
 * @module
 */
import { DerReader, equal, oidToText } from '@stanzaseal/cms';
import { proofError } from '../proofError.js';
import { type Certificate, isValidAt } from './certificate.js';

const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const CERTIFICATE_POLICIES = '2.5.29.32';
/** What is understood here; policies of certificates are anybody's, as with the initial set anyPolicy. */
const UNDERSTOOD = new Set([KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, CERTIFICATE_POLICIES]);
/** id-kp-timeStamping (RFC 3161 §2.3). */
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** RSA PKCS #1 v1.5 and ECDSA with SHA-256, SHA-384, SHA-512; Ed25519. */
const SIGNATURES = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
]);
/** Bits of KeyUsage, from the first octet's highest. */
const [DIGITAL_SIGNATURE, NON_REPUDIATION, CERT_SIGN] = [0x80, 0x40, 0x04];
const MAX_LENGTH = 8;
const MAX_POOL = 32;

/**
 * Checks that a certificate is a timestamp authority's and leads to a root, all of it valid at a time in ms. A root is the caller's
 * word; it may be the authority's certificate itself. @throws ArchiveError `ERR_PROOF`
 */
export function checkAuthority(
  authority: Certificate,
  pool: readonly Certificate[],
  roots: readonly Certificate[],
  time: number,
): void {
  if (pool.length > MAX_POOL || !isUsable(authority, time) || !isForTimestamps(authority)) throw proofError();
  if (!leadsToRoot(authority, pool, roots, time, 0)) throw proofError();
}

/** EKU with timeStamping as the one purpose, critical (RFC 3161 §2.3); a KeyUsage that is there must allow signatures. */
function isForTimestamps({ extensions }: Certificate): boolean {
  const purposes = extensions.get(EXTENDED_KEY_USAGE);
  if (purposes?.critical !== true) return false;
  const list = new DerReader(purposes.value).sequenceOf((reader) => oidToText(reader.objectIdentifier()), MAX_LENGTH);
  return list.length === 1 && list[0] === TIME_STAMPING && mayDo(extensions, DIGITAL_SIGNATURE | NON_REPUDIATION);
}

/** @param below how many authorities there are between this certificate and the first, itself not counted */
function leadsToRoot(
  certificate: Certificate,
  pool: readonly Certificate[],
  roots: readonly Certificate[],
  time: number,
  below: number,
): boolean {
  if (roots.some((root) => equal(root.der, certificate.der))) return true;
  if (below >= MAX_LENGTH || !SIGNATURES.has(certificate.signatureAlgorithm)) return false;
  if (roots.some((root) => hasIssued(root, certificate))) return true;
  return pool.some(
    (issuer) =>
      !equal(issuer.der, certificate.der) &&
      isUsable(issuer, time) &&
      isAuthority(issuer, below) &&
      hasIssued(issuer, certificate) &&
      leadsToRoot(issuer, pool, roots, time, below + 1),
  );
}

function hasIssued(issuer: Certificate, certificate: Certificate): boolean {
  if (!equal(issuer.subject, certificate.issuer)) return false;
  return certificate.x509.checkIssued(issuer.x509) && certificate.x509.verify(issuer.x509.publicKey);
}

function isUsable(certificate: Certificate, time: number): boolean {
  const { extensions } = certificate;
  return (
    isValidAt(certificate, time) && [...extensions].every(([name, { critical }]) => !critical || UNDERSTOOD.has(name))
  );
}

/** cA true, a path length that reaches, and the right to sign certificates (RFC 5280 §4.2.1.9, §4.2.1.3). */
function isAuthority({ extensions }: Certificate, below: number): boolean {
  const constraints = extensions.get(BASIC_CONSTRAINTS);
  if (constraints === undefined) return false;
  const fields = new DerReader(constraints.value).sequence();
  if (!fields.skipIf(Uint8Array.of(0x01, 0x01, 0xff))) return false;
  const pathLength = fields.atEnd ? Number.POSITIVE_INFINITY : fields.integer();
  fields.end();
  return below <= pathLength && mayDo(extensions, CERT_SIGN);
}

/** Whether KeyUsage, where it is there, has one of the bits. */
function mayDo(extensions: Certificate['extensions'], bits: number): boolean {
  const usage = extensions.get(KEY_USAGE);
  if (usage === undefined) return true;
  // BIT STRING: the number of unused bits, then the bits.
  return ((new DerReader(usage.value).primitive(0x03)[1] ?? 0) & bits) !== 0;
}
