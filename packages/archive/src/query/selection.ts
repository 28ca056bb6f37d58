/**
 * Which entries a query is about, as SQL. Every value is a parameter (K12), and the owner is in every statement.
 * @module
 */
import { STANZA_KINDS, type StanzaKind } from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import type { Rows, Value } from '../engine/database.js';
import { ENTRY_KINDS } from '../evidence/index.js';
import { monthOf, type Owner } from '../keys/keyVault.js';
import { type PeerNames, peerColumns } from '../log/composeEntry.js';

/** What a query selects by (XEP-0313 §4.1). */
export interface Selection {
  /** The other side: a bare JID with all its resources, or a full one. */
  readonly with?: string;
  /** Received then or later, in ms since 1970. */
  readonly start?: number;
  /** Received then or earlier, in ms since 1970. */
  readonly end?: number;
  /** Kinds of stanzas; messages alone if absent, as XEP-0313 has it. */
  readonly kinds?: readonly StanzaKind[];
}

/** A place in an owner's log. */
export interface Cursor {
  /** Leaf index. */
  readonly seq: number;
  /** The owner's clock there. */
  readonly clock: number;
}

/** Conditions of a WHERE and what they are compared with. */
export interface Conditions {
  /** By what rows are to be sorted: that of the index that finds them. */
  readonly order: readonly string[];
  /** Conditions with values in their places. */
  readonly where: string;
  /** The values. */
  readonly values: readonly Value[];
}

const GOOD = [ENTRY_KINDS.indexOf('sealed'), ENTRY_KINDS.indexOf('plain')];

/** Conditions for an owner's good entries, after and before places that may be given. */
export async function conditionsOf(
  rows: Rows,
  owner: Owner,
  peers: PeerNames,
  selection: Selection,
  after: readonly Cursor[] = [],
  before: readonly Cursor[] = [],
): Promise<Conditions> {
  const { with: peer, start, end, kinds = ['message'] } = selection;
  const values: Value[] = [];
  const terms: string[] = [];
  const value = (each: Value) => `$${values.push(each)}`;
  terms.push(`shard = ${value(owner.shard)}`, `owner = ${value(owner.owner)}`);
  terms.push(`form IN (${GOOD.join()})`, `kind IN (${kinds.map((kind) => STANZA_KINDS.indexOf(kind)).join() || '-1'})`);
  terms.push('content IS NOT NULL');
  if (peer !== undefined) {
    const slash = peer.indexOf('/');
    const asked = { bare: bareJid(peer), resource: slash < 0 ? '' : peer.slice(slash + 1) };
    const columns = peerColumns(owner.tags, peers, asked);
    terms.push(`peer = ${value(columns.peer)}`);
    if (slash >= 0) terms.push(`resource = ${value(columns.resource)}`);
    for (const { seq } of after) terms.push(`seq > ${value(seq)}`);
    for (const { seq } of before) terms.push(`seq < ${value(seq)}`);
  } else {
    for (const { seq, clock } of after) terms.push(`(clock, seq) > (${value(clock)}, ${value(seq)})`);
    for (const { seq, clock } of before) terms.push(`(clock, seq) < (${value(clock)}, ${value(seq)})`);
  }
  if (start !== undefined) terms.push(`time >= ${value(start)}`, `month >= ${value(monthOf(start))}`);
  if (end !== undefined) terms.push(`time <= ${value(end)}`, `month <= ${value(monthOf(end))}`);
  terms.push(...(await boundsOf(rows, owner, selection, value)));
  return { order: peer === undefined ? ['clock', 'seq'] : ['seq'], where: terms.join(' AND '), values };
}

/**
 * The owner's clock grows with the log, so times bound a stretch of it: everything received at or after `start` stands where the clock shows
 * at least that, and everything received until `end` where it shows no more than that and the greatest lateness.
 */
async function boundsOf(
  rows: Rows,
  { owner, shard }: Owner,
  { with: peer, start, end }: Selection,
  value: (each: Value) => string,
): Promise<string[]> {
  const terms: string[] = [];
  const [state] =
    end === undefined ? [] : await rows.rows('SELECT lateness FROM owner_states WHERE owner = $1', [owner]);
  const last = (end ?? 0) + Number(state?.lateness ?? 0);
  if (peer === undefined) {
    if (start !== undefined) terms.push(`clock >= ${value(start)}`);
    if (end !== undefined) terms.push(`clock <= ${value(last)}`);
    return terms;
  }
  // A peer's index is sorted by place alone: the stretch is looked up first.
  const edge = async (comparison: string, clock: number, direction: 'ASC' | 'DESC') => {
    const where = `shard = $1 AND owner = $2 AND clock ${comparison} $3`;
    const order = `clock ${direction}, seq ${direction}`;
    const [row] = await rows.rows(`SELECT seq FROM entries WHERE ${where} ORDER BY ${order} LIMIT 1`, [
      shard,
      owner,
      clock,
    ]);
    return row?.seq as number | undefined;
  };
  if (start !== undefined) terms.push(`seq >= ${value((await edge('>=', start, 'ASC')) ?? Number.MAX_SAFE_INTEGER)}`);
  if (end !== undefined) terms.push(`seq <= ${value((await edge('<=', last, 'DESC')) ?? -1)}`);
  return terms;
}
