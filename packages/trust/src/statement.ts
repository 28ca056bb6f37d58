/**
 * Statements about a key: an endorsement, signed by the endorsed key and mostly by who endorses it, and with it what shows who that is, in
 * the field that CMS has for certificates (specification, section 27.1).
 *
 * ```
 * SignedData ::= SEQUENCE { version INTEGER (3 | 5), digestAlgorithms SET OF, encapContentInfo,
 *   certificates [0] IMPLICIT SET OF CHOICE { certificate, other [3] IMPLICIT SEQUENCE { otherCertFormat OBJECT IDENTIFIER,
 *                                                                                       otherCert ANY } } OPTIONAL,
 *   signerInfos SET OF SignerInfo }
 * ```
 * @module
 */
import {
  constructed,
  DerReader,
  decodeEndorsement,
  type Endorsement,
  encodeDer,
  encoded,
  equal,
  ID_CT_ENDORSEMENT,
  ID_SIGNED_DATA,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '@stanzaseal/cms';

/** A statement taken apart; nothing in it is believed. */
export interface Statement {
  /** DER of the Endorsement. */
  readonly content: Uint8Array;
  /** DER of each SignerInfo. */
  readonly signerInfos: readonly Uint8Array[];
  /** DER of X.509 certificates that came along. */
  readonly certificates: readonly Uint8Array[];
  /** Other things that came along. */
  readonly others: readonly OtherCertificate[];
}

/** What shows who endorses, where it is no X.509 certificate. */
export interface OtherCertificate {
  /** Content octets of its format's OBJECT IDENTIFIER. */
  readonly format: Uint8Array;
  /** DER of its value. */
  readonly value: Uint8Array;
}

/** The most that a statement takes, in octets. */
export const STATEMENT_LIMITS = { octets: 65536, depth: 16 } as const;
const MAX_CERTIFICATES = 16;
const MAX_SIGNERS = 2;
/** CMSVersion with and without other certificates (RFC 5652 §5.1). */
const [PLAIN_VERSION, OTHER_VERSION] = [3, 5];

/** DER of a statement. */
export function encodeStatement({ content, signerInfos, certificates, others }: Statement): Uint8Array {
  const carried = [
    ...certificates.map(encoded),
    ...others.map(({ format, value }) => constructed(0xa3, [objectIdentifier(format), encoded(value)])),
  ];
  const signedData = sequence(
    integer(others.length === 0 ? PLAIN_VERSION : OTHER_VERSION),
    setOf(distinct(signerInfos.map(digestAlgorithmOf)).map(encoded)),
    sequence(objectIdentifier(ID_CT_ENDORSEMENT), constructed(0xa0, [octetString(content)])),
    ...(carried.length === 0 ? [] : [setOf(carried, 0xa0)]),
    setOf(signerInfos.map(encoded)),
  );
  return encodeDer(sequence(objectIdentifier(ID_SIGNED_DATA), constructed(0xa0, [signedData])));
}

/** The same statement without what came along: signed data that every reader of CMS takes. */
export function withoutCertificates(statement: Statement): Uint8Array {
  return encodeStatement({ ...statement, certificates: [], others: [] });
}

/** Takes a statement apart. @throws CmsError `ERR_DER` for anything that `encodeStatement` would not have written */
export function readStatement(der: Uint8Array): Statement {
  const outer = new DerReader(der, STATEMENT_LIMITS);
  const info = outer.sequence();
  outer.end();
  if (!equal(info.objectIdentifier(), ID_SIGNED_DATA)) throw new RangeError('content is no signed data');
  const wrapper = info.constructed(0xa0);
  info.end();
  const data = wrapper.sequence();
  wrapper.end();
  data.integer();
  data.encodedAs(0x31);
  const encapsulated = data.sequence();
  if (!equal(encapsulated.objectIdentifier(), ID_CT_ENDORSEMENT)) throw new RangeError('content is no endorsement');
  const explicit = encapsulated.constructed(0xa0);
  encapsulated.end();
  const content = explicit.octetString();
  explicit.end();
  const certificates: Uint8Array[] = [];
  const others: OtherCertificate[] = [];
  if (data.tag === 0xa0) {
    const carried = data.setOf(readCarried, MAX_CERTIFICATES, 0xa0);
    for (const each of carried) each instanceof Uint8Array ? certificates.push(each) : others.push(each);
  }
  const signerInfos = data.setOf((each) => each.any(), MAX_SIGNERS);
  data.end();
  const statement = { content, signerInfos, certificates, others };
  // Version and digests follow from the rest: one statement has one spelling.
  if (!equal(encodeStatement(statement), der)) throw new RangeError('statement is spelled another way');
  return statement;
}

/** The endorsement that a statement makes, unverified. @throws CmsError, RangeError */
export function endorsementIn(der: Uint8Array): Endorsement {
  return decodeEndorsement(readStatement(der).content);
}

function readCarried(reader: DerReader): Uint8Array | OtherCertificate {
  if (reader.tag === 0x30) return reader.encodedAs(0x30);
  const fields = reader.constructed(0xa3);
  const other = { format: fields.objectIdentifier(), value: fields.any() };
  fields.end();
  return other;
}

/** digestAlgorithm of a SignerInfo of version 3 with signed attributes and nothing unsigned, which anybody could add or change. */
function digestAlgorithmOf(signerInfo: Uint8Array): Uint8Array {
  const fields = new DerReader(signerInfo).sequence();
  if (fields.integer() !== 3) throw new RangeError('signer is of another version');
  fields.primitive(0x80);
  const digestAlgorithm = fields.encodedAs(0x30);
  for (const tag of [0xa0, 0x30, 0x04]) fields.encodedAs(tag);
  fields.end();
  return digestAlgorithm;
}

function distinct(all: readonly Uint8Array[]): Uint8Array[] {
  return all.filter((each, i) => all.findIndex((other) => equal(other, each)) === i);
}
