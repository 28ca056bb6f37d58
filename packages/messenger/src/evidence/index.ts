/**
 * Trust as a user manages it: evidence, revocations, rules, and trust messages between the account's own devices.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { TrustLevel } from '@stanzaseal/keystore';
import { bareJid } from '@stanzaseal/stanza';
import {
  type Evidence,
  formatPolicy,
  isInForce,
  LEVEL_OF,
  parsePolicy,
  type TrustPolicy,
} from '@stanzaseal/trust/levels';
import { storedKey } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { MessengerError } from '../messengerError.js';
import * as trust from '../trust.js';

export { exportTrustMessage, importTrustMessage } from './trustMessages.js';

/** A piece of evidence as it is shown. */
export interface KeptEvidence extends Evidence {
  /** Whether it speaks of the account's pinned identity key, and not of one before or another. */
  readonly isOfPinnedKey: boolean;
  /** Whether it counts now: of the pinned key, not revoked, not ended. */
  readonly inForce: boolean;
}

/**
 * Keeps a piece of evidence that a method of verification came to, and gives the level of the account's identity key now.
 * @param evidence `at` is set here; `identity` left out: the pinned key
 * @throws MessengerError `ERR_VERIFY` for a statement that goes back behind one that is kept; `ERR_NO_KEYS` without `identity` for an
 * unknown contact
 * @example
 * await recordEvidence(messenger, { jid: 'romeo@montague.example', kind: 'sas' }); // 'verified'
 */
export function recordEvidence(
  messenger: Messenger,
  evidence: Omit<Evidence, 'at' | 'identity'> & { readonly identity?: Uint8Array },
): Promise<TrustLevel> {
  return within(messenger, async (session) => {
    const jid = bareJid(evidence.jid);
    const identity = evidence.identity ?? (await session.store.get('contacts', jid))?.identity;
    if (identity === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${jid} are known`);
    return trust.recordEvidence(session, { ...evidence, jid, identity, at: session.clock() });
  });
}

/** All evidence about an account, newest first, what does not count with it. */
export function listEvidence(messenger: Messenger, jid: string): Promise<readonly KeptEvidence[]> {
  return within(messenger, async (session) => {
    const bare = bareJid(jid);
    const contact = await session.store.get('contacts', bare);
    const key = contact && (await storedKey('Ed25519', contact.identity, session.crypto));
    return (await trust.evidenceOf(session, bare))
      .map(([, one]): KeptEvidence => {
        const isOfPinnedKey =
          key !== undefined && (equal(one.identity, key.raw) || equal(one.identity, key.keyIdentifier));
        return { ...one, isOfPinnedKey, inForce: isOfPinnedKey && isInForce(one, session.clock()) };
      })
      .sort((a, b) => b.at - a.at);
  });
}

/**
 * Takes back what earned a level: all evidence of these kinds about the account, or all of its level `verified`. The level is then
 * what is left; the evidence stays, marked.
 * @returns the level now
 * @throws MessengerError `ERR_NO_KEYS` for an unknown contact
 */
export function revokeEvidence(
  messenger: Messenger,
  jid: string,
  kinds?: readonly Evidence['kind'][],
): Promise<TrustLevel> {
  return within(messenger, async (session) => {
    const bare = bareJid(jid);
    const contact = await session.store.get('contacts', bare);
    if (contact === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${bare} are known`);
    const isNamed = ({ kind }: Evidence): boolean =>
      kinds === undefined ? LEVEL_OF[kind] === 'verified' : kinds.includes(kind);
    let level = await trust.trustNow(session, bare, contact);
    for (const [, one] of await trust.evidenceOf(session, bare)) {
      if (isNamed(one) && one.revokedAt === undefined) {
        level = await trust.recordEvidence(session, { ...one, revokedAt: session.clock() });
      }
    }
    return level;
  });
}

/** The rules about levels; none: every level is enough. */
export function trustPolicy(messenger: Messenger): Promise<TrustPolicy> {
  return within(messenger, async ({ store }) => {
    const record = await store.get('policy', 'self');
    return record === undefined ? [] : parsePolicy(record.rules);
  });
}

/** Sets the rules about levels; none takes them away. @throws TypeError naming what is wrong with them */
export function setTrustPolicy(messenger: Messenger, policy: TrustPolicy): Promise<void> {
  const rules = formatPolicy(parsePolicy(formatPolicy(policy)));
  return within(messenger, ({ store }) =>
    store.commit([{ table: 'policy', key: 'self', record: policy.length === 0 ? undefined : { rules } }]),
  );
}
