/**
 * `archive`: an archive at a shell.
 * @module
 */
import type { Command } from 'commander';
import type { System } from '../system.js';
import { addExportVerb } from './exportVerb.js';
import { addFeedVerb } from './feedVerb.js';
import { addImportVerb } from './importVerb.js';
import { addIngestVerb } from './ingestVerb.js';
import { addPageVerb } from './pageVerb.js';
import { addProveVerb, addVerifyVerb } from './proofVerbs.js';
import { addApproveVerb, addReleaseVerb, addRequestVerb } from './releaseVerbs.js';
import { addHoldVerb, addShredVerb } from './retentionVerbs.js';
import { addRewrapVerb } from './rewrapVerb.js';
import { addServeVerb } from './serve/serveVerb.js';
import { addScrubVerb, addStatsVerb } from './upkeepVerbs.js';

/** Adds the verbs under `archive`. */
export function addArchiveVerbs(program: Command, system: System): void {
  const group = program.command('archive').description('keep stanzas so that what is kept can be proved');
  for (const add of VERBS) add(group, system);
}

const VERBS: readonly ((group: Command, system: System) => void)[] = [
  addIngestVerb,
  addFeedVerb,
  addPageVerb,
  addProveVerb,
  addVerifyVerb,
  addRewrapVerb,
  addRequestVerb,
  addApproveVerb,
  addReleaseVerb,
  addHoldVerb,
  addShredVerb,
  addScrubVerb,
  addExportVerb,
  addImportVerb,
  addStatsVerb,
  addServeVerb,
];
