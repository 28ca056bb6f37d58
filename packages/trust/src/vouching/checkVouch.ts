/**
 * Checking vouches, end to end: from the account's key over the domain's key and certificate to a root that the caller trusts. What servers
 * say to each other is not among it.
 * @module
 */
import { decodeEndorsement, equal, ID_CT_ENDORSEMENT, type PublicKey } from '@stanzaseal/cms';
import { verify } from '@stanzaseal/signer';
import { bareJid, parseJid } from '@stanzaseal/stanza';
import {
  type CertificateCheck,
  type CertificateEndorsement,
  checkCertificateEndorsement,
} from '../certificates/check.js';
import { type Endorsed, evidenceOf, judgeEndorsement } from '../endorsed.js';
import { endorsementIn, readStatement, type Statement, withoutCertificates } from '../statement.js';
import { statementError, TrustError } from '../trustError.js';
import { VOUCH_VALIDITY } from './vouch.js';

/** What is trusted, and expected. */
export interface VouchCheck extends CertificateCheck {
  /** Vouches for the same account that were taken in before: one for another key whose time overlaps is told of. */
  readonly known?: readonly Uint8Array[];
}

/**
 * Two vouches of a domain for two keys of one account whose times overlap. Each statement proves its half to anybody; together they are no
 * proof of misconduct: an account that took a new key is vouched for with it while the vouch for the old one still runs (section 27.4).
 */
export interface VouchConflict {
  /** The domain. */
  readonly domain: string;
  /** The account. */
  readonly jid: string;
  /** The identity keys. */
  readonly identities: readonly [PublicKey, PublicKey];
  /** DER of the statements about them. */
  readonly statements: readonly [Uint8Array, Uint8Array];
  /** A moment at which both were in force, in ms since 1970. */
  readonly at: number;
}

/** A vouch that holds. */
export interface Vouch extends Endorsed {
  /** Who vouches: shown as "vouched by capulet.example", never as verified. */
  readonly domain: string;
  /** Version of the device list that the domain saw: whoever is shown an older one is shown the past. */
  readonly listVersion: number;
  /** How the domain's certificate endorses the domain's key. */
  readonly domainKey: CertificateEndorsement;
  /**
   * Known vouches for another key that were in force together with this one. To be told to the user, with both statements and without blame:
   * a key that changed within the week looks the same as a domain that says both, and which key is the contact's a comparison tells.
   */
  readonly conflicts: readonly VouchConflict[];
}

/**
 * Checks that the domain of an account vouches for an identity key.
 * @throws TrustError `ERR_VERIFY`, the one answer to every statement that is not good; RangeError for roots, intermediates and lists that
 * cannot be read; StanzaError `ERR_ADDRESS` for a `jid` that is none
 * @example
 * const { evidence, conflicts } = await checkVouch(statement, { jid, identity, roots, known, now: Date.now(), primitives });
 * if (conflicts.length === 0) await recordEvidence(messenger, evidence); // 'vouched'
 */
export async function checkVouch(statement: Uint8Array, { known = [], ...check }: VouchCheck): Promise<Vouch> {
  const vouch = await checkOne(statement, check);
  const conflicts: VouchConflict[] = [];
  for (const other of known) {
    const conflict = await conflictOf(vouch, other, check);
    if (conflict !== undefined) conflicts.push(conflict);
  }
  return { ...vouch, conflicts };
}

async function checkOne(statement: Uint8Array, check: CertificateCheck): Promise<Omit<Vouch, 'conflicts'>> {
  const jid = bareJid(check.jid);
  const { local, domain } = parseJid(jid);
  const { crypto } = check.primitives;
  const { read, endorsement, endorsed, domainStatement } = await refusing(async () => {
    const read = readStatement(Uint8Array.from(statement));
    const endorsement = decodeEndorsement(read.content);
    const endorsed = await judgeEndorsement(endorsement, 'vouched', { ...check, jid }, crypto);
    const { purpose, notBefore, notAfter } = endorsement;
    if (local === '' || purpose !== 'vouched' || notAfter - notBefore > VOUCH_VALIDITY) throw statementError();
    return { read, endorsement, endorsed, domainStatement: domainStatementIn(read) };
  });
  // Of the domain's own statement another key is expected than of the account's, and any.
  const { identity: _, ...ofDomain } = check;
  const domainKey = await checkCertificateEndorsement(domainStatement, { ...ofDomain, jid: domain });
  const isRevoked = domainKey.evidence.revokedAt !== undefined;
  if (isRevoked || !equal(endorsement.endorser, domainKey.endorsed.keyIdentifier)) throw statementError();
  const parameters = { signers: [domainKey.endorsed] as const, contentType: ID_CT_ENDORSEMENT, crypto };
  await refusing(() => verify(withoutCertificates(read), parameters));
  const until = domainKey.evidence.notAfter as number;
  const evidence = evidenceOf('vouch', domain, statement, endorsement, { now: check.now, until });
  return { evidence, endorsement, endorsed, domain, listVersion: endorsement.sequence, domainKey };
}

/** Whatever is wrong with the octets is one answer. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof TrustError ? cause : statementError(cause);
  }
}

/** The domain's own statement: the one thing that comes along. */
function domainStatementIn({ certificates, others }: Statement): Uint8Array {
  const [other, ...more] = others;
  if (other === undefined || more.length > 0 || certificates.length > 0) throw statementError();
  if (!equal(other.format, ID_CT_ENDORSEMENT)) throw statementError();
  return other.value;
}

/** A known vouch counts by what it said of the time that both speak of, though it be over by now. One that does not hold says nothing. */
async function conflictOf(
  vouch: Omit<Vouch, 'conflicts'>,
  known: Uint8Array,
  { identity: _, ...check }: CertificateCheck,
): Promise<VouchConflict | undefined> {
  try {
    const { notBefore, notAfter } = await refusing(async () => endorsementIn(Uint8Array.from(known)));
    const at = Math.max(notBefore, vouch.endorsement.notBefore);
    if (at >= Math.min(notAfter, vouch.endorsement.notAfter)) return undefined;
    const other = await checkOne(known, { ...check, now: at });
    if (equal(other.endorsed.keyIdentifier, vouch.endorsed.keyIdentifier)) return undefined;
    return {
      domain: vouch.domain,
      jid: vouch.evidence.jid,
      identities: [other.endorsed, vouch.endorsed],
      statements: [Uint8Array.from(known), vouch.evidence.statement as Uint8Array],
      at,
    };
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}
