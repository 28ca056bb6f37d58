/**
 * Records in the log: they are entries of the archive itself (owner `''`), so erasing an owner does not erase what was done about them.
 * @module
 */
import { ID_CT_ARCHIVE_RECORD, type PublicKey, type SigningKey } from '@stanzaseal/cms';
import { sign, verify } from '@stanzaseal/signer';
import { type Archive, coreOf } from '../archive.js';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import { ENTRY_KINDS } from '../evidence/index.js';
import type { Alongside, Placed } from '../log/sequencer.js';
import { readEntries } from '../query/readEntries.js';
import { type ArchiveAct, type ArchiveRecord, decodeRecord, encodeRecord } from './archiveRecord.js';

/** A record as it stands in the log. */
export interface LoggedRecord extends ArchiveRecord {
  /** Its place. `proofOf({ owner: '', id: '#' + leafIndex })` proves it. */
  readonly leafIndex: number;
  /** The SignedData: DER. */
  readonly signed: Uint8Array;
}

/** Most records that one call reads. */
const PAGE = 250;

/** Signs a record and puts it into the log, together with further writes: all or nothing. */
export async function logRecord(
  core: ArchiveCore,
  recordKey: SigningKey,
  act: ArchiveAct,
  alongside: Alongside = async () => undefined,
): Promise<Placed> {
  const time = core.clock();
  const signed = await signRecord({ origin: core.origin, time, act }, recordKey, core);
  return core.sequencer.appendWith({ stanza: signed, owner: '', receivedAt: time, as: 'record' }, alongside);
}

/** DER of a signed record. */
export async function signRecord(
  record: ArchiveRecord,
  key: SigningKey,
  { crypto }: Pick<ArchiveCore, 'crypto'>,
): Promise<Uint8Array> {
  const parameters = { signers: [key], contentType: ID_CT_ARCHIVE_RECORD, signingTime: record.time, crypto } as const;
  return (await sign(encodeRecord(record), parameters)).der;
}

/** Verifies a signed record. @throws SignerError `ERR_VERIFY`; CmsError for what is no record */
export async function verifyRecord(
  signed: Uint8Array,
  key: PublicKey,
  { crypto }: Pick<ArchiveCore, 'crypto'>,
): Promise<ArchiveRecord> {
  const { content } = await verify(signed, {
    signers: [key],
    contentType: ID_CT_ARCHIVE_RECORD,
    crypto,
    limits: { octets: 8_388_608, depth: 16 },
  });
  return decodeRecord(content);
}

/**
 * The archive's records, the oldest first, from a place in the log on; 250 at most.
 * @param recordKey the key that they are signed by
 * @throws ArchiveError `ERR_PROOF` for one that is damaged or signed by another key
 */
export async function readRecords(archive: Archive, recordKey: PublicKey, from = 0): Promise<LoggedRecord[]> {
  const core = coreOf(archive);
  const owner = await core.vault.owner('');
  if (owner === undefined) return [];
  const entries = await core.content.snapshot(async (rows) => {
    const form = ENTRY_KINDS.indexOf('record');
    const sql =
      'SELECT * FROM entries WHERE shard = $1 AND owner = $2 AND form = $3 AND seq >= $4 ORDER BY seq LIMIT $5';
    return readEntries(await rows.rows(sql, [owner.shard, owner.owner, form, from, PAGE]), rows, core);
  });
  return Promise.all(
    entries.map(async (entry) => {
      if ('damage' in entry || entry.octets === undefined) throw new ArchiveError('ERR_PROOF', 'record is damaged');
      const { leafIndex, octets: signed } = entry;
      const record = await verifyRecord(signed, recordKey, core).catch((cause: unknown) => {
        throw new ArchiveError('ERR_PROOF', 'record is not signed by this key', { cause });
      });
      return { ...record, leafIndex, signed };
    }),
  );
}
