/**
 * The level that evidence comes to. Levels are names, not a scale on which several weak words add up to a strong one: each is earned by
 * evidence of its own kind, and while that is in force (P13, P14).
 * @module
 */
import { equal, type PublicKey } from '@stanzaseal/cms';
import type { Evidence, EvidenceKind } from './evidence.js';

/** How much is known of an identity key. */
export type Level = 'unverified' | 'vouched' | 'endorsed' | 'verified';

/** All levels, the one that asks least of others last. */
export const LEVELS: readonly Level[] = ['verified', 'endorsed', 'vouched', 'unverified'];

/** The level that each kind of evidence earns; `unverified` for what is shown and raises nothing. */
export const LEVEL_OF: Readonly<Record<EvidenceKind, Level>> = Object.freeze({
  fingerprint: 'verified',
  sas: 'verified',
  password: 'verified',
  'own-device': 'verified',
  x509: 'endorsed',
  openpgp: 'endorsed',
  vouch: 'vouched',
  // What a friend says is worth what the friend knows: the user decides, no program does.
  contact: 'unverified',
  // Somebody holds the key and is online; who, it does not say.
  handshake: 'unverified',
});

/** What evidence comes to. */
export interface LevelInForce {
  /** The level. */
  readonly level: Level;
  /** The evidence that earns it, newest first; none where the level is `unverified`. */
  readonly evidence: readonly Evidence[];
  /** When it must be asked again, in ms since 1970: some evidence of this level ends. `undefined`: never of itself. */
  readonly until: number | undefined;
}

/**
 * The level of an identity key now.
 * @param evidence all that is kept of the account; what speaks of another key does not count (a changed key starts anew)
 * @param key the identity key
 * @example
 * levelInForce([{ jid, identity: key.raw, kind: 'sas', at }], key, Date.now()).level; // 'verified'
 */
export function levelInForce(
  evidence: readonly Evidence[],
  key: Pick<PublicKey, 'raw' | 'keyIdentifier'>,
  now: number,
): LevelInForce {
  const counted = evidence.filter((one) => speaksOf(one, key) && isInForce(one, now));
  for (const level of LEVELS) {
    if (level === 'unverified') break;
    const earning = counted.filter(({ kind }) => LEVEL_OF[kind] === level).sort((a, b) => b.at - a.at);
    if (earning.length === 0) continue;
    const ends = earning.flatMap(({ notAfter }) => notAfter ?? []);
    return { level, evidence: earning, until: ends.length === 0 ? undefined : Math.min(...ends) };
  }
  return { level: 'unverified', evidence: [], until: undefined };
}

/** Whether a piece of evidence is about this key: named by itself, or, from before it was ever seen, by its identifier. */
export function speaksOf(
  { identity }: Evidence,
  { raw, keyIdentifier }: Pick<PublicKey, 'raw' | 'keyIdentifier'>,
): boolean {
  return equal(identity, raw) || equal(identity, keyIdentifier);
}

/** Whether a piece of evidence holds now. */
export function isInForce({ notAfter, revokedAt }: Evidence, now: number): boolean {
  return revokedAt === undefined && (notAfter === undefined || notAfter > now);
}
