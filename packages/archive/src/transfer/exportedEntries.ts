/**
 * All of an archive, an owner after another, in the order of the log: what exporters write.
 * @module
 */
import { STANZA_KINDS } from '@stanzaseal/cms';
import type { Archive } from '../archive.js';
import { ArchiveError } from '../archiveError.js';

/** An entry that leaves the archive. */
export interface ExportedEntry {
  /** Bare JID of the account or room. */
  readonly owner: string;
  /** The id that it came with. */
  readonly stanzaId: string;
  /** Its place in the log. */
  readonly leafIndex: number;
  /** When it was received, in ms since 1970. */
  readonly receivedAt: number;
  /** Its octets as they were received. `undefined` once the object's recipients were dropped. */
  readonly octets: Uint8Array | undefined;
  /** Why it is in quarantine, if it is. */
  readonly quarantined: string | undefined;
}

/**
 * Entries of one owner or of all: the stanzas in the order of the log, then what is in quarantine.
 * @throws ArchiveError `ERR_PROOF` at the first entry that is damaged: what was exported would not be the archive
 */
export async function* exportEntries(
  archive: Archive,
  owners?: readonly string[],
): AsyncGenerator<ExportedEntry, void, undefined> {
  for (const owner of owners ?? (await archive.owners())) {
    yield* stanzasOf(archive, owner);
    yield* quarantineOf(archive, owner);
  }
}

async function* stanzasOf(archive: Archive, owner: string): AsyncGenerator<ExportedEntry, void, undefined> {
  for (let after: string | undefined; ; ) {
    const page = await archive.page({ owner, kinds: STANZA_KINDS, ...(after === undefined ? {} : { after }) });
    const [damaged] = page.damaged;
    if (damaged !== undefined) throw new ArchiveError('ERR_PROOF', `entry #${damaged} is damaged`);
    for (const { id, leafIndex, receivedAt, octets } of page.entries)
      yield { owner, stanzaId: id, leafIndex, receivedAt, octets, quarantined: undefined };
    if (page.complete || page.last === undefined) return;
    after = page.last;
  }
}

async function* quarantineOf(archive: Archive, owner: string): AsyncGenerator<ExportedEntry, void, undefined> {
  for (let after = -1; ; ) {
    const entries = await archive.quarantine({ owner, after });
    for (const { leafIndex, receivedAt, stanzaId = `quarantine-${leafIndex}`, octets, reason } of entries) {
      yield { owner, stanzaId, leafIndex, receivedAt, octets, quarantined: reason };
      after = leafIndex;
    }
    if (entries.length === 0) return;
  }
}
