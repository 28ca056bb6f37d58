/**
 * What a test process must not leave behind: children and temporary directories, whichever way it ends.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const undoing = new Set<() => void>();

/** Registers what has to be undone when the process ends; the function returned takes it off again. `undo` may not wait. */
export function undoAtExit(undo: () => void): () => void {
  if (undoing.size === 0) watchExit();
  undoing.add(undo);
  return () => undoing.delete(undo);
}

/**
 * Ends at once all that this process has started and not stopped: for `test.after`, where a test that failed half-way would
 * otherwise keep its process alive by the servers that it left.
 */
export function stopEverything(): void {
  // The last first: a directory was made before the server in it was started.
  for (const undo of [...undoing].reverse()) {
    undo();
    undoing.delete(undo);
  }
}

/** A temporary directory, with what removes it. Without `remove()` it goes when the process ends. */
export function temporaryDirectory(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `stanzaseal-${name}-`));
  const clear = () => removeDirectory(path);
  const forget = undoAtExit(clear);
  return {
    path,
    remove: () => {
      clear();
      forget();
    },
  };
}

/**
 * Removes a directory that somebody who is dying still writes into. `maxRetries` of `rmSync` is no help there: Node 20 lists what is
 * in it once, and then tries to remove what it takes for empty again and again.
 */
function removeDirectory(path: string): void {
  for (let triesLeft = 50; ; triesLeft -= 1) {
    try {
      return rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (triesLeft === 0 || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

let watched = false;

function watchExit(): void {
  if (watched) return;
  watched = true;
  process.on('exit', stopEverything);
  // A signal ends Node without `exit`, unless somebody listens.
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
}
