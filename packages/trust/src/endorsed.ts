/**
 * What a good statement comes to, whoever made it.
 * @module
 */
import { type CryptoProvider, type Endorsement, type PublicKey, publicKeyFromRaw } from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import type { Evidence } from './levels/evidence.js';
import { speaksOf } from './levels/level.js';
import { statementError } from './trustError.js';

/** A statement that was checked. */
export interface Endorsed {
  /** What to keep, by `recordEvidence` of the messenger: it raises the level. With `revokedAt`: it takes back what its author said before. */
  readonly evidence: Omit<Evidence, 'at'>;
  /** The endorsement. */
  readonly endorsement: Endorsement;
  /** The endorsed key. */
  readonly endorsed: PublicKey;
}

/** What is expected of every statement. */
export interface Expected {
  /** Bare JID of the account, or domain, that it must speak of. */
  readonly jid: string;
  /** Its identity key, raw or by its identifier: a statement of another is refused. Left out: it speaks of whichever key it names. */
  readonly identity?: Uint8Array;
  /** The time of receipt in ms since 1970: it alone decides whether keys and statements are in force (B11). */
  readonly now: number;
}

/** `notBefore` may lie so far ahead of the receiver's clock (specification, section 10.1), in ms. */
export const CLOCK_SKEW = 86_400_000;

/**
 * Judges what an endorsement says, its signatures apart: the account, the key, the purpose (or its revocation) and the time.
 * @throws TrustError `ERR_VERIFY`; CmsError, StanzaError for what cannot be read
 */
export async function judgeEndorsement(
  endorsement: Endorsement,
  purpose: 'identity' | 'vouched',
  { jid, identity, now }: Expected,
  crypto: CryptoProvider,
): Promise<PublicKey> {
  const { owner, endorsed, notBefore, notAfter } = endorsement;
  // Written in normal form, compared as strings (T22): another spelling is another address.
  if (owner !== bareJid(jid)) throw statementError();
  if (endorsement.purpose !== purpose && endorsement.purpose !== 'revoked') throw statementError();
  if (endorsed.algorithm !== 'Ed25519') throw statementError();
  if (notBefore > now + CLOCK_SKEW || notAfter <= now) throw statementError();
  const key = await publicKeyFromRaw('Ed25519', endorsed.raw, crypto);
  if (identity !== undefined && !speaksOf({ identity } as Evidence, key)) throw statementError();
  return key;
}

/** Evidence of a checked statement, under the name of its author. @param until when what it rests on ends, in ms since 1970 */
export function evidenceOf(
  kind: 'x509' | 'openpgp' | 'vouch',
  by: string,
  statement: Uint8Array,
  endorsement: Endorsement,
  { now, until }: { readonly now: number; readonly until: number },
): Endorsed['evidence'] {
  const { owner: jid, endorsed, notAfter, sequence, purpose } = endorsement;
  return {
    jid,
    identity: endorsed.raw,
    kind,
    by,
    statement: Uint8Array.from(statement),
    notAfter: Math.min(notAfter, until),
    sequence,
    ...(purpose === 'revoked' ? { revokedAt: now } : {}),
  };
}
