/**
 * Gives entries their places in the log, in the order of commits: a group of entries is one transaction, and no two transactions of an
 * archive overlap.
 * @module
 */
import type { MaybePromise } from '@stanzaseal/cms';
import type { Database, Row, Rows, Value } from '../engine/database.js';
import { Turns } from '../engine/turns.js';
import { MerkleLog } from '../evidence/index.js';
import type { KeyVault } from '../keys/keyVault.js';
import { ENTRIES, NAMES, OWNER_STATES, QUARANTINE, RECIPIENT_KEYS } from '../layout.js';
import type { EntrySource } from './composedEntry.js';
import { GroupCommit } from './groupCommit.js';
import { LogTiles } from './logTiles.js';
import { type PreparedEntry, type PrepareParameters, preparedEntry, prepareEntry, rowOf } from './preparedEntry.js';

/** Where an entry is. */
export interface Placed {
  /** Its leaf's index. */
  readonly leafIndex: number;
  /** Its leaf. */
  readonly leafHash: Uint8Array;
  /** Number of leaves when it was durable. */
  readonly treeSize: number;
  /** Whether it was there before. */
  readonly duplicate: boolean;
  /** Why it is in quarantine; `undefined` if it is not. */
  readonly reason: string | undefined;
}

/** Further writes of the transaction in which an entry gets its place. */
export type Alongside = (rows: Rows, leafIndex: number) => Promise<void>;

interface Rider {
  readonly write: (rows: Rows) => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How long a group waits for entries that are being made ready, in ms. */
const LINGER = 5;

/** Writes entries. */
export class Sequencer {
  readonly #content: Database;
  readonly #vault: KeyVault;
  readonly #parameters: PrepareParameters;
  readonly #groups: GroupCommit<PreparedEntry, Placed>;
  readonly #turns = new Turns();
  readonly #onGrown: (size: number) => void;
  /** As last seen; what another process destroyed is seen in the next transaction. */
  #erasures: number;
  /** Entries that are being made ready for a group, and who waits until there are none. */
  #preparing = 0;
  readonly #awaitPrepared: (() => void)[] = [];
  /** Whether the group before had copies: then they are looked for first. */
  #expectsCopies = true;
  /** What is to be written with the next group. */
  readonly #riders: Rider[] = [];
  #tiles: { readonly size: number; readonly tiles: LogTiles } | undefined;

  constructor(
    content: Database,
    parameters: PrepareParameters,
    erasures: number,
    batch: number,
    onGrown: (size: number) => void,
  ) {
    this.#content = content;
    this.#vault = parameters.vault;
    this.#parameters = parameters;
    this.#erasures = erasures;
    this.#onGrown = onGrown;
    this.#groups = new GroupCommit(
      (entries) => this.#commit(entries),
      batch,
      LINGER,
      () => this.#preparing > 0,
    );
  }

  /** Appends an entry, together with whatever else arrives meanwhile. Durable when it resolves, to what `receipt` makes of its place. */
  append<R>(source: EntrySource, receipt: (placed: Placed) => MaybePromise<R>): Promise<R> {
    this.#preparing++;
    return new Promise((resolve, reject) => {
      const told = (placed: Placed) => {
        try {
          resolve(receipt(placed));
        } catch (error) {
          reject(error);
        }
      };
      const enter = (ready: PreparedEntry) => {
        this.#prepared();
        this.#groups.enter({ item: ready, resolve: told, reject });
      };
      const fail = (error: unknown) => {
        this.#prepared();
        reject(error);
      };
      prepareEntry(source, this.#erasures, this.#parameters, enter, fail);
    });
  }

  /** Appends an entry in a transaction of its own, in which more is written. */
  async appendWith(source: EntrySource, alongside: Alongside): Promise<Placed> {
    const entry = await preparedEntry(source, this.#erasures, this.#parameters);
    const [placed] = await this.#commit([entry], alongside);
    return placed as Placed;
  }

  /** Appends entries in one transaction of their own, in which more is written whether or not any of them is new. */
  async appendAll(sources: readonly EntrySource[], alongside: Alongside): Promise<Placed[]> {
    const entries = await Promise.all(sources.map((source) => preparedEntry(source, this.#erasures, this.#parameters)));
    return this.#commit(entries, alongside);
  }

  /**
   * Writes something more in the transaction of the next group, or in one of its own where no group is under way: a synchronisation of the
   * disk costs as much as tens of entries. Durable when it resolves.
   */
  writeAlong(write: (rows: Rows) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#riders.push({ write, resolve, reject });
      const rest = () => (this.#riders.length > 0 ? this.#commit([]) : undefined);
      this.settled()
        .then(rest)
        .catch(() => undefined); // who waits is told below
    });
  }

  /** Waits for all that was handed in. */
  async settled(): Promise<void> {
    if (this.#preparing > 0) await new Promise<void>((resolve) => this.#awaitPrepared.push(resolve));
    await this.#groups.settled();
  }

  #prepared(): void {
    if (--this.#preparing === 0) for (const tell of this.#awaitPrepared.splice(0)) tell();
  }

  #commit(entries: readonly PreparedEntry[], alongside?: Alongside): Promise<Placed[]> {
    return this.#turns.take(() => this.#commitNow(entries, alongside));
  }

  async #commitNow(entries: readonly PreparedEntry[], alongside?: Alongside): Promise<Placed[]> {
    // What fails with an entry's own further writes is no business of others.
    const riders = alongside === undefined ? this.#riders.splice(0) : [];
    try {
      const placed = await this.#commitWith(riders, entries, alongside);
      for (const { resolve } of riders) resolve();
      return placed;
    } catch (error) {
      for (const { reject } of riders) reject(error);
      throw error;
    }
  }

  async #commitWith(
    riders: readonly Rider[],
    entries: readonly PreparedEntry[],
    alongside: Alongside | undefined,
  ): Promise<Placed[]> {
    for (let ready = entries; ; ) {
      try {
        const result = await this.#content.transaction(async (rows) => {
          const written = await this.#write(rows, ready, alongside);
          for (const { write } of riders) await write(rows);
          return written;
        });
        if (entries.length > 0) this.#expectsCopies = result.placed.some(({ duplicate }) => duplicate);
        if (result.grown) this.#onGrown(result.size);
        return result.placed;
      } catch (error) {
        this.#tiles = undefined;
        if (error instanceof CopiesFound) this.#expectsCopies = true;
        else if (error instanceof KeysDestroyed) ready = await this.#renew(ready, error.erasures);
        else throw error;
      }
    }
  }

  /** Keys were destroyed since entries were made ready, perhaps those that they are under. */
  #renew(entries: readonly PreparedEntry[], erasures: number): Promise<PreparedEntry[]> {
    this.#vault.forget();
    this.#erasures = erasures;
    const renewed = (entry: PreparedEntry) => preparedEntry(entry.source, erasures, this.#parameters);
    return Promise.all(entries.map(async (entry) => (entry.erasures === erasures ? entry : renewed(entry))));
  }

  async #write(
    rows: Rows,
    entries: readonly PreparedEntry[],
    alongside: Alongside | undefined,
  ): Promise<{ placed: Placed[]; size: number; grown: boolean }> {
    const [state] = await rows.rows('SELECT size, erasures FROM state WHERE number = 1');
    const [start, erasures] = [Number(state?.size), Number(state?.erasures)];
    if (entries.some((entry) => entry.erasures !== erasures)) throw new KeysDestroyed(erasures);
    const { accepted, places, reasons } = await this.#place(rows, entries, start, erasures);
    const size = start + accepted.length;
    const tiles = this.#tiles?.size === start ? this.#tiles.tiles.over(rows) : new LogTiles(rows);
    const duplicates = places.filter((place) => place < start);
    const known = new Map(duplicates.map((place, i) => [place, i]));
    const leaves = duplicates.length === 0 ? [] : await tiles.leaves(duplicates);
    if (accepted.length > 0) {
      await insertEntries(rows, accepted, start);
      await tiles.loadEdge(start);
      await new MerkleLog(tiles, start).append(accepted.map(({ composed }) => composed.leafHash));
      await tiles.flush();
      await rows.run('UPDATE state SET size = $1 WHERE number = 1', [size]);
    }
    await alongside?.(rows, start);
    this.#tiles = { size, tiles };
    const seen = new Set<number>();
    const placed = places.map((leafIndex, i) => {
      const entry = accepted[leafIndex - start];
      const duplicate = entry === undefined || seen.has(leafIndex);
      seen.add(leafIndex);
      const leafHash = entry?.composed.leafHash ?? (leaves[known.get(leafIndex) as number] as Uint8Array);
      return { leafIndex, leafHash, treeSize: size, duplicate, reason: reasons[i] };
    });
    return { placed, size, grown: accepted.length > 0 };
  }

  /** Which entries are new, and the place of each. */
  async #place(
    rows: Rows,
    entries: readonly PreparedEntry[],
    start: number,
    erasures: number,
  ): Promise<{ accepted: readonly PreparedEntry[]; places: number[]; reasons: (string | undefined)[] }> {
    // If there are any, they show when their names are inserted.
    if (!this.#expectsCopies) {
      const places = entries.map((_, i) => start + i);
      return { accepted: entries, places, reasons: entries.map(({ composed }) => composed.reason) };
    }
    const known = await namesOf(rows, entries);
    const accepted: PreparedEntry[] = [];
    const places: number[] = [];
    const reasons: (string | undefined)[] = [];
    for (const entry of entries) {
      let accepts = entry;
      let [same, id] = nameTextsOf(entry);
      let place = known.get(same);
      if (place === undefined && known.has(id)) {
        // The id of a stanza was used for another one (K9): neither is lost.
        accepts = await preparedEntry({ ...entry.source, as: 'conflict' }, erasures, this.#parameters);
        [same, id] = nameTextsOf(accepts);
        place = known.get(same) ?? (await namesOf(rows, [accepts])).get(same);
      }
      if (place === undefined) {
        place = start + accepted.length;
        accepted.push(accepts);
        if (same !== '') known.set(same, place);
        if (id !== '') known.set(id, place);
      }
      places.push(place);
      reasons.push(accepts.composed.reason);
    }
    return { accepted, places, reasons };
  }
}

/** Ends a transaction that met what is there already. */
class CopiesFound extends Error {}

/** Ends a transaction whose entries are under keys that may be gone. */
class KeysDestroyed extends Error {
  readonly erasures: number;

  constructor(erasures: number) {
    super('keys were destroyed');
    this.erasures = erasures;
  }
}

/** Where the tags of entries are in the log already. */
async function namesOf(rows: Rows, entries: readonly PreparedEntry[]): Promise<Map<string, number>> {
  const keys = entries.flatMap(({ owner, composed: { sameTag, idTag } }) =>
    [sameTag, idTag].filter((tag) => tag !== undefined).map((tag): Value[] => [owner.owner, tag]),
  );
  const found = await rows.find(NAMES, ['owner', 'tag'], keys);
  return new Map(found.map((row) => [nameText(row.owner as number, row.tag as Uint8Array), row.seq as number]));
}

/** By which its copies are found, and by which its id is; `''` for none. */
function nameTextsOf({ owner: { owner }, composed }: PreparedEntry): [same: string, id: string] {
  const text = (tag: Uint8Array | undefined) => (tag === undefined ? '' : nameText(owner, tag));
  return [text(composed.sameTag), text(composed.idTag)];
}

function nameText(owner: number, tag: Uint8Array): string {
  return `${owner} ${Buffer.from(tag.buffer, tag.byteOffset, tag.length).toString('latin1')}`;
}

async function insertEntries(rows: Rows, entries: readonly PreparedEntry[], start: number): Promise<void> {
  const clocks = await advanceClocks(rows, entries);
  await rows.insert(
    ENTRIES,
    entries.map((entry, i) => rowOf(entry, start + i, clocks[i] as number)),
  );
  const names: Value[][] = [];
  for (const [i, { owner, composed }] of entries.entries()) {
    const [seq, clock] = [start + i, clocks[i] as number];
    if (composed.sameTag !== undefined) names.push([owner.owner, composed.sameTag, seq, clock]);
    if (composed.idTag !== undefined) names.push([owner.owner, composed.idTag, seq, clock]);
  }
  // Of a group without copies nothing was looked for: here they show.
  if ((await rows.insertNew(NAMES, names)) < names.length) throw new CopiesFound();
  await rows.insert(
    RECIPIENT_KEYS,
    entries.flatMap(({ composed: { keyTags } }, i) => keyTags.map((tag): Value[] => [tag, start + i])),
  );
  const quarantined = entries.flatMap(({ owner, composed: { reason } }, i): Value[][] =>
    reason === undefined ? [] : [[owner.owner, start + i, reason]],
  );
  await rows.insert(QUARANTINE, quarantined);
}

/** Moves the owners' clocks on, and gives what each entry's clock shows. */
async function advanceClocks(rows: Rows, entries: readonly PreparedEntry[]): Promise<number[]> {
  const owners = [...new Set(entries.map(({ owner }) => owner.owner))];
  const found = await rows.find(
    OWNER_STATES,
    ['owner'],
    owners.map((owner) => [owner]),
  );
  const states = new Map(found.map((row) => [row.owner as number, stateOf(row)]));
  const clocks = entries.map(({ owner: { owner }, source: { receivedAt } }) => {
    const { clock, lateness } = states.get(owner) ?? { clock: receivedAt, lateness: 0 };
    const now = Math.max(clock, receivedAt);
    states.set(owner, { clock: now, lateness: Math.max(lateness, now - receivedAt) });
    return now;
  });
  await rows.upsert(
    OWNER_STATES,
    [...states].map(([owner, { clock, lateness }]) => [owner, clock, lateness]),
  );
  return clocks;
}

function stateOf({ clock, lateness }: Row): { clock: number; lateness: number } {
  return { clock: clock as number, lateness: lateness as number };
}
