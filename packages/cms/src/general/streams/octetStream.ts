/**
 * Octets in pieces: taken from any kind of stream, cut to size, given as a web stream.
 * @module
 */
import type { MaybePromise } from '../../ports.js';

/** Octets that come in pieces of any size: a web stream, or anything that is iterated. */
export type OctetSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Length in octets of the pieces that content is handed on in: the work on each is then dearer than handing it on. */
export const PIECE_LENGTH = 65536;

/**
 * The pieces of a source as they come. Leaving the loop early cancels a web stream.
 * @throws TypeError for a piece that is no `Uint8Array`; whatever the source throws
 */
export function octetsFrom(source: OctetSource): AsyncGenerator<Uint8Array, void, undefined> {
  return 'getReader' in source ? fromStream(source) : fromIterable(source);
}

/** The same octets in pieces of one length, but for the last: what is made of them does not tell how they came. */
export async function* inPieces(
  source: OctetSource,
  length: number = PIECE_LENGTH,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held = new Uint8Array(length);
  let count = 0;
  for await (const octets of octetsFrom(source)) {
    let at = 0;
    while (at < octets.length) {
      if (count === 0 && octets.length - at >= length) {
        yield octets.subarray(at, at + length);
        at += length;
        continue;
      }
      const taken = Math.min(length - count, octets.length - at);
      held.set(octets.subarray(at, at + taken), count);
      count += taken;
      at += taken;
      if (count === length) {
        yield held;
        held = new Uint8Array(length);
        count = 0;
      }
    }
  }
  if (count > 0) yield held.subarray(0, count);
}

/**
 * Pieces as a web stream: each is made when it is asked for; what is thrown becomes the stream's error.
 * @param atEnd called once, when the stream has ended in whatever way: a generator that is cancelled before its first piece knows
 * nothing of it
 */
export function toReadable(
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  atEnd: () => MaybePromise<void> = () => {},
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let isOver = true;
        try {
          const { done = false, value } = await pieces.next();
          isOver = done;
          if (value !== undefined) controller.enqueue(value);
        } finally {
          if (isOver) await atEnd();
        }
        if (isOver) controller.close();
      },
      async cancel() {
        await pieces.return();
        await atEnd();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* fromStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    while (true) {
      // A stream that fails is over.
      isOver = true;
      const { done, value } = await reader.read();
      if (done) return;
      isOver = false;
      if (isPiece(value)) yield value;
    }
  } finally {
    if (!isOver) await reader.cancel();
    reader.releaseLock();
  }
}

async function* fromIterable(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of source) if (isPiece(piece)) yield piece;
}

function isPiece(piece: unknown): boolean {
  if (!(piece instanceof Uint8Array)) throw new TypeError('source gives something else than octets');
  return piece.length > 0;
}
