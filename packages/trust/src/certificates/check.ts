/**
 * Checking statements by which a certificate endorses a bare key. Nothing is fetched: roots and revocation lists are the caller's.
 * @module
 */
import {
  decodeEndorsement,
  type Endorsement,
  equal,
  exportPublicKey,
  ID_CT_ENDORSEMENT,
  type PublicKey,
} from '@stanzaseal/cms';
import { GENERAL_SIGNATURE_POLICY, type SignaturePolicy, type VerifyingKey, verify } from '@stanzaseal/signer/general';
import { bareJid } from '@stanzaseal/stanza';
import { type Endorsed, type Expected, evidenceOf, judgeEndorsement } from '../endorsed.js';
import { readStatement, type Statement, withoutCertificates } from '../statement.js';
import { statementError, TrustError } from '../trustError.js';
import { type NameMatch, nameMatch } from './accountNames.js';
import { type Certificate, readCertificate } from './certificate.js';
import type { CertificateCrypto } from './certificateCrypto.js';
import { nameText } from './distinguishedName.js';
import { findPath, type PathParameters } from './path.js';
import { type RevocationList, readRevocationList } from './revocationList.js';
import { maySignStatements } from './usage.js';

/** What is trusted, and expected. */
export interface CertificateCheck extends Expected {
  /** DER of the certificates that are trusted: authorities, or the endorsing certificate itself. There is no default. */
  readonly roots: readonly Uint8Array[];
  /** DER of certificates that may stand between, beside those that the statement carries. */
  readonly intermediates?: readonly Uint8Array[];
  /** DER of revocation lists. An issuer on the path of whom there is one must have one that is in force. */
  readonly revocationLists?: readonly Uint8Array[];
  /** The primitives. */
  readonly primitives: CertificateCrypto;
}

/** A statement by a certificate that holds. */
export interface CertificateEndorsement extends Endorsed {
  /** Subject of the certificate, as text; empty where it has none. */
  readonly subject: string;
  /** Subject of the root, as text. */
  readonly root: string;
  /** By which of its names the certificate names the account. */
  readonly match: NameMatch;
  /** DER of the certificates from the endorsing one to the root. */
  readonly path: readonly Uint8Array[];
}

/** As little as may be: PKCS #1 v1.5 and SHA-1 are not among the schemes; nobody else signs along. */
const POLICY: SignaturePolicy = Object.freeze({
  ...GENERAL_SIGNATURE_POLICY,
  otherSigners: 'refuse',
  signingTime: 'required',
});

/**
 * Checks that a certificate which leads to a root and names the account endorses an identity key, whose holder agrees.
 * @throws TrustError `ERR_VERIFY`, the one answer to every statement that is not good; RangeError for roots, intermediates and lists
 * of the caller that cannot be read; StanzaError `ERR_ADDRESS` for a `jid` that is none
 * @example
 * const { evidence } = await checkCertificateEndorsement(statement, { jid, roots: [authority], now: Date.now(), primitives });
 * await recordEvidence(messenger, evidence); // 'endorsed'
 */
export async function checkCertificateEndorsement(
  statement: Uint8Array,
  check: CertificateCheck,
): Promise<CertificateEndorsement> {
  const jid = bareJid(check.jid);
  const given = givenOf(check);
  try {
    const read = readStatement(Uint8Array.from(statement));
    const endorsement = decodeEndorsement(read.content);
    const endorsed = await judgeEndorsement(endorsement, 'identity', { ...check, jid }, check.primitives.crypto);
    const carried = read.certificates.map(readCertificate);
    const leaves = await endorsersAmong([...carried, ...given.roots], endorsement, check);
    await verifySignatures(read, (leaves[0] as Certificate).spki, endorsement, endorsed, check);
    const pool = [...carried, ...given.intermediates];
    const path = await firstPath(leaves, { ...given, pool, now: check.now, primitives: check.primitives });
    const leaf = path[0] as Certificate;
    const match = nameMatch(leaf, jid) as NameMatch;
    const [subject, root] = [nameText(leaf.subject), nameText((path[path.length - 1] as Certificate).subject)];
    const by = `${subject === '' ? jid : subject} (${root})`;
    const until = Math.min(...path.map(({ notAfter }) => notAfter));
    const evidence = evidenceOf('x509', by, statement, endorsement, { now: check.now, until });
    return { evidence, endorsement, endorsed, subject, root, match, path: path.map(({ der }) => der) };
  } catch (cause) {
    throw cause instanceof TrustError ? cause : statementError(cause);
  }
}

/** What the caller gives, read; it is the caller's to be in order. @throws RangeError */
function givenOf({ roots, intermediates = [], revocationLists = [] }: CertificateCheck): {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly lists: readonly RevocationList[];
} {
  const read = (name: string) => (der: Uint8Array, i: number) => {
    try {
      return readCertificate(der);
    } catch (cause) {
      throw new RangeError(`${name}[${i}] is no certificate in DER`, { cause });
    }
  };
  return {
    roots: roots.map(read('roots')),
    intermediates: intermediates.map(read('intermediates')),
    lists: revocationLists.map((der, i) => readRevocationList(der, `revocationLists[${i}]`)),
  };
}

/**
 * The certificates of the endorser, which the endorsement names by its key, that name the account: several where one was renewed. They
 * are not signed with the statement; whoever takes one away or adds one changes nothing but whether a path is found.
 */
async function endorsersAmong(
  certificates: readonly Certificate[],
  { endorser, owner }: Endorsement,
  { primitives }: CertificateCheck,
): Promise<readonly [Certificate, ...Certificate[]]> {
  const found: Certificate[] = [];
  for (const each of certificates) {
    if (!equal(await primitives.crypto.sha256(each.spki), endorser)) continue;
    if (nameMatch(each, owner) !== undefined && maySignStatements(each, owner)) found.push(each);
  }
  const [first, ...more] = found;
  if (first === undefined) throw statementError();
  return [first, ...more];
}

async function firstPath(leaves: readonly Certificate[], parameters: PathParameters): Promise<readonly Certificate[]> {
  for (const leaf of leaves) {
    const path = await findPath(leaf, parameters);
    if (path !== undefined) return path;
  }
  throw statementError();
}

/** Both have signed: the certificate's key and, but for a revocation, the endorsed one. Without that anybody could endorse somebody's key as his own. */
async function verifySignatures(
  statement: Statement,
  spki: Uint8Array,
  { purpose }: Endorsement,
  endorsed: PublicKey,
  { primitives: { general } }: CertificateCheck,
): Promise<void> {
  const endorser = await general.importPublicKey(spki);
  // The endorser is named by the certificate's octets: of two spellings of a key one is somebody else's (E1).
  if (!equal(endorser.spki, spki)) throw statementError();
  const own = await general.importPublicKey(exportPublicKey(endorsed));
  const [first, second] = [endorser, own].map((key) => ({ key, name: 'sha256' as const })) as [
    VerifyingKey,
    VerifyingKey,
  ];
  await verify(withoutCertificates(statement), {
    profile: 'general',
    signers: purpose === 'revoked' ? [first] : [first, second],
    policy: POLICY,
    contentType: ID_CT_ENDORSEMENT,
    crypto: general,
  });
}
