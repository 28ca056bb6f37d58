#!/usr/bin/env node
/**
 * The `stanzaseal` command: process-wide matters, then `run`.
 * @module
 */
import { constants } from 'node:os';
import { run } from './program.js';
import { createSystem } from './system.js';

// Standard error carries the CLI's own lines and nothing of the runtime's.
process.removeAllListeners('warning');
// A reader that went away is seen by the one who writes; without a listener the event ends the process with a stack.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
// To end by process.exit lets unfinished files be removed (see output.ts).
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

process.exitCode = await run(process.argv.slice(2), createSystem());
