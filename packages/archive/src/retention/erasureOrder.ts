/**
 * Orders erasures: from the moment its record is in the log an erasure is carried out, whatever stops in between.
 * @module
 */
import { drawOctets, type SigningKey } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { Row, Rows, Value } from '../engine/database.js';
import { monthOf, type Owner } from '../keys/keyVault.js';
import { KEKS, KEY_STATE } from '../layout.js';
import { logRecord } from '../records/recordLog.js';
import { type Hold, holdsOf } from './holds.js';
import { ERASURES } from './retentionTables.js';
import { type Term, victimsAmong } from './terms.js';

/** What is to be erased. */
export interface ErasureOrder {
  readonly owner: Owner;
  readonly terms: readonly Term[];
  /** In ms since 1970: no entry outside is erased, whatever the terms say. */
  readonly start: number;
  readonly end: number;
  /** For the record. */
  readonly reason: string;
  /** What a hold covers is left out; else a hold refuses the whole. */
  readonly sparesHeld: boolean;
}

/** A hold is in the way. */
export class Held extends ArchiveError {
  /** Which. */
  readonly hold: Hold;

  constructor(hold: Hold) {
    super('ERR_HOLD', 'a legal hold is in force');
    this.hold = hold;
  }
}

/** Rows that are looked at in one go. */
const BATCH = 512;
/** The last time that has a month. */
const LAST_TIME = 8.64e15;

/**
 * Orders an erasure; gives the leaf index of its record, or `undefined` where there is nothing to erase. New keys are there before the order is,
 * so that whatever is written after it is under them.
 * @throws Held where a hold is in the way
 */
export async function orderErasure(
  core: ArchiveCore,
  recordKey: SigningKey,
  order: ErasureOrder,
): Promise<number | undefined> {
  const { owner, start, end, reason, sparesHeld } = order;
  const judge = async (rows: Rows): Promise<readonly Term[]> => {
    const holds = await holdsOf(rows, owner.owner, start, end);
    if (holds[0] !== undefined && !sparesHeld) throw new Held(holds[0]);
    const spared = holds.map((held): Term => ({ spares: true, start: held.start, end: held.end }));
    return [...spared, ...order.terms];
  };
  const before = await core.content.snapshot(judge);
  const keks = await doomedKeys(core, order, before);
  if (keks.length === 0) return undefined;
  const renewed = await renewKeys(core, owner.owner, new Set(keks.map(({ month }) => month as number)));
  const act = { act: 'erasure', owner: owner.jid, start, end, reason } as const;
  const { leafIndex } = await logRecord(core, recordKey, act, async (rows, seq) => {
    const terms = JSON.stringify(await judge(rows));
    await rows.run('UPDATE state SET erasures = erasures + 1 WHERE number = 1');
    const table = keks.map(({ kek, month }): Value[] => {
      return [
        kek as number,
        seq,
        owner.owner,
        owner.shard,
        month as number,
        renewed.get(month as number) ?? 0,
        terms,
        -1,
      ];
    });
    await rows.insertNew(ERASURES, table);
  });
  core.vault.forget();
  return leafIndex;
}

/** Keys under which something is to be erased, and no erasure is under way. */
async function doomedKeys(
  core: ArchiveCore,
  { owner, start, end }: ErasureOrder,
  terms: readonly Term[],
): Promise<Row[]> {
  const sql = 'SELECT kek, month FROM keks WHERE owner = $1 AND month >= $2 AND month <= $3 ORDER BY kek';
  const [first, last] = [monthOf(Math.min(start, LAST_TIME)), monthOf(Math.min(end, LAST_TIME))];
  const keks = await core.keys.rows(sql, [owner.owner, first, last]);
  const underWay = new Set((await core.content.rows('SELECT kek FROM erasures')).map(({ kek }) => kek));
  const doomed: Row[] = [];
  for (const row of keks) {
    if (!underWay.has(row.kek as number) && (await hasVictims(core, owner, row, terms))) doomed.push(row);
  }
  return doomed;
}

async function hasVictims(core: ArchiveCore, owner: Owner, kek: Row, terms: readonly Term[]): Promise<boolean> {
  for (let after = -1; ; ) {
    const { victims, last } = await core.content.snapshot(async (rows) => {
      const stored = await rowsUnder(rows, owner, kek.kek as number, kek.month as number, after, BATCH);
      return { victims: await victimsAmong(core, rows, stored, terms), last: stored.at(-1)?.seq };
    });
    if (victims.size > 0) return true;
    if (last === undefined) return false;
    after = last as number;
  }
}

/** Entries under a key, in the order of the log, after a place. */
export function rowsUnder(
  rows: Rows,
  { owner, shard }: { readonly owner: number; readonly shard: number },
  kek: number,
  month: number,
  after: number,
  most: number,
): Promise<Row[]> {
  const where = 'shard = $1 AND owner = $2 AND month = $3 AND kek = $4 AND seq > $5';
  const sql = `SELECT * FROM entries WHERE ${where} ORDER BY seq LIMIT $6`;
  return rows.rows(sql, [shard, owner, month, kek, after, most]);
}

/** New keys of an owner's months: the newest encrypts from now on. */
async function renewKeys(
  { keys, random }: ArchiveCore,
  owner: number,
  months: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  return keys.transaction(async (rows) => {
    const [state] = await rows.rows('SELECT * FROM key_state WHERE number = 1');
    const next = Number(state?.next_kek);
    const made = new Map([...months].map((month, i) => [month, next + i]));
    await rows.insert(
      KEKS,
      [...made].map(([month, kek]) => [kek, owner, month, drawOctets(random, 32)]),
    );
    const { archive = '', secret = new Uint8Array(0), next_owner: nextOwner = 0 } = state ?? {};
    await rows.upsert(KEY_STATE, [[1, archive, secret, next + made.size, nextOwner]]);
    return made;
  });
}
