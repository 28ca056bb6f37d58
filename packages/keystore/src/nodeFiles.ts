/**
 * A directory by `node:fs`.
 * @module
 */
import { type FileHandle, link, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreFile, StoreFiles } from './storeFiles.js';

const FLAGS = { read: 'r', change: 'r+', make: 'wx+' } as const;

/** The files of a directory that is there; new ones get mode 0600. */
export function nodeFiles(directory: string): StoreFiles {
  return Object.freeze({
    list: () => readdir(directory),
    open: async (name: string, how: 'read' | 'change' | 'make') =>
      nodeFile(await open(join(directory, name), FLAGS[how], 0o600)),
    link: (from: string, to: string) => link(join(directory, from), join(directory, to)),
    rename: (from: string, to: string) => rename(join(directory, from), join(directory, to)),
    // SQLite's driver makes a directory for a lock.
    remove: (name: string) => rm(join(directory, name), { force: true, recursive: true }),
    syncDirectory: () => syncDirectory(directory),
  });
}

/** Makes the names in a directory durable; Windows does that by itself and lets nobody ask. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nodeFile(handle: FileHandle): StoreFile {
  return Object.freeze({
    size: async () => (await handle.stat()).size,
    async read(position: number, length: number) {
      const octets = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(octets, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return octets.subarray(0, filled);
    },
    async write(position: number, octets: Uint8Array) {
      let written = 0;
      while (written < octets.length) {
        written += (await handle.write(octets, written, octets.length - written, position + written)).bytesWritten;
      }
    },
    truncate: (length: number) => handle.truncate(length),
    sync: () => handle.sync(),
    close: () => handle.close(),
  });
}
