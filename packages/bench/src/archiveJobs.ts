/**
 * An archive beside its own engine: sealed stanzas put into it in groups, and octets of the same length put into a plain table by a prepared
 * statement, row by row, in transactions of the same size. Every transaction waits for the disk.
 * @module
 */
import { type Archive, type ArchiveOptions, openArchive } from '@stanzaseal/archive';
import {
  type CryptoProvider,
  generatePrivateKey,
  type PublicKey,
  type RandomSource,
  type SigningKey,
} from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { readXml, sealStanza, writeXml } from '@stanzaseal/stanza';
import sqlite from 'node-sqlite3-wasm';
import pg from 'pg';

/** Writes in turns: rows of a table, or stanzas. */
export interface ArchiveJob {
  /** Name in the table. */
  readonly name: string;
  /** Writes so many groups: turns are counted from 0. */
  run(turn: number, groups: number): Promise<void>;
  /** Ends it, and removes what it wrote. */
  end(): Promise<void>;
}

const CRYPTO = createCryptoProvider();
/** The log's name. */
export const ORIGIN = 'bench.example/archive';
/** Signs its checkpoints. */
export const CHECKPOINT_KEY: SigningKey = await (await generatePrivateKey('Ed25519', systemRandom, CRYPTO)).signingKey(
  CRYPTO,
);
/** What `sqliteDriver.ts` of the archive has. */
const SETTINGS = [
  'page_size=16384',
  'locking_mode=exclusive',
  'journal_mode=wal',
  'synchronous=full',
  'secure_delete=1',
  'trusted_schema=0',
  'cell_size_check=1',
  'wal_autocheckpoint=1000',
  'cache_size=-65536',
];

/** Sealed chat messages of so much text, no two alike, as text. @param archiveKey an archive's, as a further recipient */
export async function sealedStanzas(
  count: number,
  textLength: number,
  crypto: CryptoProvider,
  random: RandomSource,
  archiveKey?: PublicKey,
): Promise<string[]> {
  const device = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  const keyOf = async (algorithm: 'Ed25519' | 'X25519') =>
    (await generatePrivateKey(algorithm, random, crypto)).publicKey;
  const [deviceKey, prekey, reply] = [await keyOf('Ed25519'), await keyOf('X25519'), await keyOf('X25519')];
  const stanza = readXml(`<message xmlns="jabber:client" type="chat"><body>${'x'.repeat(textLength)}</body></message>`);
  const archives =
    archiveKey === undefined
      ? []
      : [{ prekey: archiveKey, deviceKey: archiveKey.keyIdentifier, class: 'archive' as const }];
  const stanzas: string[] = [];
  for (let i = 0; i < count; i++) {
    const { stanza: sealed } = await sealStanza(stanza, {
      from: 'romeo@montague.example',
      to: 'juliet@capulet.example',
      recipients: [{ prekey, deviceKey: deviceKey.keyIdentifier, class: 'reply' }, ...archives],
      device,
      context: { senderListVersion: 1, peerListVersion: 1, counter: i + 1 },
      replyPrekey: { key: reply, notAfter: Date.now() + 1e9 },
      limit: 262_144,
      now: Date.now(),
      random,
      crypto,
    });
    stanzas.push(writeXml(sealed, { defaultNamespace: 'jabber:client' }));
  }
  return stanzas;
}

/** Octets that an archive keeps of such a stanza: what it encrypts, and twice nonce and tag. */
export function storedLength(stanza: string): number {
  const base64 = /<sealed[^>]*>([^<]*)</.exec(stanza)?.[1] ?? '';
  const shell = stanza.length - base64.length;
  return Math.floor((base64.length * 3) / 4) + shell + 2 * (32 + 28);
}

/** An archive of the benchmark. */
export async function benchArchive(url: string, options: Partial<ArchiveOptions> = {}): Promise<Archive> {
  return openArchive(url, {
    origin: ORIGIN,
    checkpointKey: CHECKPOINT_KEY,
    random: systemRandom,
    clock: Date.now,
    crypto: CRYPTO,
    onEvent: () => undefined,
    ...options,
  });
}

/** The archive, which takes stanzas from a source as fast as it can: all of them for one owner, then for the next. No two turns have an owner in common. */
export async function archiveJob(
  name: string,
  url: string,
  stanzas: readonly string[],
  group: number,
  workers: number,
): Promise<ArchiveJob> {
  const archive = await benchArchive(url, {
    limits: { batch: group },
    ...(workers === 0 ? {} : { workers: { count: workers } }),
  });
  return {
    name,
    run: async (turn, groups) => {
      const start = Date.now();
      const items = Array.from({ length: groups * group }, (_, i) => {
        const owner = `juliet${turn}.${Math.floor(i / stanzas.length)}@capulet.example`;
        const stanza = stanzas[i % stanzas.length] as string;
        return { stanza, owner, receivedAt: start + i, stanzaId: `stanza-${i}` };
      });
      for await (const { duplicate, quarantined } of archive.ingest(items))
        if (duplicate || quarantined !== undefined) throw new Error('stanza was not kept');
    },
    end: () => archive.close(),
  };
}

/** SQLite alone, with the settings that the archive has. */
export function sqliteJob(name: string, file: string, octets: number, group: number, indexes: boolean): ArchiveJob {
  const database = new sqlite.Database(file);
  for (const setting of SETTINGS) database.all(`PRAGMA ${setting}`);
  database.exec(
    'CREATE TABLE raw (id INTEGER PRIMARY KEY, owner INTEGER, peer TEXT, time INTEGER, tag BLOB, octets BLOB)',
  );
  if (indexes) for (const sql of INDEXES) database.exec(sql);
  const statement = database.prepare('INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?)');
  const rows = rowsOf(octets, group);
  return {
    name,
    run: async (turn, groups) => {
      for (let number = turn * groups; number < (turn + 1) * groups; number++) {
        database.exec('BEGIN');
        for (const row of rows(number)) statement.run(row);
        database.exec('COMMIT');
      }
    },
    end: async () => {
      statement.finalize();
      database.close();
    },
  };
}

/** PostgreSQL alone: one prepared statement for a whole group, since a round trip for each row would be the network's ceiling. */
export async function postgresJob(
  name: string,
  connectionString: string,
  octets: number,
  group: number,
  indexes: boolean,
): Promise<ArchiveJob> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const table = `raw_${indexes ? 'indexed' : 'bare'}`;
  await client.query('SET synchronous_commit = on');
  await client.query(`DROP TABLE IF EXISTS ${table}`);
  await client.query(
    `CREATE TABLE ${table} (id BIGINT PRIMARY KEY, owner BIGINT, peer TEXT, time BIGINT, tag BYTEA, octets BYTEA)`,
  );
  await client.query(`ALTER TABLE ${table} ALTER COLUMN octets SET STORAGE EXTERNAL`);
  await client.query(`ALTER TABLE ${table} SET (toast_tuple_target = 8160)`);
  if (indexes) for (const sql of INDEXES) await client.query(sql.replaceAll(/\braw/g, table));
  const rows = rowsOf(octets, group);
  const tuples = Array.from({ length: group }, (_, i) => `(${[1, 2, 3, 4, 5, 6].map((k) => `$${6 * i + k}`).join()})`);
  const text = `INSERT INTO ${table} VALUES ${tuples.join()}`;
  return {
    name,
    run: async (turn, groups) => {
      for (let number = turn * groups; number < (turn + 1) * groups; number++) {
        const values = rows(number).flat();
        await client.query('BEGIN');
        await client.query({ name: table, text, values });
        await client.query('COMMIT');
      }
    },
    end: async () => {
      await client.query(`DROP TABLE ${table}`);
      await client.end();
    },
  };
}

const INDEXES = [
  'CREATE INDEX raw_time ON raw (owner, time)',
  'CREATE INDEX raw_peer ON raw (owner, peer, id)',
  'CREATE UNIQUE INDEX raw_tag ON raw (owner, tag)',
];

type RawRow = [id: number, owner: number, peer: string, time: number, tag: Buffer, octets: Buffer];

function rowsOf(octets: number, group: number): (number: number) => RawRow[] {
  const contents = Array.from({ length: group }, () =>
    Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(octets))),
  );
  return (number) => {
    const tags = Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(16 * group)));
    return contents.map((content, i) => {
      const id = number * group + i;
      const tag = tags.subarray(16 * i, 16 * (i + 1));
      return [id, 1 + Math.floor(id / (8 * group)), `peer${id % 97}@montague.example`, 1.8e12 + id, tag, content];
    });
  };
}
