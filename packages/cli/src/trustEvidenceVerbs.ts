/**
 * `trust qr`, `trust policy`, `trust revoke`, `trust log`: one's own code to be scanned, the rules, what is known and taking it back.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { listEvidence, revokeEvidence, setTrustPolicy, trustPolicy } from '@stanzaseal/messenger/trust';
import { fingerprintUri } from '@stanzaseal/trust/fingerprint';
import { fingerprintSvg, fingerprintTerminal } from '@stanzaseal/trust/fingerprint/qr';
import { type EvidenceKind, LEVEL_OF, parsePolicy, type TrustPolicy } from '@stanzaseal/trust/levels';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { readText } from './input.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, collect, type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import type { System } from './system.js';

type Options = StoreOptions & InOut & { json?: true };

const MAX_POLICY_OCTETS = 1_048_576;

/** Adds the verbs of evidence under `trust`. */
export function addEvidenceVerbs(group: Command, system: System): void {
  addQr(group, system);
  addPolicy(group, system);
  addRevoke(group, system);
  addLog(group, system);
}

function addQr(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('qr')))
    .description('show the own fingerprint as a QR code for a contact to scan')
    .option('--svg', 'write an SVG picture')
    .option('--uri', 'write the URI that the code holds');
  withExamples(verb, 'stanzaseal trust qr --store juliet', 'stanzaseal trust qr --store juliet --svg --out juliet.svg');
  verb.action(async (options: Options & { svg?: true; uri?: true }) => {
    if (options.svg && options.uri) throw usageFailure("say one of '--svg' and '--uri'");
    const own = await withOpenedStore(options, system, async ({ messenger }) => ({
      jid: messenger.owner,
      identity: await messenger.fingerprint(),
    }));
    const text = options.svg ? fingerprintSvg(own) : options.uri ? fingerprintUri(own) : fingerprintTerminal(own);
    await writeOutput(`${text.trimEnd()}\n`, options.out);
  });
}

function addPolicy(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('policy')))
    .description('show, or set, which levels are enough to be sealed to')
    .option('--set <file>', 'take these rules, JSON; an empty list takes all rules away');
  withExamples(
    verb,
    'stanzaseal trust policy --store juliet',
    `echo '[{"domain":"capulet.example","accept":["verified","vouched"]},{"accept":["verified"]}]' > rules.json`,
    'stanzaseal trust policy --store juliet --set rules.json',
  );
  verb.action(async (options: Options & { set?: string }) => {
    const given = options.set === undefined ? undefined : await readPolicy(options.set);
    const policy = await withOpenedStore(options, system, async ({ messenger }) => {
      if (given !== undefined) await setTrustPolicy(messenger, given);
      return trustPolicy(messenger);
    });
    await writeOutput(`${JSON.stringify(policy)}\n`, options.out);
  });
}

async function readPolicy(file: string): Promise<TrustPolicy> {
  const text = await readText(file, MAX_POLICY_OCTETS);
  try {
    return parsePolicy(text);
  } catch (cause) {
    if (cause instanceof TypeError) throw new CliFailure('ERR_UNSUPPORTED', cause.message, { cause });
    throw cause;
  }
}

function addRevoke(group: Command, system: System): void {
  const verb = withStore(group.command('revoke'))
    .description('take back what made a contact verified; the contact is then what the rest of the evidence says')
    .requiredOption('--jid <jid>', 'the contact', bareJidOption)
    .option(
      '--kind <kind>',
      `take back this kind alone (${Object.keys(LEVEL_OF).join(', ')}; may be repeated)`,
      collect,
    );
  withExamples(verb, 'stanzaseal trust revoke --store juliet --jid romeo@montague.example');
  verb.action(async (options: StoreOptions & { jid: string; kind?: string[] }) => {
    for (const kind of options.kind ?? [])
      if (!Object.hasOwn(LEVEL_OF, kind)) throw usageFailure(`'${kind}' is no kind of evidence`);
    const level = await withOpenedStore(options, system, ({ messenger }) =>
      revokeEvidence(messenger, options.jid, options.kind as EvidenceKind[] | undefined),
    );
    process.stderr.write(`${printable(options.jid)} is ${level}\n`);
  });
}

function addLog(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('log')))
    .description('list all evidence about a contact, newest first, with what no longer counts')
    .requiredOption('--jid <jid>', 'the contact', bareJidOption)
    .option('--json', 'write an array (docs/cli/trustLog.schema.json)');
  withExamples(verb, 'stanzaseal trust log --store juliet --jid romeo@montague.example');
  verb.action(async (options: Options & { jid: string }) => {
    const kept = await withOpenedStore(options, system, ({ messenger }) => listEvidence(messenger, options.jid));
    const json = kept.map((one) => ({
      kind: one.kind,
      level: LEVEL_OF[one.kind],
      inForce: one.inForce,
      ofPinnedKey: one.isOfPinnedKey,
      identity: toHex(one.identity),
      at: time(one.at),
      ...(one.by !== undefined && { by: one.by }),
      ...(one.notAfter !== undefined && { notAfter: time(one.notAfter) }),
      ...(one.revokedAt !== undefined && { revokedAt: time(one.revokedAt) }),
      ...(one.statement !== undefined && { statement: toHex(one.statement) }),
    }));
    const lines = json.map((one) => {
      const state = one.inForce
        ? ''
        : one.revokedAt !== undefined
          ? '  (taken back)'
          : one.ofPinnedKey
            ? '  (ended)'
            : '  (another key)';
      return `${one.at}  ${one.kind.padEnd(11)}  ${printable(one.by ?? '')}${state}`.trimEnd();
    });
    const text = options.json === true ? JSON.stringify(json) : lines.join('\n');
    await writeOutput(text === '' ? '' : `${text}\n`, options.out);
  });
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
