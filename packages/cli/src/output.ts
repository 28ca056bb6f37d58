/**
 * Output: standard output, or a file that appears whole and only when the verb has succeeded.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BrokenPipe } from './failure.js';
import { openHiddenOutput } from './hiddenOutput.js';

/** Mode of a file that anybody may read, before the umask. */
export const PUBLIC_FILE = 0o666;
/** Mode of a file with a private key in it. */
export const PRIVATE_FILE = 0o600;

/** Where a verb's result goes. */
export interface Output {
  /**
   * Whether everything appears at `commit` and nothing before. A verb that must not say "done" to anybody before its output
   * is safe (`open` and its `accept()`) does so after `write` where this is false, and after `commit` where it is true.
   */
  readonly appearsAtCommit: boolean;
  /** Writes; resolves when the operating system has taken the octets. @throws BrokenPipe when nobody reads them */
  write(data: Uint8Array | string): Promise<void>;
  /** Makes the file appear, durably. */
  commit(): Promise<void>;
  /** Leaves no trace: for exit codes other than 0. */
  discard(): Promise<void>;
}

/** Output that can be read before it appears: a `Spill` of the general profile. */
export interface SpilledOutput extends Output {
  /** All that was written, from its start. */
  read(): AsyncIterable<Uint8Array>;
}

/** Opens standard output, or the file of `--out`. @param mode permissions of a new file */
export async function openOutput(file: string | undefined, mode: number = PUBLIC_FILE): Promise<Output> {
  if (file === undefined) return standardOutput;
  const target = await resolveTarget(file);
  return target.isRegular ? temporaryFile(target.path, mode) : heldBack(target.path);
}

/**
 * Opens the same for what may turn out to be no good: nothing appears before `commit`, on standard output neither, and until then
 * nobody else may read the file.
 */
export async function openSpilledOutput(file: string | undefined): Promise<SpilledOutput> {
  if (file === undefined) return openHiddenOutput((pieces) => writeAll(pieces, standardOutput.write));
  const target = await resolveTarget(file);
  return target.isRegular ? temporaryFile(target.path, PUBLIC_FILE, PRIVATE_FILE) : heldBack(target.path);
}

/** Writes a whole result, which may come in pieces. */
export async function writeOutput(
  data: Uint8Array | string | AsyncIterable<Uint8Array>,
  file: string | undefined,
  mode?: number,
): Promise<void> {
  const output = await openOutput(file, mode);
  try {
    if (typeof data === 'string' || data instanceof Uint8Array) await output.write(data);
    else await writeAll(data, output.write);
    await output.commit();
  } catch (thrown) {
    await output.discard();
    throw thrown;
  }
}

async function writeAll(pieces: AsyncIterable<Uint8Array>, write: Output['write']): Promise<void> {
  for await (const piece of pieces) await write(piece);
}

const standardOutput: Output = {
  appearsAtCommit: false,
  write: (data) =>
    new Promise((resolve, reject) => {
      process.stdout.write(data, (error) => {
        if (!error) resolve();
        else reject((error as NodeJS.ErrnoException).code === 'EPIPE' ? new BrokenPipe() : error);
      });
    }),
  commit: async () => {},
  discard: async () => {},
};

/** A symbolic link stays one: what it leads to is replaced. Devices and pipes are written to, never replaced. */
async function resolveTarget(file: string): Promise<{ path: string; isRegular: boolean }> {
  try {
    const found = await stat(file);
    if (found.isDirectory())
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR', syscall: 'open', path: file });
    return found.isFile() ? { path: await realpath(file), isRegular: true } : { path: file, isRegular: false };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return { path: file, isRegular: true };
  }
}

/** @param modeBefore permissions until it appears, where they are others */
async function temporaryFile(path: string, mode: number, modeBefore?: number): Promise<SpilledOutput> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await openExclusively(temporary, path, mode);
  // What the umask leaves of the mode, which it shows on a new file alone.
  const granted = (await handle.stat()).mode & 0o777;
  if (modeBefore !== undefined) await handle.chmod(modeBefore);
  // A signal ends the process by way of this event: see main.ts.
  const cleanUp = (): void => rmSync(temporary, { force: true });
  process.once('exit', cleanUp);
  return {
    appearsAtCommit: true,
    async write(data) {
      // FileHandle.writeFile writes all of it from the present place on; FileHandle.write may stop half-way.
      await handle.writeFile(data);
    },
    read: () => contentOf(handle),
    async commit() {
      if (modeBefore !== undefined) await handle.chmod(granted);
      await handle.sync();
      await handle.close();
      await rename(temporary, path);
      process.removeListener('exit', cleanUp);
      await syncDirectory(dirname(path));
    },
    async discard() {
      // Also after a commit that failed half-way, or after one that did not: then there is nothing left to remove.
      process.removeListener('exit', cleanUp);
      await handle.close();
      await rm(temporary, { force: true });
    },
  };
}

async function* contentOf(handle: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(READ_OCTETS), 0, READ_OCTETS, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

const READ_OCTETS = 65536;

async function openExclusively(temporary: string, path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(temporary, 'wx+', mode);
  } catch (thrown) {
    // The user named `path`, and never saw the temporary name.
    throw Object.assign(thrown as NodeJS.ErrnoException, { path });
  }
}

/** Renaming is durable once the directory is. Not every system lets a directory be opened; there it is up to the system. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The file itself is complete.
  }
}

function heldBack(path: string): Promise<SpilledOutput> {
  return openHiddenOutput(async (pieces) => {
    const handle = await open(path, 'w');
    try {
      await writeAll(pieces, (piece) => handle.writeFile(piece));
    } finally {
      await handle.close();
    }
  });
}
