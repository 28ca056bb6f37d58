/**
 * Certificate revocation lists (RFC 5280 §5), where the caller has some: nothing here fetches any. Lists of a part, of several issuers,
 * or of changes alone are refused: half of an answer is none.
 *
 * ```
 * TBSCertList ::= SEQUENCE { version (1) OPTIONAL, signature, issuer Name, thisUpdate Time, nextUpdate Time OPTIONAL,
 *   revokedCertificates SEQUENCE OF SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions OPTIONAL } OPTIONAL,
 *   crlExtensions [0] OPTIONAL }
 * ```
 * @module
 */
import { DerReader, equal, toHex } from '@stanzaseal/cms';
import {
  type Certificate,
  type Extension,
  expectAlgorithm,
  readExtensions,
  readSigned,
  type Signed,
} from './certificate.js';
import { type CertificateCrypto, isSignedBy } from './certificateCrypto.js';
import { KEY_USE, mayDo } from './extensions.js';

/** A list. */
export interface RevocationList extends Signed {
  /** When it was made, in ms since 1970. */
  readonly thisUpdate: number;
  /** When the next is due, in ms since 1970: from then on this one answers no more. */
  readonly nextUpdate: number;
  /** Serial numbers of what was revoked, in hexadecimal. */
  readonly revoked: ReadonlySet<string>;
}

/** 16 MiB. */
const LIMITS = { octets: 16777216, depth: 16 };
const MAX_ENTRIES = 1_000_000;

/**
 * Reads a list.
 * @throws RangeError for what is no list, for one without a next update, and for one with a critical extension: partial, indirect,
 * of changes alone
 */
export function readRevocationList(octets: Uint8Array, name: string): RevocationList {
  try {
    return read(Uint8Array.from(octets));
  } catch (cause) {
    throw new RangeError(`${name} is no revocation list of all certificates of its issuer`, { cause });
  }
}

/**
 * Whether the lists leave a certificate standing. An issuer of whom a list is given must have a good one that is in force: an old one
 * says who was revoked, and not who was not.
 */
export async function isUnrevoked(
  { issuer: name, serialNumber }: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
  { now, primitives }: { readonly now: number; readonly primitives: CertificateCrypto },
): Promise<boolean> {
  const theirs = lists.filter((list) => equal(list.issuer, name));
  if (theirs.length === 0) return true;
  if (!mayDo(issuer, KEY_USE.cRLSign)) return false;
  let isInForce = false;
  for (const list of theirs) {
    if (!(await isSignedBy(list, issuer.spki, primitives))) continue;
    if (list.revoked.has(toHex(serialNumber))) return false;
    isInForce ||= list.thisUpdate <= now && now < list.nextUpdate;
  }
  return isInForce;
}

function read(der: Uint8Array): RevocationList {
  const { tbs: tbsDer, ...signature } = readSigned(der, LIMITS.octets);
  const tbs = new DerReader(tbsDer, LIMITS).sequence();
  if (tbs.tag === 0x02 && tbs.integer() !== 1) throw new RangeError('version is another');
  expectAlgorithm(tbs, signature.signatureAlgorithm);
  const issuer = tbs.encodedAs(0x30);
  const thisUpdate = tbs.time();
  const nextUpdate = tbs.time();
  const revoked = new Set<string>();
  if (tbs.tag === 0x30) for (const serial of tbs.sequenceOf(readEntry, MAX_ENTRIES)) revoked.add(serial);
  if (tbs.tag === 0xa0) refuseCritical(readExtensions(tbs.constructed(0xa0)));
  tbs.end();
  return { tbs: tbsDer, ...signature, issuer, thisUpdate, nextUpdate, revoked };
}

function readEntry(list: DerReader): string {
  const fields = list.sequence();
  const serial = toHex(fields.primitive(0x02));
  fields.time();
  if (!fields.atEnd) {
    // Its extensions in their SEQUENCE, without the tag that those of the list have.
    refuseCritical(readExtensions(new DerReader(fields.encodedAs(0x30))));
  }
  fields.end();
  return serial;
}

function refuseCritical(extensions: ReadonlyMap<string, Extension>): void {
  for (const { critical } of extensions.values()) if (critical) throw new RangeError('extension is critical');
}
