/**
 * Ids of entries, and the places that they stand for. A tenant's id is found under that tenant alone (K12).
 * @module
 */
import { ArchiveError } from '../archiveError.js';
import type { Rows } from '../engine/database.js';
import type { Owner } from '../keys/keyVault.js';
import { NAMES } from '../layout.js';
import { idTagOf } from '../log/entryTags.js';
import type { Cursor } from './selection.js';

/** Id of what has none of its own: in quarantine, damaged, or a record. */
export function idOfLeaf(leafIndex: number): string {
  return `#${leafIndex}`;
}

/** Places of ids, in their order. @throws ArchiveError `ERR_NOT_FOUND` for one that the owner does not have */
export async function placesOf(rows: Rows, owner: Owner, ids: readonly string[]): Promise<Cursor[]> {
  const tags = ids.map((id) => idTagOf(owner.tags, id));
  const found = await rows.find(
    NAMES,
    ['owner', 'tag'],
    tags.map((tag) => [owner.owner, tag]),
  );
  const places = new Map(found.map(({ tag, seq, clock }) => [hex(tag as Uint8Array), { seq, clock } as Cursor]));
  return Promise.all(
    ids.map(async (id, i) => {
      const place = places.get(hex(tags[i] as Uint8Array)) ?? (await placeOfLeaf(rows, owner, id));
      if (place === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry of this id');
      return place;
    }),
  );
}

async function placeOfLeaf(rows: Rows, { owner, shard }: Owner, id: string): Promise<Cursor | undefined> {
  const leaf = /^#(0|[1-9]\d{0,14})$/.exec(id)?.[1];
  if (leaf === undefined) return undefined;
  const sql = 'SELECT seq, clock FROM entries WHERE shard = $1 AND owner = $2 AND seq = $3';
  const [row] = await rows.rows(sql, [shard, owner, Number(leaf)]);
  return row as Cursor | undefined;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}
