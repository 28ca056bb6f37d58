/**
 * Connections to PostgreSQL.
 * @module
 */
import { Client } from 'pg';
import type { PostgresDatabase } from './postgres.js';

/** A connection, which the caller ends. */
export async function connectPostgres({ host, port, user, database }: PostgresDatabase): Promise<Client> {
  const client = new Client({ host, port, user, database });
  // Told to who asks next; without a listener a server that goes away ends the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
