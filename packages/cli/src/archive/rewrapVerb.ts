/**
 * `archive rewrap`: archive keys into use, wraps under the newest of them.
 * @module
 */

import type { Line, NewArchiveKey } from '@stanzaseal/archive';
import { toHex } from '@stanzaseal/cms';
import type { Command } from 'commander';
import { CliFailure, EXIT_REFUSED, reportFailure, usageFailure } from '../failure.js';
import { collect, type InOut, withExamples, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import type { System } from '../system.js';
import { type ArchiveOptions, ownerOption, wholeOption, withArchive, withOpenedArchive } from './openedArchive.js';
import { withProgress } from './progress.js';
import { agreementKeysIn, publicKeyIn } from './signingDirectory.js';

interface Options extends ArchiveOptions, InOut {
  readonly owner?: string;
  readonly key?: readonly string[];
  readonly newKey?: string;
  readonly epoch?: number;
  readonly organisation?: string;
  readonly json?: true;
}

/** Adds `archive rewrap`. */
export function addRewrapVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('rewrap')))
    .description('check the wraps of archive keys and move them to the newest key; contents are not touched')
    .option('--owner <jid>', "the owner's own archive keys; else those of the organisation", ownerOption)
    .option('--key <key.pem>', 'a private archive key (X25519) for this run; may be repeated', collect)
    .option('--new-key <public.pem>', 'take this archive key into use first')
    .option('--epoch <number>', 'its number, higher than any before', wholeOption)
    .option('--organisation <name>', 'whose it is, as device lists have it')
    .option('--json', 'write an object (docs/cli/archiveRewrap.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive rewrap --archive sqlite:archive.db --new-key 2027.pub.pem --epoch 2 --key 2026.pem',
  );
  verb.action(async (options: Options) => {
    if ((options.newKey === undefined) !== (options.epoch === undefined))
      throw usageFailure("'--new-key' and '--epoch' go together");
    await rewrap(options, system);
  });
}

async function rewrap(options: Options, system: System): Promise<void> {
  const { openRights } = await import('@stanzaseal/archive');
  const line: Line = options.owner === undefined ? 'organisation' : { owner: options.owner };
  const privateKeys = await agreementKeysIn(options.key ?? [], system);
  const added = await newKeyOf(options, line, system);
  const mismatches = new Set<number>();
  const rewrapped = await withOpenedArchive(options, system, async ({ archive, signing }) => {
    const rights = await openRights(archive, {
      recordKey: signing.recordKey,
      privateKeys,
      onEvent: ({ leafIndex }) => mismatches.add(leafIndex),
    });
    if (added !== undefined) await addKey(() => rights.addArchiveKey(added));
    if (line === 'organisation') await withProgress('objects', (show) => rights.escrow(show));
    return withProgress('wraps', (show) => rights.rewrap(line, privateKeys, show));
  });
  const { epoch, count, moved, mismatched, left, root } = rewrapped;
  for (const leafIndex of mismatched) mismatches.add(leafIndex);
  const bad = [...mismatches].sort((a, b) => a - b);
  const json = { epoch, count, moved, mismatched: bad, left, root: toHex(root) };
  const words = `epoch ${epoch}: ${count} wraps, ${moved} moved, ${bad.length} mismatched, ${left.length} left\n`;
  await writeOutput(options.json === true ? `${JSON.stringify(json)}\n` : words, options.out);
  const failed = (code: string, sentence: string) => {
    reportFailure({ code, sentence, exitCode: EXIT_REFUSED });
    process.exitCode = EXIT_REFUSED;
  };
  for (const leafIndex of bad) failed('ERR_PROOF', `wrap of entry #${leafIndex} holds another key than the object's`);
  if (left.length > 0)
    failed('ERR_NO_KEYS', `the private keys of ${left.length} wraps are not at hand: keep the old ones`);
}

async function addKey(add: () => Promise<void>): Promise<void> {
  try {
    await add();
  } catch (thrown) {
    if (thrown instanceof RangeError) throw usageFailure(thrown.message);
    throw thrown;
  }
}

async function newKeyOf(
  { newKey, epoch, organisation }: Options,
  line: Line,
  system: System,
): Promise<NewArchiveKey | undefined> {
  if (newKey === undefined || epoch === undefined) return undefined;
  const key = await publicKeyIn(newKey, system);
  if (key.algorithm !== 'X25519') throw new CliFailure('ERR_UNSUPPORTED', `${newKey} is no X25519 key`);
  return { line, key, epoch, ...(organisation === undefined ? {} : { organisation }) };
}
