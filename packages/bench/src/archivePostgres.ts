/**
 * A PostgreSQL to time: the one that is named, or a new one that waits for its disk.
 * @module
 */
import { type PostgresServer, startPostgres } from '@stanzaseal/testkit/servers';

/** A database by its URL. */
export interface BenchPostgres {
  readonly url: string;
  end(): Promise<void>;
}

/** The database at a URL; one of its own where none is given, `undefined` where that cannot be. */
export async function postgresFor(url: string | undefined): Promise<BenchPostgres | undefined> {
  if (url !== undefined) return { url, end: async () => undefined };
  let server: PostgresServer;
  try {
    server = await startPostgres({ durable: true });
  } catch {
    return undefined;
  }
  const { host, port, user, database } = await server.createDatabase('bench');
  return { url: `postgres://${user}@${host}:${port}/${database}`, end: () => server.stop() };
}
