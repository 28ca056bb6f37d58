/**
 * The two databases of an archive by their URLs.
 * @module
 */
import { statSync } from 'node:fs';
import type { RandomSource } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { Database } from './database.js';

/** Contents and keys. */
export interface ArchiveDatabases {
  readonly content: Database;
  readonly keys: Database;
}

/** How they are opened. */
export interface OpeningOptions {
  readonly random: RandomSource;
  /** Whether files and schemas are made where they are not there. */
  readonly makes: boolean;
}

/**
 * Opens both. `sqlite:FILE` has its keys in `FILE.keys`; `postgres://…` has the contents in the schema `stanzaseal`, or that of the
 * parameter `schema`, and the keys in the schema of that name with `_keys`.
 * @param keysUrl where the keys are instead
 * @throws ArchiveError `ERR_STORE`; `ERR_NOT_FOUND` for contents in a file that is not there and is not made; RangeError for another URL
 */
export async function openDatabases(
  url: string,
  keysUrl: string | undefined,
  options: OpeningOptions,
): Promise<ArchiveDatabases> {
  const places = [placeOf(url, ''), placeOf(keysUrl ?? url, keysUrl === undefined ? 'keys' : '')] as const;
  // To open a file would make it, and change one that is somebody else's.
  if (!options.makes && !isThere(places[0])) throw new ArchiveError('ERR_NOT_FOUND', 'there is no archive');
  if (!options.makes && !isThere(places[1])) throw keysMissing();
  const content = await openDatabase(places[0], options);
  try {
    return { content, keys: await openDatabase(places[1], options) };
  } catch (error) {
    await content.close();
    throw error;
  }
}

/** Of contents without their keys. */
export function keysMissing(): ArchiveError {
  return new ArchiveError('ERR_STORE', 'keys of the archive are not there');
}

type Place = { readonly file: string } | { readonly address: string; readonly schema: string };

function placeOf(url: string, part: '' | 'keys'): Place {
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length)
    return { file: `${url.slice('sqlite:'.length)}${part === '' ? '' : '.keys'}` };
  if (/^postgres(ql)?:\/\//.test(url)) {
    const address = new URL(url);
    const schema = address.searchParams.get('schema') ?? 'stanzaseal';
    address.searchParams.delete('schema');
    return { address: address.href, schema: part === '' ? schema : `${schema}_keys` };
  }
  throw new RangeError('url is neither sqlite:FILE nor postgres://…');
}

function isThere(place: Place): boolean {
  // An empty file is what an opening that failed may leave.
  return 'address' in place || (statSync(place.file, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

async function openDatabase(place: Place, { random, makes }: OpeningOptions): Promise<Database> {
  if ('file' in place) {
    const { openSqliteDatabase } = await import('./sqliteDatabase.js');
    return openSqliteDatabase(place.file, random);
  }
  const { openPostgresDatabase } = await import('./postgresDatabase.js');
  return openPostgresDatabase(place.address, place.schema, makes);
}
