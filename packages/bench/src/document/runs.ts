/**
 * What the benchmarks wrote with `--json`.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { ArchiveRow } from '../archiveReport.js';
import type { PageRow } from '../browser/page.js';
import type { Growth } from '../growth.js';
import type { Machine, Row } from '../report.js';

/** Of objects, stanzas and peers. */
export interface NodeRun {
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}

/** Of a page. */
export interface BrowserRun {
  readonly browser: string;
  readonly rows: readonly PageRow[];
}

/** Of the archive. */
export interface ArchiveRun {
  readonly rows: readonly ArchiveRow[];
}

/** All that there is. */
export interface Runs {
  readonly node: NodeRun;
  readonly browser?: BrowserRun;
  readonly archive?: ArchiveRun;
}

/** Reads files in any order. @throws Error where none is of objects and stanzas */
export function readRuns(files: readonly string[]): Runs {
  const runs = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as NodeRun | BrowserRun | ArchiveRun);
  const node = runs.find((run): run is NodeRun => 'growth' in run);
  const browser = runs.find((run): run is BrowserRun => 'browser' in run);
  const archive = runs.find((run): run is ArchiveRun => !('growth' in run) && !('browser' in run));
  if (node === undefined)
    throw new Error('usage: bench:report [--to DIRECTORY] NODE.json [BROWSER.json] [ARCHIVE.json]');
  return { node, ...(browser && { browser }), ...(archive && { archive }) };
}
