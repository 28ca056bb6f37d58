/**
 * `trust endorse` and `trust vouch`: having one's identity key endorsed by a certificate, an OpenPGP key or one's domain, and checking
 * such statements of others.
 * @module
 */
import { encodePem } from '@stanzaseal/cms';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, collect, type InOut, withExamples, withInOut } from './options.js';
import { writeOutput } from './output.js';
import { withToken } from './storeSecrets.js';
import type { System } from './system.js';
import { type EndorserOptions, withCertificate, withTerms } from './trustEndorser.js';
import type { CheckOptions } from './trustStatementCheck.js';

type EndorseOptions = EndorserOptions & CheckOptions & InOut & { check?: true; revoke?: true };
type VouchOptions = CheckOptions &
  InOut & { check?: true; component?: string; service?: string; passwordFile?: string };

/** Adds both. */
export function addStatementVerbs(group: Command, system: System): void {
  addEndorse(group, system);
  addVouch(group, system);
}

function addEndorse(group: Command, system: System): void {
  const verb = withCheck(withTerms(withCertificate(group.command('endorse'))))
    .description('write a statement by which your certificate or OpenPGP key endorses your identity key; or check one')
    .option('--openpgp <file>', 'endorse by this OpenPGP private key, which has your xmpp: address as user id')
    .option('--openpgp-passphrase-file <file>', 'take its passphrase from this file; else it is asked for')
    .option('--revoke', 'take back what the same certificate or key said before')
    .option('--keyring <file>', 'with --check: OpenPGP public keys that are believed; may be repeated', collect);
  withExamples(
    verb,
    'stanzaseal trust endorse --store juliet --pkcs12 juliet.p12 > statement',
    'stanzaseal trust endorse --check --root authority.pem < statement',
    'stanzaseal trust endorse --check --keyring juliet.asc --store romeo < statement',
  );
  verb.action(async (options: EndorseOptions) => {
    const { openpgp, pkcs12, key, revoke } = options;
    const isMaking = [openpgp, pkcs12, key, revoke].some((option) => option !== undefined);
    if (options.check === true) {
      if (isMaking) throw usageFailure("'--check' makes no statement");
      const { checkEndorsement } = await import('./trustStatementCheck.js');
      return checkEndorsement(options, system);
    }
    if ([openpgp, pkcs12, key].filter((option) => option !== undefined).length !== 1)
      throw usageFailure("give one of '--pkcs12', '--key' and '--openpgp', or '--check'");
    const statement = await withOwnStore(options, system, async ({ store }) => {
      const identity = await store.identityKey(system.crypto);
      if (identity === undefined)
        throw new CliFailure('ERR_UNSUPPORTED', 'this device does not hold the identity key; a primary device does');
      const { endorsementOf } = await import('./trustEndorseActions.js');
      return endorsementOf({ jid: store.owner, identity, isRevoked: revoke === true }, options, system);
    });
    await writeOutput(statement, options.out);
  });
}

function addVouch(group: Command, system: System): void {
  const verb = withCheck(group.command('vouch'))
    .description('have your domain vouch for your identity key, which you have published; or check a vouch')
    .option('--component <jid>', 'who vouches: vouch.capulet.example')
    .option('--service <url>', 'xmpp://HOST:PORT or wss://HOST/PATH; looked up by DNS when left out')
    .option('--password-file <file>', 'take the password of the account from this file; else it is asked for');
  withExamples(
    verb,
    'stanzaseal trust vouch --store juliet --component vouch.capulet.example > vouch',
    'stanzaseal trust vouch --check --root authority.pem --store romeo < vouch',
  );
  verb.action(async (options: VouchOptions) => {
    if (options.check === true) {
      if (options.component !== undefined) throw usageFailure("'--check' asks nobody");
      const { checkVouchStatement } = await import('./trustStatementCheck.js');
      return checkVouchStatement(options, system);
    }
    const { component } = options;
    if (component === undefined) throw usageFailure("give '--component', or '--check'");
    const { fetchVouch } = await import('./trustVouchActions.js');
    const owner = await withOwnStore(options, system, async ({ store }) => store.owner);
    await writeOutput(encodePem('CMS', await fetchVouch(owner, { ...options, component }, system)), options.out);
  });
}

function withCheck(verb: Command): Command {
  withToken(
    withInOut(verb)
      .option('--store <dir>', 'directory of the key store: whose key it is; with --check: what it is taken into')
      .option(
        '--passphrase-file <file>',
        'take the passphrase of the store from this file; else it is asked for on the terminal',
      ),
  );
  return verb
    .option('--check', 'check a statement from standard input; exit code 1 where it does not hold')
    .option('--root <file>', 'with --check: certificates that are trusted, PEM; may be repeated', collect)
    .option('--intermediate <file>', 'with --check: certificates that may stand between; may be repeated', collect)
    .option('--crl <file>', 'with --check: a revocation list; may be repeated', collect)
    .option(
      '--jid <jid>',
      'with --check: the account it must speak of; else it is who the statement says',
      bareJidOption,
    )
    .option('--json', 'with --check: write an object (docs/cli/trustStatement.schema.json)');
}

function withOwnStore<T>(
  options: Partial<StoreOptions>,
  system: System,
  use: Parameters<typeof withOpenedStore<T>>[2],
): Promise<T> {
  const { store } = options;
  if (store === undefined) throw usageFailure("give '--store'");
  return withOpenedStore({ ...options, store }, system, use);
}
