/**
 * A connection to the database of another server, to read.
 * @module
 */
import type { Client } from 'pg';
import { ArchiveError } from '../../archiveError.js';
import type { Row, Value } from '../../engine/database.js';

/** The server cannot be reached, or went away. */
export class ServerAway extends Error {
  /** Whether it was there before. */
  readonly wasThere: boolean;

  constructor(cause: unknown, wasThere: boolean) {
    super('server is away', { cause });
    this.wasThere = wasThere;
  }
}

/** Connects. @param onLost the connection was lost */
export async function connected(url: string, onLost: () => void): Promise<Client> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new ArchiveError('ERR_STORE', 'the package pg is not installed', { cause });
  });
  const settings = { application_name: 'stanzaseal', keepAlive: true, connectionTimeoutMillis: 10_000 };
  const client = new pg.Client({ connectionString: url, ...settings });
  client.on('error', onLost); // whoever asks next is told
  try {
    await client.connect();
  } catch (cause) {
    throw new ServerAway(cause, false);
  }
  return client;
}

/** Rows of a query. @throws ServerAway; ArchiveError `ERR_STORE` for what the server refuses */
export async function rowsOf(client: Client, sql: string, values: readonly Value[] = []): Promise<Row[]> {
  try {
    const result = values.length === 0 ? await client.query(sql) : await client.query(sql, [...values]);
    return result.rows ?? [];
  } catch (cause) {
    // An error is its answer; what is fatal ends the connection, class 57 is its being shut down, and XX000 says that a table was dropped
    // between being found and being opened: whoever made it anew will be seen at the next look.
    const { severity, code = '' } = cause as { readonly severity?: string; readonly code?: string };
    if (severity === 'ERROR' && !code.startsWith('57') && code !== 'XX000')
      throw new ArchiveError('ERR_STORE', 'source cannot be read', { cause });
    throw new ServerAway(cause, true);
  }
}
