/**
 * Rules of retention: how long entries are kept.
 * @module
 */
import { bareJid } from '@stanzaseal/stanza';
import type { ArchiveCore } from '../core.js';
import type { Rows } from '../engine/database.js';
import type { Owner } from '../keys/keyVault.js';
import { peerColumns } from '../log/entryTags.js';
import type { Term } from './terms.js';

/** How long entries are kept that fit what is given. What no rule fits is kept for good; of several that fit, the one that says most decides. */
export interface RetentionRule {
  /** Bare JID of the account or room in whose archive they are. */
  readonly owner?: string;
  /** Bare JID of the other side, or of the room. */
  readonly with?: string;
  /** Namespace of a payload; of sealed stanzas it is `urn:xmpp:sealed:0`. */
  readonly namespace?: string;
  /** Days from when they were received; part of a day counts. */
  readonly days: number;
}

const DAY = 86_400_000;

/** Rules in their normal form. @throws RangeError for days that are none; StanzaError `ERR_ADDRESS` */
export function normalRules(core: ArchiveCore, rules: readonly RetentionRule[]): RetentionRule[] {
  return rules.map(({ owner, with: peer, namespace, days }) => {
    if (!(days >= 0 && days <= 100_000)) throw new RangeError('days are not from 0 to 100,000');
    return {
      ...(owner === undefined ? {} : { owner: core.ownerName(owner) }),
      ...(peer === undefined ? {} : { with: bareJid(peer) }),
      ...(namespace === undefined ? {} : { namespace }),
      days,
    };
  });
}

/** The rules in force. */
export async function rulesOf(rows: Rows): Promise<RetentionRule[]> {
  const [row] = await rows.rows('SELECT rules FROM retention_rules WHERE number = 1');
  return row === undefined ? [] : (JSON.parse(row.rules as string) as RetentionRule[]);
}

/** What the rules say of an owner's entries now: the most particular first, of equals the longest. */
export function termsOf(rules: readonly RetentionRule[], owner: Owner, { peers }: ArchiveCore, now: number): Term[] {
  const weight = (rule: RetentionRule): number =>
    (rule.with === undefined ? 0 : 4) + (rule.namespace === undefined ? 0 : 2) + (rule.owner === undefined ? 0 : 1);
  return rules
    .filter((rule) => rule.owner === undefined || rule.owner === owner.jid)
    .sort((a, b) => weight(b) - weight(a) || b.days - a.days)
    .map(({ with: bare, namespace, days }) => ({
      ...(bare === undefined ? {} : { peer: peerColumns(owner.tags, peers, { bare, resource: '' }).peer }),
      ...(namespace === undefined ? {} : { namespace }),
      start: 0,
      end: Math.max(0, now - days * DAY) - 1,
    }));
}
