/**
 * What the records of a key store file hold of commits and of all records.
 * @module
 */
import { type CryptoProvider, type RandomSource, toUtf8 } from '@stanzaseal/cms';
import { type ErasureKey, sealErasable } from './erasureKey.js';
import type { CommitBatch } from './journal.js';
import { changeLine, type StoredRecord } from './recordCodec.js';
import type { RecordContent } from './recordContent.js';
import type { StoreState } from './storeState.js';

/** Lines of one record of a snapshot, in characters: some milliseconds of work. */
const PART = 2 ** 18;

/** What sealing needs. */
export interface SealContext {
  /** 32 octets that name the store. */
  readonly salt: Uint8Array;
  /** Where nonces come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** The content of one commit. */
export function commitContent(batch: CommitBatch, context: SealContext): Promise<RecordContent> {
  const { epoch, key, changes, erasable, mode } = batch;
  return seal('commit', epoch, key, octetsOf(changes.map(changeLine)), erasable, mode, context);
}

/** The contents of a snapshot, part by part. */
export async function* snapshotContents(
  state: StoreState,
  epoch: number,
  key: ErasureKey,
  context: SealContext,
): AsyncGenerator<RecordContent> {
  let [lines, length]: [string[], number] = [[], 0];
  for (const record of state.records('lasting')) {
    const line = changeLine(record);
    lines.push(line);
    length += line.length;
    if (length < PART) continue;
    yield seal('part', epoch, key, octetsOf(lines), [], 'adds', context);
    [lines, length] = [[], 0];
  }
  yield seal('last-part', epoch, key, octetsOf(lines), [...state.records('erasable')], 'replaces', context);
}

async function seal(
  kind: RecordContent['kind'],
  epoch: number,
  key: ErasureKey,
  lines: Uint8Array,
  records: readonly StoredRecord[],
  erasable: 'adds' | 'replaces',
  context: SealContext,
): Promise<RecordContent> {
  const { sequence } = key;
  if (erasable === 'adds' && records.length === 0) {
    return { kind, epoch, sequence, lines, erasable: 'none', sealed: new Uint8Array(0) };
  }
  const clear = octetsOf(records.map(changeLine));
  const sealed = await sealErasable(key, clear, context);
  clear.fill(0);
  return { kind, epoch, sequence, lines, erasable, sealed };
}

function octetsOf(lines: readonly string[]): Uint8Array {
  return toUtf8(lines.join(''));
}
