/**
 * The work of `vouch serve`: a component of `@xmpp/component` that vouches. Loaded when it runs.
 * @module
 */
import { importPrivateKey, type SigningKey, toHex } from '@stanzaseal/cms';
import type { VouchOutcome } from '@stanzaseal/trust/vouching';
import { vouchComponent } from '@stanzaseal/xmpp/vouches';
import { type ComponentOptions, startComponent } from './component.js';
import { CliFailure, usageFailure } from './failure.js';
import { readPemFile } from './pemFile.js';
import { printable } from './printable.js';
import type { System } from './system.js';

/** Options of `vouch serve`. */
export interface ServeOptions extends ComponentOptions {
  readonly domain: string;
  readonly domainKey: string;
  readonly statement: string;
  readonly days: string;
}

const DAY = 86_400_000;

/** Vouches until the process is ended. @throws CliFailure where the server is not to be reached at the beginning, or refuses */
export async function serve(options: ServeOptions, system: System): Promise<void> {
  const { component, domain } = options;
  if (!/^[1-7]$/.test(options.days)) throw usageFailure("'--days' is not from 1 to 7");
  const { random, crypto, now: clock } = system;
  const key = await readDomainKey(options.domainKey, system);
  const domainStatement = await readPemFile(options.statement, 'CMS', 'statement');
  await startComponent(options, (entity) => {
    const parameters = { component, key, domainStatement, validity: Number(options.days) * DAY, clock, random, crypto };
    const vouching = given(() => vouchComponent(entity, { ...parameters, onRequest: tellRequest }));
    if (vouching.domain !== domain)
      throw new CliFailure('ERR_ADDRESS', `${options.statement} is about ${vouching.domain}, not about ${domain}`);
  });
  process.stderr.write(`vouching for ${printable(domain)} as ${printable(component)}\n`);
  // A connection that is lost comes back by itself; a signal ends the process (main.ts).
  await new Promise(() => undefined);
}

/** The key that vouches. @throws CliFailure `ERR_DER`, `ERR_UNSUPPORTED` */
export async function readDomainKey(file: string, { crypto }: System): Promise<SigningKey> {
  const key = await importPrivateKey(await readPemFile(file, 'PRIVATE KEY', 'private key'), crypto);
  if (key.publicKey.algorithm !== 'Ed25519')
    throw new CliFailure(
      'ERR_UNSUPPORTED',
      `${file} is of ${key.publicKey.algorithm}; a key that vouches is of Ed25519`,
    );
  return key.signingKey(crypto);
}

/** A key and a statement that do not go together are the files' fault. */
function given<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CliFailure('ERR_UNSUPPORTED', cause.message.replace('domainStatement', 'the statement'), { cause });
  }
}

function tellRequest(from: string, outcome: VouchOutcome): void {
  const words =
    outcome.kind === 'vouched'
      ? `vouched for ${toHex(outcome.identity)}, list ${outcome.listVersion}, until ${new Date(outcome.notAfter).toISOString()}`
      : `refused: ${outcome.reason}`;
  process.stderr.write(`${printable(from)}: ${words}\n`);
}
