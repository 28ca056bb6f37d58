/**
 * Onto the disk.
 * @module
 */
import { open } from 'node:fs/promises';

/** Synchronises a file, or the names in a directory; Windows keeps names by itself and lets nobody ask. */
export async function synchronise(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (process.platform === 'win32' && (error.code === 'EISDIR' || error.code === 'EPERM')) return undefined;
    throw error;
  });
  try {
    await handle?.sync();
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  } finally {
    await handle?.close();
  }
}
