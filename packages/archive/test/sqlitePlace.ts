// Archives in files of SQLite.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DRIVER_LOCK, SqliteConnection } from '../src/engine/sqliteDriver.js';
import { type Place, temporaryDirectory } from './fixture.js';

/** Where they are, and how they are met behind an archive's back, also after its process was killed. */
export const sqlitePlace: Place = placeIn(temporaryDirectory());

function placeIn(directory: string): Place {
  let made = 0;
  return {
    engine: 'sqlite',
    url: () => `sqlite:${join(directory, `${made++}.db`)}`,
    tamper: async (url, part, sql, values = []) => {
      const file = `${fileOf(url)}${part === 'keys' ? '.keys' : ''}`;
      rmSync(file + DRIVER_LOCK, { recursive: true, force: true }); // whoever had it was killed
      const connection = new SqliteConnection(file);
      try {
        return connection.rows(sql.replace(/\$(\d+)/g, '?$1'), values);
      } finally {
        connection.close();
      }
    },
  };
}

/** The octets of every file of an archive: databases, write-ahead logs. */
export function octetsOf(url: string): Buffer {
  const file = fileOf(url);
  const names = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)));
  return Buffer.concat(names.map((name) => readFileSync(join(dirname(file), name))));
}

/** The file of an archive's contents. */
export function fileOf(url: string): string {
  return url.slice('sqlite:'.length);
}
