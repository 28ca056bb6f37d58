/**
 * Keeping memory low while content streams by. Each piece leaves buffers of its size behind; V8 frees them on a thread of its own, and
 * on a busy machine that thread falls behind: 1 GiB then took up to 145 MiB of memory, and 101 MiB without it, in no more time.
 * @module
 */
import { setFlagsFromString } from 'node:v8';

/** V8 of Node 20 to 24, whose flag it is: of another it is not known whether it would take the flag without a word on standard error. */
const KNOWN = /^1[1-3]\./;

/** From now on buffers are freed at once. */
export function boundMemory(): void {
  if (KNOWN.test(process.versions.v8)) setFlagsFromString('--no-concurrent-array-buffer-sweeping');
}
