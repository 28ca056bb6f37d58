/**
 * `archive`: an archive at a shell.
 * @module
 */
import type { Command } from 'commander';
import { usageFailure } from '../failure.js';
import type { System } from '../system.js';
import { addIngestVerb } from './ingestVerb.js';
import { addPageVerb } from './pageVerb.js';
import { addProveVerb, addVerifyVerb } from './proofVerbs.js';
import { addHoldVerb, addShredVerb } from './retentionVerbs.js';
import { addRewrapVerb } from './rewrapVerb.js';
import { addExportVerb, addImportVerb } from './transferVerbs.js';
import { addScrubVerb, addStatsVerb } from './upkeepVerbs.js';

/** Adds the verbs under `archive`. */
export function addArchiveVerbs(program: Command, system: System): void {
  const group = program.command('archive').description('keep stanzas so that what is kept can be proved');
  for (const add of VERBS) add(group, system);
  group
    .command('serve', { hidden: true })
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw usageFailure("'archive serve' is not supported yet");
    });
}

const VERBS: readonly ((group: Command, system: System) => void)[] = [
  addIngestVerb,
  addPageVerb,
  addProveVerb,
  addVerifyVerb,
  addRewrapVerb,
  addHoldVerb,
  addShredVerb,
  addScrubVerb,
  addExportVerb,
  addImportVerb,
  addStatsVerb,
];
