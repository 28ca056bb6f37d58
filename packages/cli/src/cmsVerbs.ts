/**
 * `cms`: general CMS under bare keys, for interoperability; and looking at anything. The work is in files of its own, loaded
 * when a verb runs.
 * @module
 */
import type { Command } from 'commander';
import { addDecrypt, addEncrypt } from './cmsEncryptVerbs.js';
import { addSign, addVerify } from './cmsSignVerbs.js';
import { type InOut, withExamples, withInOut } from './options.js';
import type { System } from './system.js';

/** Adds the verbs under `cms`. */
export function addCmsVerbs(program: Command, system: System): void {
  const group = program.command('cms').description('sign, encrypt and look at general CMS under bare keys');
  addSign(group, system);
  addVerify(group);
  addEncrypt(group, system);
  addDecrypt(group);
  addInspect(group);
}

function addInspect(group: Command): void {
  const verb = withInOut(group.command('inspect'))
    .description(
      'show what CMS, a key, a certificate or any other BER or DER says; never needs a key, never shows a secret',
    )
    .option('--json', 'write an object with the whole tree (docs/cli/inspect.schema.json)');
  withExamples(
    verb,
    'stanzaseal cms inspect < letter.cms',
    "stanzaseal cms inspect --json --in letter.cms | jq -r '.objects[0].structure'",
  );
  verb.action(async (options: InOut & { json?: true }) => {
    const { showInspection } = await import('./inspection.js');
    await showInspection(options);
  });
}
