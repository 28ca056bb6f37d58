/**
 * How far each source was read. A row is written in the transaction of the entries that it is about, so it is never ahead of them and never behind.
 * @module
 */
import { ArchiveError } from '../archiveError.js';
import type { Rows, Table } from '../engine/database.js';

/** One row a source. */
export const SOURCES: Table = {
  name: 'sources',
  columns: { name: 'text', cursor: 'text', items: 'int', time: 'int' }, // items: read so far; time: when, in ms since 1970
  key: ['name'],
};

/** A source as far as it was read. */
export interface ReadSource {
  /** Its name. */
  readonly name: string;
  /** Its mark of the place behind what was read last. */
  readonly cursor: string;
  /** How many items were read, refused ones included. */
  readonly items: number;
  /** When the last of them was kept, in ms since 1970. */
  readonly time: number;
}

/** How far a source was read; `undefined` for one that is new. */
export async function cursorOf(rows: Rows, name: string): Promise<string | undefined> {
  const [row] = await rows.rows('SELECT cursor FROM sources WHERE name = $1', [name]);
  return row?.cursor as string | undefined;
}

/** Moves a cursor on. @throws ArchiveError `ERR_STORE` where it is not where this reader left it: another one reads the same source */
export async function moveCursor(rows: Rows, to: ReadSource, from: string | undefined): Promise<void> {
  const { name, cursor, items, time } = to;
  const moved =
    from === undefined
      ? await rows.insertNew(SOURCES, [[name, cursor, items, time]])
      : await rows.run(
          'UPDATE sources SET cursor = $1, items = items + $2, time = $3 WHERE name = $4 AND cursor = $5',
          [cursor, items, time, name, from],
        );
  if (moved !== 1) throw new ArchiveError('ERR_STORE', 'source is being read by somebody else');
}
