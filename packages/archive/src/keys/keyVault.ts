/**
 * Owners and their keys: KEK(owner, month), under which everything of that month is encrypted, and the secrets of tags. They are in a
 * database of their own, so that destroying a key destroys what it opens, in every backup of the contents.
 * @module
 */
import { drawOctets, type RandomSource, toUtf8 } from '@stanzaseal/cms';
import type { Database, Row, Rows } from '../engine/database.js';
import { SHARDS } from '../engine/postgresDefinitions.js';
import { sha256 } from '../evidence/index.js';
import { KEKS, KEY_STATE, OWNERS } from '../layout.js';
import { GroupCommit } from '../log/groupCommit.js';
import { Tags } from './ownerTags.js';
import { openColumn, type SealedColumn, sealColumn } from './sealing.js';

/** An owner: an account or room, or the archive itself (`jid` `''`). */
export interface Owner {
  /** Number in the contents. */
  readonly owner: number;
  /** Bare JID, normalised. */
  readonly jid: string;
  /** Which of the shards. */
  readonly shard: number;
  /** The secret of the owner's tags: 32 octets. */
  readonly secret: Uint8Array;
  /** Tags under it. */
  readonly tags: Tags;
}

/** A key of an owner and month. */
export interface Kek {
  /** Number. */
  readonly kek: number;
  /** 32 octets. */
  readonly secret: Uint8Array;
}

/** What an entry is written with. */
export interface WritingKeys {
  readonly owner: Owner;
  readonly kek: Kek;
}

/** Most owners and keys that are remembered, each. */
const REMEMBERED = 50_000;
const MONTHS = 12;

/** Number of the month (UTC) of a time: 12 * year + month, from 0. */
export function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * MONTHS + date.getUTCMonth();
}

/** The keys database. */
export class KeyVault {
  readonly #database: Database;
  readonly #random: RandomSource;
  readonly #owners = new Map<string, Owner>();
  readonly #writing = new Map<string, WritingKeys>();
  readonly #keks = new Map<number, Kek>();
  #forgettings = 0;
  readonly #makings: GroupCommit<{ readonly jid: string; readonly month: number }, WritingKeys>;

  /** Over a database with the tables of keys, its state row made. */
  constructor(database: Database, random: RandomSource) {
    this.#database = database;
    this.#random = random;
    this.#makings = new GroupCommit(async (wanted) => {
      try {
        return await database.transaction((rows) => this.#make(rows, wanted));
      } catch (error) {
        this.forget(); // owners that were numbered, and are not there
        throw error;
      }
    }, 1024);
  }

  /** The keys to write with, if they are at hand; else a promise of them: they are made, and durable, where there are none. */
  writingKeys(jid: string, month: number): WritingKeys | Promise<WritingKeys> {
    const key = `${month} ${jid}`;
    const forgettings = this.#forgettings;
    return (
      this.#writing.get(key) ??
      this.#makings.add({ jid, month }).then((keys) => {
        // What was read before keys were destroyed is not remembered after it.
        return forgettings === this.#forgettings ? remember(this.#writing, key, keys) : keys;
      })
    );
  }

  /** An owner, or `undefined` for who has never had an entry. */
  async owner(jid: string): Promise<Owner | undefined> {
    const known = this.#owners.get(jid);
    if (known !== undefined) return known;
    const [row] = await this.#database.find(OWNERS, ['jid'], [[jid]]);
    return row === undefined ? undefined : this.#remembered(row);
  }

  /** Keys by their numbers; those that were destroyed are not among them. */
  async keks(numbers: Iterable<number>): Promise<ReadonlyMap<number, Kek>> {
    const found = new Map<number, Kek>();
    const missing = new Set<number>();
    for (const number of numbers) {
      const kek = this.#keks.get(number);
      if (kek === undefined) missing.add(number);
      else found.set(number, kek);
    }
    if (missing.size === 0) return found;
    for (const row of await this.#database.find(
      KEKS,
      ['kek'],
      [...missing].map((number) => [number]),
    )) {
      found.set(row.kek as number, remember(this.#keks, row.kek as number, kekOf(row)));
    }
    return found;
  }

  /** Forgets all keys: some were destroyed. */
  forget(): void {
    this.#forgettings++;
    this.#owners.clear();
    this.#writing.clear();
    this.#keks.clear();
  }

  /** Encrypts octets for a column. */
  seal({ secret }: Kek, column: SealedColumn, octets: Uint8Array): Uint8Array {
    return sealColumn(secret, column, octets, this.#random);
  }

  /** Decrypts what `seal` gave. Throws what is damaged, of another column or key. */
  async open({ secret }: Kek, column: SealedColumn, sealed: Uint8Array): Promise<Uint8Array> {
    return openColumn(secret, column, sealed);
  }

  async #make(rows: Rows, wanted: readonly { readonly jid: string; readonly month: number }[]): Promise<WritingKeys[]> {
    const jids = [...new Set(wanted.map(({ jid }) => jid))];
    const owners = new Map<string, Owner>();
    for (const row of await rows.find(
      OWNERS,
      ['jid'],
      jids.map((jid) => [jid]),
    )) {
      owners.set(row.jid as string, this.#remembered(row));
    }
    const [state] = await rows.rows('SELECT * FROM key_state WHERE number = 1');
    let [nextOwner, nextKek] = [Number(state?.next_owner), Number(state?.next_kek)];
    const newOwners = jids
      .filter((jid) => !owners.has(jid))
      .map((jid) => ({ owner: nextOwner++, jid, secret: drawOctets(this.#random, 32) }));
    await rows.insert(
      OWNERS,
      newOwners.map(({ owner, jid, secret }) => [owner, jid, secret]),
    );
    for (const row of newOwners) owners.set(row.jid, this.#remembered(row));

    const placeOf = ({ jid, month }: { jid: string; month: number }) =>
      [(owners.get(jid) as Owner).owner, month] as const;
    const keks = new Map<string, Kek>();
    for (const row of await rows.find(KEKS, ['owner', 'month'], [...uniquePlaces(wanted.map(placeOf))])) {
      const place = `${row.owner} ${row.month}`;
      // The newest encrypts.
      if ((keks.get(place)?.kek ?? -1) < (row.kek as number)) keks.set(place, kekOf(row));
    }
    const newKeks = [...uniquePlaces(wanted.map(placeOf))]
      .filter(([owner, month]) => !keks.has(`${owner} ${month}`))
      .map(([owner, month]) => ({ kek: nextKek++, owner, month, secret: drawOctets(this.#random, 32) }));
    await rows.insert(
      KEKS,
      newKeks.map(({ kek, owner, month, secret }) => [kek, owner, month, secret]),
    );
    for (const { kek, owner, month, secret } of newKeks) keks.set(`${owner} ${month}`, { kek, secret });
    await rows.upsert(KEY_STATE, [[1, state?.archive ?? '', state?.secret as Uint8Array, nextKek, nextOwner]]);
    // One object for all that want the same: who hands keys on tells by it that they are the same.
    const made = new Map<string, WritingKeys>();
    return wanted.map((each) => {
      const [owner, month] = placeOf(each);
      const place = `${owner} ${month}`;
      const keys = made.get(place) ?? { owner: owners.get(each.jid) as Owner, kek: keks.get(place) as Kek };
      made.set(place, keys);
      return keys;
    });
  }

  #remembered({ owner, jid, secret }: Row): Owner {
    const shard = shardOf(jid as string);
    const known = { owner: owner as number, jid: jid as string, shard, secret: secret as Uint8Array };
    return remember(this.#owners, known.jid, { ...known, tags: new Tags(known.secret) });
  }
}

/** In which shard an owner is: by the hash of the name, so that it is the same everywhere. */
export function shardOf(jid: string): number {
  return (sha256(toUtf8(jid))[0] as number) % SHARDS;
}

function kekOf({ kek, secret }: Row): Kek {
  return { kek: kek as number, secret: secret as Uint8Array };
}

function uniquePlaces(
  places: readonly (readonly [owner: number, month: number])[],
): Iterable<readonly [number, number]> {
  return new Map(places.map((place) => [place.join(' '), place])).values();
}

function remember<K, V>(memory: Map<K, V>, key: K, value: V): V {
  if (memory.size >= REMEMBERED) memory.delete(memory.keys().next().value as K);
  memory.set(key, value);
  return value;
}
