/**
 * Reading a key store file: head, snapshot, journal. And telling a write that a crash cut short from damage.
 *
 * Records are appended one at a time, each durable before the next begins: a crash can cut short the last one alone, which
 * nobody was told of. So what is not the next record ends the journal, unless an authentic record follows anywhere behind:
 * then something durable was lost or moved, and the store is refused. Who cuts records off the end puts an older state back,
 * which no file can tell by itself; that is what the epoch is for.
 * @module
 */
import type { CryptoProvider } from '@stanzaseal/cms';
import { type ErasureKey, isErasable, openErasable } from './erasureKey.js';
import type { FileReader } from './fileReader.js';
import { KeyStoreError } from './keyStoreError.js';
import { ALIGNMENT, FRAME_LENGTH, type RecordChain, readFrame } from './recordChain.js';
import { decodeChanges } from './recordCodec.js';
import { decodeContent, type RecordContent } from './recordContent.js';
import { StoreState } from './storeState.js';

/** What a file holds. */
export interface ReadStore {
  /** Its records. */
  readonly state: StoreState;
  /** How many commits were ever made. */
  readonly epoch: number;
  /** The erasure key in use. */
  readonly key: ErasureKey;
  /** Where the snapshot ends. */
  readonly snapshotEnd: number;
  /** Where its last record begins. */
  readonly lastStart: number;
  /** Where the journal ends: what follows was cut short. */
  readonly end: number;
}

/**
 * Reads all records of a file and moves the chain behind them.
 * @param position where the first record is
 * @param held the erasure keys that there are
 * @throws KeyStoreError `ERR_CORRUPT`; `ERR_ROLLBACK` when the file's erasure key was replaced since
 */
export async function readJournal(
  reader: FileReader,
  position: number,
  chain: RecordChain,
  held: readonly ErasureKey[],
  context: { readonly salt: Uint8Array; readonly crypto: CryptoProvider },
): Promise<ReadStore> {
  const state = new StoreState();
  let [end, lastStart, snapshotEnd, epoch, sequence] = [position, position, 0, 0, 0];

  async function apply(content: RecordContent): Promise<void> {
    if ((content.kind === 'commit') !== snapshotEnd > 0) throw damaged();
    [epoch, sequence] = [content.epoch, content.sequence];
    state.apply(changesOf(content.lines, false));
    if (content.erasable === 'replaces') state.clear('erasable');
    const key = held.find((each) => each.sequence === sequence);
    if (content.erasable === 'none' || key === undefined) return; // of an older erasure key: nobody can read it any more
    const lines = await openErasable(key, content.sealed, context);
    state.apply(changesOf(lines, true));
    lines.fill(0);
  }

  while (end < reader.size) {
    const frame = readFrame(await reader.octets(end, FRAME_LENGTH));
    const record = frame && frame.length <= reader.size - end ? await reader.octets(end, frame.length) : undefined;
    const octets = record && chain.isNext(record) ? await chain.open(record) : undefined;
    if (record === undefined || octets === undefined) break;
    chain.advance(record);
    [lastStart, end] = [end, end + record.length];
    const content = decodeContent(octets);
    await apply(content);
    octets.fill(0);
    if (content.kind === 'last-part') snapshotEnd = end;
  }
  if (snapshotEnd === 0 || (await isAnyLater(reader, end, chain))) throw damaged();
  const key = held.find((each) => each.sequence === sequence);
  for (const other of held) if (other !== key) other.key.fill(0);
  if (key !== undefined) return { state, epoch, key, snapshotEnd, lastStart, end };
  if (held.length === 0) throw new KeyStoreError('ERR_CORRUPT', 'erasure key of the key store is damaged or gone');
  throw new KeyStoreError('ERR_ROLLBACK', 'key store and its erasure key are of different times');
}

/** Whether behind the last record in turn there is one out of turn that authenticates. */
async function isAnyLater(reader: FileReader, end: number, chain: RecordChain): Promise<boolean> {
  let budget = 4 * reader.size; // octets to decrypt: frames that promise much are cheap to make
  for (let at = end; at + ALIGNMENT <= reader.size; at += ALIGNMENT) {
    const frame = readFrame(await reader.octets(at, FRAME_LENGTH));
    if (frame === undefined || frame.length > reader.size - at) continue;
    budget -= frame.length;
    if (budget < 0 || (await chain.open(await reader.octets(at, frame.length)))) return true;
  }
  return false;
}

/** Changes of lines, in the tables where such lines belong. */
function changesOf(lines: Uint8Array, erasable: boolean): ReturnType<typeof decodeChanges> {
  const changes = decodeChanges(lines);
  if (changes.some(({ table }) => isErasable(table) !== erasable)) throw damaged();
  return changes;
}

function damaged(): KeyStoreError {
  return new KeyStoreError('ERR_CORRUPT', 'key store is damaged');
}
