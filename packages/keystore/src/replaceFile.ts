/**
 * Replacing a file so that a crash at any moment leaves the old octets or the new ones, whole (I7).
 * @module
 */
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a file beside the one of that name, makes it durable and puts it in its place. The promise resolves when the new
 * file would survive a power loss. An error of the system is passed on; the old file then stands, but for one case: when the
 * directory cannot be synchronised after the renaming, which of the two a power loss leaves is open.
 * @param token names the file beside: 16 hexadecimal digits, new for each call
 */
export async function replaceFile(directory: string, name: string, octets: Uint8Array, token: string): Promise<void> {
  const beside = join(directory, `${name}.${token}.new`);
  try {
    const handle = await open(beside, 'wx', 0o600);
    try {
      await handle.writeFile(octets);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, join(directory, name));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

/** Removes what a crash left beside a file. Only for who holds the directory's lock. */
export async function removeLeftovers(directory: string, name: string): Promise<void> {
  const names = await readdir(directory);
  const leftovers = names.filter(
    (other) => other.startsWith(`${name}.`) && /^\.[0-9a-f]{16}\.new$/.test(other.slice(name.length)),
  );
  await Promise.all(leftovers.map((leftover) => rm(join(directory, leftover), { force: true })));
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
