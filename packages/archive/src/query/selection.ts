/**
 * Which entries a query is about, as SQL. Every value is a parameter (K12), and the owner is in every statement.
 * @module
 */
import { STANZA_KINDS, type StanzaKind } from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import type { ArchiveCore } from '../core.js';
import type { Rows, Value } from '../engine/database.js';
import { ENTRY_KINDS } from '../evidence/index.js';
import { monthOf, type Owner } from '../keys/keyVault.js';
import { peerColumns } from '../log/entryTags.js';
import { type Conditions, rowsAlong, type Stretch } from './alongClock.js';

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

const GOOD = [ENTRY_KINDS.indexOf('sealed'), ENTRY_KINDS.indexOf('plain')];

/** Conditions for an owner's good entries, after and before places that may be given. */
export async function conditionsOf(
  { content, peers }: ArchiveCore,
  rows: Rows,
  owner: Owner,
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
  if (start !== undefined) terms.push(`time >= ${value(start)}`, `month >= ${value(monthOf(start))}`);
  if (end !== undefined) terms.push(`time <= ${value(end)}`, `month <= ${value(monthOf(end))}`);
  const bounds = await boundsOf(rows, owner, selection, after, before);
  const stretch = content.engine === 'postgres' ? bounds : undefined;
  if (peer === undefined) {
    for (const { seq, clock } of after) terms.push(`(clock, seq) > (${value(clock)}, ${value(seq)})`);
    for (const { seq, clock } of before) terms.push(`(clock, seq) < (${value(clock)}, ${value(seq)})`);
    if (start !== undefined) terms.push(`clock >= ${value(start)}`);
    if (end !== undefined) terms.push(`clock <= ${value(bounds.until)}`);
    return { order: ['clock', 'seq'], where: terms.join(' AND '), values, stretch };
  }
  const slash = peer.indexOf('/');
  const asked = { bare: bareJid(peer), resource: slash < 0 ? '' : peer.slice(slash + 1) };
  const columns = peerColumns(owner.tags, peers, asked);
  terms.push(`peer = ${value(columns.peer)}`);
  if (slash >= 0) terms.push(`resource = ${value(columns.resource)}`);
  for (const { seq } of after) terms.push(`seq > ${value(seq)}`);
  for (const { seq } of before) terms.push(`seq < ${value(seq)}`);
  // A peer's index is sorted by place alone: where times begin and end is looked up first.
  const edge = (comparison: string, clock: number, backwards: boolean) =>
    edgeOf(rows, owner, stretch, `clock ${comparison} $3`, clock, backwards);
  if (start !== undefined) terms.push(`seq >= ${value((await edge('>=', start, false)) ?? Number.MAX_SAFE_INTEGER)}`);
  if (end !== undefined) terms.push(`seq <= ${value((await edge('<=', bounds.until, true)) ?? -1)}`);
  return { order: ['seq'], where: terms.join(' AND '), values, stretch };
}

/**
 * The owner's clock grows with the log, so times bound a stretch of it: everything received at or after `start` stands where the clock shows
 * at least that, and everything received until `end` where it shows no more than that and the greatest lateness.
 */
async function boundsOf(
  rows: Rows,
  { owner }: Owner,
  { start, end }: Selection,
  after: readonly Cursor[],
  before: readonly Cursor[],
): Promise<Stretch> {
  const [state] = await rows.rows('SELECT clock, lateness FROM owner_states WHERE owner = $1', [owner]);
  const lateness = Number(state?.lateness ?? 0);
  const firsts = [...(start === undefined ? [] : [start]), ...after.map(({ clock }) => clock)];
  const lasts = [...(end === undefined ? [] : [end + lateness]), ...before.map(({ clock }) => clock)];
  return {
    from: firsts.length === 0 ? undefined : Math.max(...firsts),
    until: Math.min(Number(state?.clock ?? 0), ...lasts),
    lateness,
  };
}

/** The first or last place of an owner's where the clock is so. */
async function edgeOf(
  rows: Rows,
  { owner, shard }: Owner,
  stretch: Stretch | undefined,
  comparison: string,
  clock: number,
  backwards: boolean,
): Promise<number | undefined> {
  const where = `shard = $1 AND owner = $2 AND ${comparison}`;
  const conditions = { order: ['clock', 'seq'], where, values: [shard, owner, clock], stretch };
  const [row] = await rowsAlong(rows, 'seq', conditions, { backwards, limit: 1, offset: 0 });
  return row?.seq as number | undefined;
}
