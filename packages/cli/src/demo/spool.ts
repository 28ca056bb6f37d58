/**
 * The demo's stand-in for a server's offline storage: stanzas that wait for a device, in an embedded SQLite database.
 * @module
 */
import sqlite from 'node-sqlite3-wasm';

/** Stanzas that wait. */
export interface Spool {
  /** Keeps a stanza for a device. */
  put(device: string, stanza: string, at: number): void;
  /** Gives what waits for a device, oldest first, and forgets it. */
  take(device: string): string[];
  /** Closes the database. */
  close(): void;
}

/** Opens a spool in a new file. */
export function openSpool(file: string): Spool {
  const database = new sqlite.Database(file);
  database.exec(
    'CREATE TABLE spool (id INTEGER PRIMARY KEY, device TEXT NOT NULL, stanza TEXT NOT NULL, at INTEGER NOT NULL)',
  );
  const insert = database.prepare('INSERT INTO spool (device, stanza, at) VALUES (?, ?, ?)');
  return {
    put: (device, stanza, at) => void insert.run([device, stanza, at]),
    take(device) {
      const rows = database.all('SELECT stanza FROM spool WHERE device = ? ORDER BY id', [device]);
      database.run('DELETE FROM spool WHERE device = ?', [device]);
      return rows.map(({ stanza }) => String(stanza));
    },
    close() {
      insert.finalize();
      database.close();
    },
  };
}
