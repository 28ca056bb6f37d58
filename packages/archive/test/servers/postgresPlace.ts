// Archives in a PostgreSQL of the harness, each in schemas of its own.
import { available, needing, type PostgresServer, startPostgres } from '@stanzaseal/testkit/servers';
import pg from 'pg';
import type { Row } from '../../src/engine/database.js';
import type { Place } from '../fixture.js';
import type { Wrap } from '../keepingTests.js';

/** A server, and where archives are made in it. */
export interface PostgresPlace extends Place {
  readonly server: PostgresServer;
}

/** Starts a server that waits for its disk; `undefined` where there is none. */
export async function startPlace(): Promise<PostgresPlace | undefined> {
  if (!available('postgres')) return undefined;
  const server = await startPostgres({ durable: true });
  const { user, host, port, database } = await server.createDatabase('archive');
  const base = `postgres://${user}@${host}:${port}/${database}`;
  let made = 0;
  return {
    server,
    engine: 'postgres',
    url: () => `${base}?schema=archive_${made++}`,
    tamper: async (url, part, sql, values = []) => {
      const schema = `${new URL(url).searchParams.get('schema')}${part === 'keys' ? '_keys' : ''}`;
      const client = new pg.Client({ connectionString: base, options: `-c search_path=${schema}` });
      await client.connect();
      try {
        const sent = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value));
        const { rows } = await client.query(sql, sent);
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainly(value)])),
        ) as Row[];
      } finally {
        await client.end();
      }
    },
  };
}

/** Runs tests in it, where there is one. */
export function within(place: () => PostgresPlace): Wrap {
  return (body) => needing(['postgres'], () => body(place()));
}

function plainly(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}
