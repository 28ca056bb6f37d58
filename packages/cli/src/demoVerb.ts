/**
 * `demo`: two accounts, three devices and every stanza of the corpus, in under a minute.
 * @module
 */
import type { Command } from 'commander';
import { EXIT_REFUSED } from './failure.js';
import { withExamples } from './options.js';
import type { System } from './system.js';

/** Adds `demo`. */
export function addDemoVerb(program: Command, { crypto, random, now }: System): void {
  const verb = program
    .command('demo')
    .description(
      'seal, deliver and open real stanzas, online and offline, and show what is refused; no server, no files left',
    );
  withExamples(verb, 'stanzaseal demo');
  verb.action(async () => {
    // The demo's database is loaded for the demo alone.
    const { runDemo } = await import('./demo/demo.js');
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    if (!(await runDemo({ crypto, random, now: now(), print }))) process.exitCode = EXIT_REFUSED;
  });
}
