/**
 * Input of any length: its beginning is looked at before it is decided whether it is held in memory.
 * @module
 */
import { stat } from 'node:fs/promises';
import { boundMemory } from './boundedMemory.js';
import { CliFailure } from './failure.js';
import { LONG_INPUT_OCTETS, open, tooLarge } from './input.js';

/** Input that was begun; either `whole` or `pieces` is called, once. */
export interface LongInput {
  /** The first octets: a little more than 1 MiB, or all there are. */
  readonly start: Uint8Array;
  /** Whether there are more than 1 MiB. */
  readonly isLong: boolean;
  /** Length in octets of a file that is long. */
  readonly length: number | undefined;
  /** Everything, in memory. @throws CliFailure `ERR_TOO_LARGE` beyond a limit in octets */
  whole(limit: number): Promise<Uint8Array>;
  /** Everything, in pieces. @throws CliFailure `ERR_TOO_LARGE` beyond 64 GiB, `ERR_IO` for a file that became shorter */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Begins to read a file, or standard input where `file` is `undefined`. @throws system errors */
export async function openLongInput(file: string | undefined): Promise<LongInput> {
  const length = file === undefined ? undefined : await lengthOf(file);
  const rest = open(file, length);
  const chunks: Uint8Array[] = [];
  let read = 0;
  while (read <= LONG_INPUT_OCTETS) {
    const { done, value } = await rest.next();
    if (done === true) break;
    chunks.push(value);
    read += value.length;
  }
  const start = new Uint8Array(Buffer.concat(chunks.splice(0)));

  async function* pieces(limit: number = MAX_STREAMED_OCTETS): AsyncGenerator<Uint8Array, void, undefined> {
    if ((length ?? 0) > limit) throw tooLarge(limit);
    yield start;
    let count = start.length;
    for await (const piece of rest) {
      count += piece.length;
      if (count > limit) throw tooLarge(limit);
      yield piece;
    }
    // What has been said of its length stands already in what was written.
    if (length !== undefined && count < length)
      throw new CliFailure('ERR_IO', `${file} became shorter while it was read`);
  }

  return {
    start,
    isLong: start.length > LONG_INPUT_OCTETS,
    length,
    pieces() {
      boundMemory();
      return pieces();
    },
    async whole(limit) {
      if (start.length > limit) throw tooLarge(limit);
      const all: Uint8Array[] = [];
      for await (const piece of pieces(limit)) all.push(piece);
      return new Uint8Array(Buffer.concat(all));
    },
  };
}

/** Length of content for an object in DER, where it is known and four octets of length hold it and its frame. */
export function announced({ length }: LongInput): { contentLength?: number } {
  return length !== undefined && length <= MAX_DER_OCTETS ? { contentLength: length } : {};
}

const MAX_DER_OCTETS = 2 ** 32 - 2 ** 20;
/** 64 GiB less 32 octets: AES-GCM encrypts no more under one nonce (NIST SP 800-38D §5.2.1.1). */
const MAX_STREAMED_OCTETS = 2 ** 36 - 32;

/** Only of a long regular file: others, such as those of /proc, do not know their length. */
async function lengthOf(file: string): Promise<number | undefined> {
  const found = await stat(file);
  return found.isFile() && found.size > LONG_INPUT_OCTETS ? found.size : undefined;
}
