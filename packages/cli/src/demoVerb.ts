/**
 * `demo`: two accounts, three devices and every stanza of the corpus, in under a minute; or two accounts on a real server.
 * @module
 */
import type { Command } from 'commander';
import type { ServerName } from './demo/serverRecipes.js';
import { EXIT_REFUSED } from './failure.js';
import { choose, withExamples } from './options.js';
import type { System } from './system.js';

const SERVERS: readonly ServerName[] = ['prosody', 'ejabberd'];

/** Adds `demo`. */
export function addDemoVerb(program: Command, { crypto, random, now }: System): void {
  const verb = program
    .command('demo')
    .description(
      'seal, deliver and open real stanzas, online and offline, and show what is refused; in memory, or on a real server; no files left',
    )
    .option(
      '--server <name>',
      'prosody or ejabberd: start it on the loopback, if it is installed, talk sealed through it, and show what it holds',
      choose('server', SERVERS),
    );
  withExamples(verb, 'stanzaseal demo', 'stanzaseal demo --server prosody');
  verb.action(async ({ server }: { server?: ServerName }) => {
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    if (!(await run(server, print))) process.exitCode = EXIT_REFUSED;
  });

  // The demo's database, and xmpp.js, are loaded for the demo alone.
  async function run(name: ServerName | undefined, print: (line: string) => void): Promise<boolean> {
    if (name === undefined) {
      const { runDemo } = await import('./demo/demo.js');
      return runDemo({ crypto, random, now: now(), print });
    }
    const { runServerDemo } = await import('./demo/serverDemo.js');
    return runServerDemo({ crypto, random, now, print, name });
  }
}
