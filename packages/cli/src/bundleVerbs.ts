/**
 * `bundle`: what a device publishes, out of a store and into another. A bundle file holds PEM blocks labelled CMS, signed
 * device lists and prekey bundles in any order; it is not secret, and two files joined are one.
 * @module
 */
import { CmsError, decodePemBlocks, encodePem } from '@stanzaseal/cms';
import type { Command } from 'commander';
import { CliFailure } from './failure.js';
import { readText } from './input.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

const MAX_BUNDLE_OCTETS = 16777216;

/** Adds the verbs under `bundle`. */
export function addBundleVerbs(program: Command, system: System): void {
  const group = program.command('bundle').description('publish own keys and take in those of others');
  addExport(group, system);
  addImport(group, system);
}

function addExport(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('export'))).description(
    'write the device list and the prekeys of this device; renews what is due',
  );
  withExamples(verb, 'stanzaseal bundle export --store juliet > juliet.bundle');
  verb.action(async (options: StoreOptions & InOut) => {
    const { deviceList, prekeyBundle } = await withOpenedStore(options, system, ({ messenger }) => messenger.publish());
    await writeOutput(encodePem('CMS', deviceList) + encodePem('CMS', prekeyBundle), options.out);
  });
}

function addImport(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('import')))
    .description('take in what others published; what is known already stays as it is')
    .option('--json', 'write an object with the accounts (docs/cli/bundleImport.schema.json)');
  withExamples(
    verb,
    'stanzaseal bundle import --store juliet < romeo.bundle',
    'cat *.bundle | stanzaseal bundle import --store juliet',
  );
  verb.action(async (options: StoreOptions & InOut & { json?: true }) => {
    const published = readBundle(await readText(options.in, MAX_BUNDLE_OCTETS));
    const { accounts } = await withOpenedStore(options, system, ({ messenger }) => messenger.importKeys(published));
    if (options.json === true) await writeOutput(`${JSON.stringify({ accounts })}\n`, options.out);
  });
}

/** The objects of a bundle file. @throws CliFailure, CmsError `ERR_DER` */
export function readBundle(text: string): Uint8Array[] {
  const blocks = blocksOf(text);
  if (blocks.length === 0) throw new CliFailure('ERR_DER', 'input holds no PEM block labelled CMS');
  return blocks.map(({ label, der }) => {
    if (label !== 'CMS') throw new CmsError('ERR_DER', `input holds a PEM block labelled ${label}`);
    return der;
  });
}

function blocksOf(text: string): ReturnType<typeof decodePemBlocks> {
  try {
    return decodePemBlocks(text);
  } catch (cause) {
    throw new CliFailure('ERR_DER', 'input is no bundle: PEM blocks and nothing else', { cause });
  }
}
