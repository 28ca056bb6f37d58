/**
 * `vouch`: for who runs a server: a key that speaks for the domain, and a component that vouches for its accounts.
 * @module
 */
import { parseJid } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { usageFailure } from './failure.js';
import { withExamples, withOut } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';
import { type EndorserOptions, withCertificate, withTerms } from './trustEndorser.js';
import type { ServeOptions } from './vouchServe.js';

/** Adds the verbs under `vouch`. */
export function addVouchVerbs(program: Command, system: System): void {
  const group = program.command('vouch').description('vouch for the accounts of a domain, beside its server');
  addEndorse(group, system);
  addServe(group, system);
}

function addEndorse(group: Command, system: System): void {
  const verb = withTerms(withCertificate(withOut(group.command('endorse'))))
    .description("write the statement by which the domain's certificate endorses the key that vouches")
    .requiredOption('--domain <domain>', 'the domain')
    .requiredOption('--domain-key <file>', 'the key that vouches (Ed25519, PKCS #8 PEM)');
  withExamples(
    verb,
    'stanzaseal key generate --algorithm ed25519 --out domain.pem',
    'stanzaseal vouch endorse --domain capulet.example --domain-key domain.pem \\',
    '    --key privkey.pem --certificate fullchain.pem > domain.cms',
  );
  verb.action(async (options: EndorserOptions & { domain: string; domainKey: string; out?: string }) => {
    const { readDomainKey } = await import('./vouchServe.js');
    const { endorsementOf } = await import('./trustEndorseActions.js');
    const jid = domainOf(options.domain);
    const identity = await readDomainKey(options.domainKey, system);
    const endorsed = { jid, identity, isRevoked: false };
    await writeOutput(await endorsementOf(endorsed, options, system), options.out);
  });
}

function addServe(group: Command, system: System): void {
  const verb = group
    .command('serve')
    .description('vouch for who asks, as a component (XEP-0114) of the server, until ended')
    .requiredOption('--domain <domain>', 'the domain')
    .requiredOption('--component <jid>', 'the address of the component: vouch.capulet.example')
    .requiredOption('--service <url>', 'where the server takes components: xmpp://localhost:5347')
    .requiredOption('--secret-file <file>', 'the secret that the server has for the component')
    .requiredOption('--domain-key <file>', 'the key that vouches (Ed25519, PKCS #8 PEM)')
    .requiredOption('--statement <file>', "what 'vouch endorse' wrote")
    .option('--days <number>', 'how long a vouch holds, at most 7', '7');
  withExamples(
    verb,
    'stanzaseal vouch serve --domain capulet.example --component vouch.capulet.example \\',
    '    --service xmpp://localhost:5347 --secret-file secret --domain-key domain.pem --statement domain.cms',
  );
  verb.action(async (options: ServeOptions) => {
    const { serve } = await import('./vouchServe.js');
    await serve({ ...options, domain: domainOf(options.domain) }, system);
  });
}

function domainOf(text: string): string {
  const { local, domain, resource } = parseJid(text);
  if (local !== '' || resource !== '') throw usageFailure(`'${text}' is not a domain`);
  return domain;
}
