/**
 * The file system as a file storage uses it: one directory, few operations, each of which may fail. What a power loss leaves
 * is decided by `sync` and `syncDirectory` alone.
 * @module
 */

/** A file held open. Errors of the system are passed on as they are, with their `code`. */
export interface StoreFile {
  /** Its length in octets. */
  size(): Promise<number>;
  /** Octets from a position: fewer than asked for where the file ends. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Writes all octets at a position: over what is there, or on from the end. */
  write(position: number, octets: Uint8Array): Promise<void>;
  /** Cuts the file to a length. */
  truncate(length: number): Promise<void>;
  /** Resolves when what was written, and the length, would survive a power loss. */
  sync(): Promise<void>;
  /** Gives up the handle; makes nothing durable. */
  close(): Promise<void>;
}

/** One directory. */
export interface StoreFiles {
  /** Names in it. */
  list(): Promise<readonly string[]>;
  /**
   * Opens a file: to `read` or to `change` one that is there (else an error with code `ENOENT`), or to `make` one that is
   * not (else `EEXIST`), for its owner alone.
   */
  open(name: string, how: 'read' | 'change' | 'make'): Promise<StoreFile>;
  /** Gives a file that is there a second name, which nothing has; errors with `ENOTSUP` or the like where files have one name each. */
  link(from: string, to: string): Promise<void>;
  /** Gives a file another name, in place of the one that had it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
  /** Resolves when the names would survive a power loss. */
  syncDirectory(): Promise<void>;
}

/** Opens a file that may not be there. */
export async function openIfThere(
  files: StoreFiles,
  name: string,
  how: 'read' | 'change',
): Promise<StoreFile | undefined> {
  try {
    return await files.open(name, how);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}
