/**
 * JSON lines into an archive: for each line a line in answer once it is durable, or refused. What has no answer has to be given again.
 * @module
 */
import type { Archive, Receipt, StanzaItem } from '@stanzaseal/archive';
import { toHex } from '@stanzaseal/cms';
import { tell } from '../../failure.js';
import { textOf } from '../../input.js';
import { entryOfLine, linesOf } from '../entryLines.js';

/** What became of a line: `docs/cli/archiveServe.schema.json`. */
export interface Answer {
  /** Which line of this feed, from 1. */
  readonly index: number;
  readonly status: 'kept' | 'duplicate' | 'quarantined' | 'refused';
  readonly id?: string;
  readonly leafIndex?: number;
  readonly leafHash?: string;
  readonly treeSize?: number;
  readonly code?: string;
  readonly reason?: string;
}

/**
 * Feeds an archive. It takes no more lines than the archive has room for, and none after the signal.
 * @throws ArchiveError `ERR_STORE`; CliFailure `ERR_XML`, `ERR_TOO_LARGE` for what are no lines, after the answers to those before
 */
export async function* feed(
  archive: Archive,
  octets: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Answer, void, undefined> {
  const { itemOfJsonLine } = await import('@stanzaseal/archive');
  const taken: number[] = [];
  const refused: Answer[] = [];
  let failure: { readonly thrown: unknown } | undefined;
  async function* items(): AsyncGenerator<StanzaItem, void, undefined> {
    let index = 0;
    try {
      for await (const line of linesOf(textOf(until(signal, octets)))) {
        index++;
        if (line.trim() === '') continue;
        try {
          const item = entryOfLine(line, itemOfJsonLine);
          taken.push(index);
          yield item;
        } catch (thrown) {
          const { code, sentence } = tell(thrown);
          refused.push({ index, status: 'refused', code, reason: sentence });
        }
      }
    } catch (thrown) {
      failure = { thrown }; // what came before is still kept and answered
    }
  }
  for await (const receipt of archive.ingest(items())) {
    yield* refused.splice(0);
    yield answerOf(taken.shift() as number, receipt);
  }
  yield* refused;
  if (failure !== undefined) throw failure.thrown;
}

function answerOf(index: number, { id, leafIndex, leafHash, treeSize, duplicate, quarantined }: Receipt): Answer {
  const status = quarantined !== undefined ? 'quarantined' : duplicate ? 'duplicate' : 'kept';
  const reason = quarantined === undefined ? {} : { reason: quarantined };
  return { index, status, id, leafIndex, leafHash: toHex(leafHash), treeSize, ...reason };
}

/** Ends with the signal, also while nothing comes; what is left stays unread, so that an answer can still be sent on the same connection. */
async function* until<T>(signal: AbortSignal, source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let end = (): void => undefined;
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  signal.addEventListener('abort', end, { once: true });
  try {
    while (!signal.aborted) {
      const next = iterator.next();
      next.catch(() => undefined);
      const result = await Promise.race([next, ended]);
      if (result === undefined || result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
}
