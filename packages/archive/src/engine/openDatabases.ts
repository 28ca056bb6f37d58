/**
 * The two databases of an archive by their URLs.
 * @module
 */
import type { RandomSource } from '@stanzaseal/cms';
import type { Database } from './database.js';

/** Contents and keys. */
export interface ArchiveDatabases {
  readonly content: Database;
  readonly keys: Database;
}

/**
 * Opens both. `sqlite:FILE` has its keys in `FILE.keys`; `postgres://…` has the contents in the schema `stanzaseal`, or that of the
 * parameter `schema`, and the keys in the schema of that name with `_keys`.
 * @param keysUrl where the keys are instead
 * @throws ArchiveError `ERR_STORE`; RangeError for another URL
 */
export async function openDatabases(
  url: string,
  keysUrl: string | undefined,
  random: RandomSource,
): Promise<ArchiveDatabases> {
  const content = await openDatabase(url, '', random);
  try {
    return { content, keys: await openDatabase(keysUrl ?? url, keysUrl === undefined ? 'keys' : '', random) };
  } catch (error) {
    await content.close();
    throw error;
  }
}

async function openDatabase(url: string, part: '' | 'keys', random: RandomSource): Promise<Database> {
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    const { openSqliteDatabase } = await import('./sqliteDatabase.js');
    return openSqliteDatabase(`${url.slice('sqlite:'.length)}${part === '' ? '' : '.keys'}`, random);
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgresDatabase } = await import('./postgresDatabase.js');
    const address = new URL(url);
    const schema = address.searchParams.get('schema') ?? 'stanzaseal';
    address.searchParams.delete('schema');
    return openPostgresDatabase(address.href, part === '' ? schema : `${schema}_keys`);
  }
  throw new RangeError('url is neither sqlite:FILE nor postgres://…');
}
