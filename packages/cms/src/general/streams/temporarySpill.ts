/**
 * A hidden temporary file as the place where content waits: for Node.
 * @module
 */
import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../octets.js';
import type { RandomSource } from '../../ports.js';
import { drawOctets } from '../../privateKey.js';
import { PIECE_LENGTH, toReadable } from './octetStream.js';
import type { Spill } from './spill.js';

/**
 * Opens a spill on a file of mode 0600 that nobody finds: it loses its name at once, where the system lets an open file lose it
 * (elsewhere when it is closed, or the process ends). What is written is encrypted (AES-256-CTR) under a key that is in memory
 * alone: content that nobody has checked, or that nobody wanted on a disk, is not left there, even by `kill -9` or on a lost disk.
 *
 * `commit` gives the content as a web stream; its end, and its being cancelled, close the file.
 * @param parameters the directory, which needs as much room as the content; randomness, of which 38 octets are drawn
 * @throws system errors
 * @example
 * const spill = await temporarySpill({ directory: tmpdir(), random: systemRandom });
 */
export async function temporarySpill({
  directory,
  random,
}: {
  readonly directory: string;
  readonly random: RandomSource;
}): Promise<Spill<ReadableStream<Uint8Array>>> {
  const key = drawOctets(random, 32) as CipherKey;
  const file = await openHidden(join(directory, `.stanzaseal-${toHex(drawOctets(random, 6))}.tmp`));
  // A key is used for one file, which is written once from its start to its end.
  const cipher = createCipheriv('aes-256-ctr', key, COUNTER);

  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    const decipher = createDecipheriv('aes-256-ctr', key, COUNTER);
    const held = Buffer.allocUnsafe(PIECE_LENGTH);
    for (let at = 0; ; ) {
      const { bytesRead } = await file.handle.read(held, 0, held.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      const piece = decipher.update(held.subarray(0, bytesRead));
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
  }

  return {
    write: (octets) => file.handle.writeFile(cipher.update(octets)),
    read,
    commit: () => toReadable(read(), file.close),
    discard: () => file.close(),
  };
}

const COUNTER = new Uint8Array(16);

async function openHidden(path: string): Promise<{ handle: FileHandle; close: () => Promise<void> }> {
  const handle = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    return { handle, close: () => handle.close() };
  } catch {
    // Not every system lets an open file lose its name.
    const remove = (): void => rmSync(path, { force: true });
    process.once('exit', remove);
    return {
      handle,
      async close() {
        await handle.close();
        remove();
        process.removeListener('exit', remove);
      },
    };
  }
}
