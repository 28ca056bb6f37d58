/**
 * A spill in memory that tells what became of it.
 * @module
 */

/** Content as it was written, and what was asked in which order: `write`, `read`, `commit`, `discard`. */
export interface MemorySpill {
  /** The calls, each run of the same one once. */
  readonly calls: string[];
  /** Takes a piece. */
  write(octets: Uint8Array): void;
  /** Everything from the start. */
  read(): AsyncGenerator<Uint8Array, void, undefined>;
  /** The content, whole. */
  commit(): Uint8Array;
  /** Forgets it. */
  discard(): void;
}

/** A spill in memory. @param failing which call throws a RangeError `spill is full` */
export function memorySpill(failing?: 'write' | 'read' | 'commit'): MemorySpill {
  const calls: string[] = [];
  let octets: Uint8Array[] = [];
  const called = (call: string): void => {
    if (calls.at(-1) !== call) calls.push(call);
    if (call === failing) throw new RangeError('spill is full');
  };
  return {
    calls,
    write(piece) {
      called('write');
      octets.push(Uint8Array.from(piece));
    },
    async *read() {
      called('read');
      yield* octets;
    },
    commit() {
      called('commit');
      return Uint8Array.from(Buffer.concat(octets));
    },
    discard() {
      called('discard');
      octets = [];
    },
  };
}

/** Octets in pieces of a length, as a stream gives them. */
export async function* inPiecesOf(octets: Uint8Array, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < octets.length; at += length) yield octets.subarray(at, at + length);
}

/** Everything that a stream gives. */
export async function gathered(pieces: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces as AsyncIterable<Uint8Array>) all.push(Uint8Array.from(piece));
  return Uint8Array.from(Buffer.concat(all));
}
