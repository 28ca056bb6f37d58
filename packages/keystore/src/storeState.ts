/**
 * All records of a store, as a storage keeps them to write them anew.
 * @module
 */
import { isErasable } from './erasureKey.js';
import { copyChange, type StoredRecord } from './recordCodec.js';
import { type Change, SECRET_TABLES, TABLE_NAMES, type TableName, type Tables } from './records.js';
import { overwriteSecrets } from './secret.js';

/** Records by table and key. It does not print them (E10). */
export class StoreState {
  readonly #tables: ReadonlyMap<TableName, Map<string, Tables[TableName]>> = new Map(
    TABLE_NAMES.map((name) => [name, new Map()]),
  );

  /** The record in a place. */
  get({ table, key }: Pick<Change, 'table' | 'key'>): Tables[TableName] | undefined {
    return this.#tables.get(table)?.get(key);
  }

  /** Makes changes; their records are the state's from now on. */
  apply(changes: Iterable<Change>): void {
    for (const { table, key, record } of changes) {
      if (record === undefined) this.#tables.get(table)?.delete(key);
      else this.#tables.get(table)?.set(key, record);
    }
  }

  /** Overwrites the secrets of records that changes are about to take out or replace: for who knows that the changes are made, and before `apply`. */
  overwrite(changes: Iterable<Change>): void {
    for (const change of changes) {
      const gone = SECRET_TABLES.includes(change.table) ? this.get(change) : undefined;
      if (gone !== undefined && gone !== change.record) overwriteSecrets(gone);
    }
  }

  /** Drops the records that lie under the erasure key, or all and for good: their secrets are overwritten then. */
  clear(which: 'erasable' | 'all'): void {
    if (which === 'all') this.#overwriteAll();
    for (const [table, records] of this.#tables) if (which === 'all' || isErasable(table)) records.clear();
  }

  #overwriteAll(): void {
    for (const table of SECRET_TABLES)
      for (const record of this.#tables.get(table)?.values() ?? []) overwriteSecrets(record);
  }

  /** The records that do, or do not, lie under the erasure key: for writing them, not to be given away. */
  *records(which: 'erasable' | 'lasting'): Generator<StoredRecord> {
    for (const [table, records] of this.#tables) {
      if (isErasable(table) !== (which === 'erasable')) continue;
      for (const [key, record] of records) yield { table, key, record } as StoredRecord;
    }
  }

  /** How many records a table has. */
  size(table: TableName): number {
    return this.#tables.get(table)?.size ?? 0;
  }

  /** The records of a table: for writing them, not to be given away. */
  *of(table: TableName): Generator<StoredRecord> {
    for (const [key, record] of this.#tables.get(table) ?? []) yield { table, key, record } as StoredRecord;
  }

  /** All records for somebody else: what could be changed is copied, what cannot is shared, so that a million entries are not there twice. */
  toChanges(): StoredRecord[] {
    const changes: StoredRecord[] = [];
    for (const [table, records] of this.#tables) {
      for (const [key, record] of records) {
        const change = { table, key, record } as StoredRecord;
        changes.push(isPlain(record) ? change : (copyChange(change) as StoredRecord));
      }
    }
    return changes;
  }
}

/** Frozen, as every decoded record is, and of texts and numbers alone. */
function isPlain(record: object): boolean {
  return Object.isFrozen(record) && Object.values(record).every((value) => typeof value !== 'object');
}
