/**
 * Pages (XEP-0313 §4 with XEP-0059): in the order of the log, so that a cursor stays where it is while others write (K13).
 * @module
 */
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { Row, Rows } from '../engine/database.js';
import type { Owner } from '../keys/keyVault.js';
import { type Conditions, rowsAlong } from './alongClock.js';
import { type ArchivedStanza, stanzaOf } from './archivedStanza.js';
import { idOfLeaf, placesOf } from './cursors.js';
import { ENTRY_COLUMNS, readEntries } from './readEntries.js';
import { conditionsOf, type Selection } from './selection.js';

/** What a page is asked for. */
export interface PageQuery extends Selection {
  /** Bare JID of the account or room: nobody else's entries are seen, whatever else is asked. */
  readonly owner: string;
  /** Only what stands after this id (XEP-0313 `after-id`). */
  readonly afterId?: string;
  /** Only what stands before this id (XEP-0313 `before-id`). */
  readonly beforeId?: string;
  /** Only these (XEP-0313 `ids`). */
  readonly ids?: readonly string[];
  /** The page that follows this id (RSM). */
  readonly after?: string;
  /** The page that ends before this id; `''` for the last page (RSM). */
  readonly before?: string;
  /** The page that begins with the entry of this number, from 0 (RSM). */
  readonly index?: number;
  /** Most entries; never more than the archive's limit. */
  readonly max?: number;
  /** The newest first on the page. */
  readonly flip?: boolean;
  /** Also count what is selected, and the index of the first on the page: it costs a look at each. */
  readonly count?: boolean;
}

/** A page. */
export interface Page {
  /** Entries, the oldest first unless `flip`. */
  readonly entries: readonly ArchivedStanza[];
  /** Whether there is no further page in the direction asked. */
  readonly complete: boolean;
  /** Id of the oldest of the page; to go back from. */
  readonly first: string | undefined;
  /** Id of the newest of the page; to go on from. */
  readonly last: string | undefined;
  /** How many are selected, where asked for. */
  readonly count: number | undefined;
  /** Which of them the oldest of the page is, where asked for. */
  readonly index: number | undefined;
  /** Leaf indexes of entries that would be here and are damaged. */
  readonly damaged: readonly number[];
}

const EMPTY: Page = Object.freeze({
  entries: [],
  complete: true,
  first: undefined,
  last: undefined,
  count: undefined,
  index: undefined,
  damaged: [],
});

/** A page of an owner's entries. @throws ArchiveError `ERR_NOT_FOUND` for an id that the owner does not have */
export async function readPage(core: ArchiveCore, query: PageQuery): Promise<Page> {
  const owner = await core.vault.owner(core.ownerName(query.owner));
  if (owner === undefined) {
    if (
      [query.afterId, query.beforeId, query.after, query.before || undefined, ...(query.ids ?? [])].some(
        (id) => id !== undefined,
      )
    )
      throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry of this id');
    return { ...EMPTY, ...(query.count === true ? { count: 0 } : {}) };
  }
  return core.content.snapshot((rows) => readOwnersPage(core, rows, owner, query));
}

async function readOwnersPage(core: ArchiveCore, rows: Rows, owner: Owner, query: PageQuery): Promise<Page> {
  const backwards = query.before !== undefined;
  const conditions = await conditionsWithin(core, rows, owner, query, [query.after, query.before]);
  const max = Math.min(whole(query.max ?? core.limits.page, 'max'), core.limits.page);
  const offset = query.index === undefined ? 0 : whole(query.index, 'index');
  const columns = offset === 0 ? ENTRY_COLUMNS : '*'; // PostgreSQL would also look for the leaves of what is passed over
  const selected = await rowsAlong(rows, columns, conditions, { backwards, limit: max + 1, offset });
  const more = selected.length > max;
  const stored = selected.slice(0, max);
  if (backwards) stored.reverse();
  const read = await readEntries(stored, rows, core);
  const good = read.map((entry) => ('damage' in entry ? undefined : stanzaOf(entry)));
  const damaged = stored.filter((_, i) => good[i] === undefined).map(({ seq }) => seq as number);
  for (const leafIndex of damaged) core.onEvent({ type: 'damaged', owner: owner.jid, leafIndex });
  const ids = good.map((entry, i) => entry?.id ?? idOfLeaf(stored[i]?.seq as number));
  const entries = good.filter((entry) => entry !== undefined);
  if (query.flip === true) entries.reverse();
  const isNarrowed = [query.after, query.before].some((id) => id !== undefined && id !== '');
  const all = isNarrowed && query.count === true ? await conditionsWithin(core, rows, owner, query, []) : conditions;
  return {
    entries,
    // Of no entries asked for (RSM §2.7: a count alone) nothing is known but whether there are any.
    complete: !more,
    first: ids[0],
    last: ids.at(-1),
    ...(query.count === true ? await countOf(rows, all, stored[0]) : { count: undefined, index: undefined }),
    damaged,
  };
}

/** Conditions with those of ids; an id that a page begins after or before narrows them further. */
async function conditionsWithin(
  core: ArchiveCore,
  rows: Rows,
  owner: Owner,
  query: PageQuery,
  [after, before]: readonly (string | undefined)[],
): Promise<Conditions> {
  const places = (...ids: (string | undefined)[]) =>
    placesOf(rows, owner, ids.filter((id) => id !== undefined && id !== '') as string[]);
  const conditions = await conditionsOf(
    core,
    rows,
    owner,
    query,
    await places(query.afterId, after),
    await places(query.beforeId, before),
  );
  if (query.ids === undefined) return conditions;
  if (query.ids.length > core.limits.page) throw new RangeError('ids are more than a page has');
  const values = [...conditions.values];
  const seqs = (await placesOf(rows, owner, query.ids)).map(({ seq }) => `$${values.push(seq)}`);
  const where = `${conditions.where} AND seq IN (${seqs.join() || '-1'})`;
  return { ...conditions, where, values, stretch: undefined }; // as few as they are, no months would be full of them
}

async function countOf(
  rows: Rows,
  { where, order, values }: Conditions,
  first: Row | undefined,
): Promise<{ count: number; index: number | undefined }> {
  const count = async (further: string, more: readonly number[]) =>
    Number((await rows.rows(`SELECT count(*) AS n FROM entries WHERE ${where}${further}`, [...values, ...more]))[0]?.n);
  const total = await count('', []);
  if (first === undefined) return { count: total, index: undefined };
  const [clock, seq] = [`$${values.length + 1}`, `$${values.length + 2}`];
  const index =
    order.length === 1
      ? await count(` AND seq < ${clock}`, [first.seq as number])
      : await count(` AND (clock, seq) < (${clock}, ${seq})`, [first.clock as number, first.seq as number]);
  return { count: total, index };
}

function whole(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is no whole number from 0 on`);
  return value;
}
