/**
 * Makes the tables of a new archive, and sees whether those of an old one belong together.
 * @module
 */
import { drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { ArchiveError } from './archiveError.js';
import type { Rows } from './engine/database.js';
import { type ArchiveDatabases, keysMissing } from './engine/openDatabases.js';
import { CONTENT_TABLES, KEY_STATE, KEY_TABLES, LAYOUT_VERSION, STATE } from './layout.js';
import type { PeerNames } from './log/composedEntry.js';

/** What was decided when the archive was made, and what is known of it now. */
export interface ArchiveState {
  /** How often keys were destroyed. */
  readonly erasures: number;
  /** How peers are kept. */
  readonly peers: PeerNames;
  /** Secret of the tags that are of no owner. */
  readonly secret: Uint8Array;
}

/**
 * The state of an archive.
 * @param makes whether it is made where there is none
 * @throws ArchiveError `ERR_NOT_FOUND` where there is none and none is made; `ERR_STORE` where contents and keys are of two archives, of a later version, or keep peers otherwise than asked
 */
export async function prepareTables(
  { content, keys }: ArchiveDatabases,
  peers: PeerNames | undefined,
  random: RandomSource,
  makes: boolean,
): Promise<ArchiveState> {
  // A database of something else is left as it is.
  if (!makes && !(await content.hasTable(STATE))) throw new ArchiveError('ERR_NOT_FOUND', 'there is no archive');
  if (!makes && !(await keys.hasTable(KEY_STATE))) throw keysMissing();
  await keys.createTables(KEY_TABLES);
  await content.createTables(CONTENT_TABLES);
  return content.transaction(async (rows) => {
    const known = await stateOf(rows, 'state');
    const keyState =
      (await stateOf(keys, 'key_state')) ?? (known === undefined ? await makeKeys(keys, random) : undefined);
    if (keyState === undefined) throw keysMissing();
    const state = known ?? (await makeState(rows, keyState.archive as string, peers ?? 'named'));
    if (state.archive !== keyState.archive)
      throw new ArchiveError('ERR_STORE', 'contents and keys are of two archives');
    if (Number(state.version) > LAYOUT_VERSION) throw new ArchiveError('ERR_STORE', 'archive is of a later version');
    if (peers !== undefined && state.peers !== peers)
      throw new ArchiveError('ERR_STORE', `archive was made with peers ${state.peers}`);
    return {
      erasures: Number(state.erasures),
      peers: state.peers as PeerNames,
      secret: keyState.secret as Uint8Array,
    };
  });
}

async function stateOf(rows: Rows, table: 'state' | 'key_state') {
  return (await rows.rows(`SELECT * FROM ${table} WHERE number = 1`))[0];
}

/** Keys first: without contents they are harmless. */
async function makeKeys(keys: ArchiveDatabases['keys'], random: RandomSource) {
  const archive = toHex(drawOctets(random, 16));
  await keys.insert(KEY_STATE, [[1, archive, drawOctets(random, 32), 1, 1]]);
  return stateOf(keys, 'key_state');
}

async function makeState(rows: Rows, archive: string, peers: PeerNames) {
  await rows.insert(STATE, [[1, 0, 0, LAYOUT_VERSION, archive, peers]]);
  return { archive, peers, erasures: 0, version: LAYOUT_VERSION };
}
