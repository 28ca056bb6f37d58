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
// To end by process.exit lets unfinished files be removed (see output.ts); a second signal does not cut that short.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

process.exitCode = await run(process.argv.slice(2), createSystem());
// Input that was begun and that nobody will read would keep the process from its end.
if (process.exitCode !== 0) process.stdin.destroy();
