/**
 * Archives (XEP-0313) that Prosody and ejabberd keep in PostgreSQL, as sources. Each side of a conversation has a row of its own there, and so it has an
 * entry in its owner's archive here.
 * @module
 */
import type { Row } from '../../engine/database.js';
import type { RefusedItem, Source, SourceItem } from '../source.js';
import { type TailedTable, tailTable } from './tailTable.js';

/** What is common to both. */
export interface MamDatabaseOptions {
  /** Where the server's tables are: `postgres://…`. A role that may read them is enough; with the sequence, it is quicker. */
  readonly url: string;
  /** Whether it goes on at the end with what comes, until the signal. */
  readonly live?: boolean;
  /** How long it waits at the end where nothing wakes it, in ms: 1,000. */
  readonly interval?: number;
  /** Name of the source: that of the server and the database's place if absent. */
  readonly name?: string;
  /** The database went away; it is asked again. */
  readonly onAway?: (cause: unknown) => void;
}

/** What Prosody's takes. */
export interface ProsodyArchiveOptions extends MamDatabaseOptions {
  /** Stores of `mod_storage_sql`: `archive` of accounts and `muc_log` of rooms. */
  readonly stores?: readonly string[];
}

/** What ejabberd's takes. */
export interface EjabberdArchiveOptions extends MamDatabaseOptions {
  /** Domain of accounts in tables that do not say it (the schema without `server_host`). */
  readonly host?: string;
}

/** Servers whose archives can be read. */
export type MamServer = 'prosody' | 'ejabberd';

/**
 * Prosody's archive: `mod_mam` and `mod_muc_mam` with `storage = { archive = "sql"; muc_log = "sql" }`.
 * @example
 * await follow(archive, prosodyArchive({ url: 'postgres://archiver@127.0.0.1/prosody', live: true }), { signal });
 */
export function prosodyArchive(options: ProsodyArchiveOptions): Source {
  const { stores = ['archive', 'muc_log'] } = options;
  const names = stores.map((store) => `'${store.replaceAll("'", "''")}'`);
  const where = `store IN (${names.join()})`;
  const table = { ...TABLES.prosody, where };
  return sourceOver('prosody', table, options, ({ user, host, key, when, value }) => ({
    owner: user === '' ? String(host) : `${user}@${host}`,
    stanzaId: String(key),
    receivedAt: Number(when) * 1000,
    stanza: String(value),
  }));
}

/**
 * ejabberd's archive: `mod_mam` with `db_type: sql`. Without `compress_xml`: what that makes goes into quarantine.
 * @example
 * await follow(archive, ejabberdArchive({ url: 'postgres://archiver@127.0.0.1/ejabberd', host: 'capulet.example' }));
 */
export function ejabberdArchive(options: EjabberdArchiveOptions): Source {
  return sourceOver('ejabberd', TABLES.ejabberd, options, ({ username, server_host, timestamp, xml }) => {
    const domain = server_host ?? options.host;
    const name = String(username);
    // A room's name is its whole address.
    const owner = name.includes('@') ? name : domain === undefined ? undefined : `${name}@${domain}`;
    if (owner === undefined) return { refused: 'the table does not say of which domain it is' };
    // To clients its time, in microseconds, is its id.
    return {
      owner,
      stanzaId: String(timestamp),
      receivedAt: Math.floor(Number(timestamp) / 1000),
      stanza: String(xml),
    };
  });
}

/** SQL that whoever runs the server may install: a trigger that wakes a reader, and what lets a role read with no more rights than it needs. */
export function wakeUpSql(server: MamServer, role = 'archiver'): string {
  const { table, number, channel } = TABLES[server];
  return [
    // Else each look at the table reads all of it.
    ...(server === 'ejabberd' ? [`CREATE INDEX IF NOT EXISTS ${channel}_${number} ON ${table} (${number});`] : []),
    `CREATE OR REPLACE FUNCTION ${channel}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY ${channel}; RETURN NULL; END $$;`,
    `DROP TRIGGER IF EXISTS ${channel} ON ${table};`,
    `CREATE TRIGGER ${channel} AFTER INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${channel}();`,
    `-- GRANT SELECT ON ${table} TO ${role};`,
    `-- GRANT SELECT ON SEQUENCE ${table}_${number}_seq TO ${role};`,
    '',
  ].join('\n');
}

const TABLES = {
  prosody: { table: 'prosodyarchive', number: 'sort_id', channel: 'stanzaseal_prosody' },
  ejabberd: { table: 'archive', number: 'id', channel: 'stanzaseal_ejabberd' },
} as const;

type Described = Omit<SourceItem, 'cursor'> | Omit<RefusedItem, 'cursor'>;

function sourceOver(
  server: MamServer,
  table: Pick<TailedTable, 'table' | 'number' | 'channel' | 'where'>,
  options: MamDatabaseOptions,
  describe: (row: Row) => Described,
): Source {
  const { url, live = false, interval = 1000, name = nameOf(server, url), onAway = () => undefined } = options;
  return {
    name,
    async *items(after, signal) {
      const tailed = { ...table, url, live, interval, onAway };
      for await (const { row, cursor } of tailTable(tailed, after, signal)) yield { ...describe(row), cursor };
    },
  };
}

/** Without who connects, and their password. @throws RangeError */
function nameOf(server: MamServer, url: string): string {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new RangeError('url is none of PostgreSQL');
  const { host, pathname } = new URL(url);
  return `${server} ${host}${pathname}`;
}
