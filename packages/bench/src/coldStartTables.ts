/**
 * The CLI from a cold start, beside Node with nothing to do.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Job, Table } from './table.js';

const CLI = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

/** One table, where the CLI is built. */
export function coldStartTables(): Table[] {
  if (!existsSync(CLI)) return [];
  const start = (name: string, args: readonly string[]): Job => ({
    name,
    run() {
      const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
    },
  });
  return [
    {
      group: 'command line',
      title: 'cold start',
      clock: 'wall',
      jobs: async () => [
        start('node, nothing to do', ['-e', '0']),
        start('stanzaseal --version', [CLI, '--version']),
        start('stanzaseal key generate', [CLI, 'key', 'generate', '--algorithm', 'ed25519']),
      ],
    },
  ];
}
