/**
 * Where databases of a run are.
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh directory, removed when `end` is called; in `STANZASEAL_BENCH_DIRECTORY` where that is set: a disk, not a memory. */
export function temporaryFolder(): { readonly path: string; end(): void } {
  const base = process.env.STANZASEAL_BENCH_DIRECTORY ?? tmpdir();
  mkdirSync(base, { recursive: true });
  const path = mkdtempSync(join(base, 'stanzaseal-bench-'));
  return { path, end: () => rmSync(path, { recursive: true, force: true }) };
}
