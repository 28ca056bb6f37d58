/**
 * The work of `trust endorse --check` and `trust vouch --check`: what a statement comes to, for people and programs; and, with a store,
 * taken in. Loaded when it runs.
 * @module
 */
import { encodePem, toHex } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { listEvidence, recordEvidence } from '@stanzaseal/messenger/trust';
import { checkCertificateEndorsement, type Endorsed, endorsementIn } from '@stanzaseal/trust/certificates';
import { fingerprint } from '@stanzaseal/trust/fingerprint';
import { checkOpenPgpEndorsement } from '@stanzaseal/trust/openpgp';
import { checkVouch, type VouchConflict } from '@stanzaseal/trust/vouching';
import { readCertificateFile, readOpenPgpFile, readRevocationListFile } from './certificateFiles.js';
import { CliFailure, EXIT_REFUSED, reportFailure, tell, usageFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import type { InOut } from './options.js';
import { writeOutput } from './output.js';
import { readPemFile } from './pemFile.js';
import { printable } from './printable.js';
import type { System } from './system.js';

/** Options of a check. */
export interface CheckOptions extends InOut, Partial<StoreOptions> {
  readonly root?: string[];
  readonly intermediate?: string[];
  readonly crl?: string[];
  readonly keyring?: string[];
  readonly jid?: string;
  readonly json?: true;
}

/** Checks an endorsement by a certificate or an OpenPGP key, and writes what it comes to. */
export async function checkEndorsement(options: CheckOptions, system: System): Promise<void> {
  if ((options.root === undefined) === (options.keyring === undefined))
    throw usageFailure("give '--root' for a certificate, or '--keyring' for an OpenPGP key");
  const statement = await readPemFile(options.in, 'CMS', 'statement');
  const [jid, now] = [accountIn(statement, options.jid), system.now()];
  const endorsed =
    options.keyring === undefined
      ? await checkCertificateEndorsement(statement, { jid, ...(await trusted(options, system)), now })
      : await checkOpenPgpEndorsement(statement, {
          jid,
          keys: await Promise.all(options.keyring.map(readOpenPgpFile)),
          now,
          crypto: system.crypto,
        });
  const level = await taken(endorsed, options, system);
  await writeShown(endorsed, { level, conflicts: [] }, options);
}

/**
 * Checks a vouch, and writes what it comes to. Where a kept one is for another key and their times overlap, nothing is taken in: exit code 1.
 * The words blame nobody: an account that took a new key within the week looks the same (specification, section 27.4).
 */
export async function checkVouchStatement(options: CheckOptions, system: System): Promise<void> {
  if (options.root === undefined) throw usageFailure("'--check' goes with '--root'");
  const statement = await readPemFile(options.in, 'CMS', 'statement');
  const [jid, now] = [accountIn(statement, options.jid), system.now()];
  const known = await withStoreOf(options, system, async ({ messenger }) => {
    const kept = await listEvidence(messenger, jid);
    return kept.flatMap(({ kind, statement: one }) => (kind === 'vouch' && one !== undefined ? [one] : []));
  });
  const vouch = await checkVouch(statement, { jid, ...(await trusted(options, system)), now, known: known ?? [] });
  const { conflicts } = vouch;
  const level = conflicts.length > 0 ? undefined : await taken(vouch, options, system);
  await writeShown(vouch, { level, conflicts }, options);
  for (const { domain, identities } of conflicts) {
    const [one, other] = identities.map(({ keyIdentifier }) => fingerprint(keyIdentifier));
    const sentence =
      `not taken in: ${domain} vouches for two keys of ${jid} at overlapping times, ${one} and ${other}. ` +
      'A contact who took a new key within the week looks like this too: compare the fingerprint';
    reportFailure(tell(new CliFailure('ERR_VERIFY', sentence)));
    process.exitCode = EXIT_REFUSED;
  }
}

async function trusted({ root = [], intermediate = [], crl = [] }: CheckOptions, { crypto }: System) {
  const certificates = async (files: readonly string[]) => (await Promise.all(files.map(readCertificateFile))).flat();
  return {
    roots: await certificates(root),
    intermediates: await certificates(intermediate),
    revocationLists: (await Promise.all(crl.map(readRevocationListFile))).flat(),
    primitives: { crypto, general: createGeneralCrypto(), subtle: globalThis.crypto.subtle },
  };
}

/** Whom it must speak of: who is named, else whom it says itself. */
function accountIn(statement: Uint8Array, jid: string | undefined): string {
  if (jid !== undefined) return jid;
  try {
    return endorsementIn(statement).owner;
  } catch (cause) {
    throw new CliFailure('ERR_VERIFY', 'the statement does not hold', { cause });
  }
}

/** Keeps it as evidence. Gives the level of the account's key now. */
function taken({ evidence }: Endorsed, options: CheckOptions, system: System): Promise<string | undefined> {
  return withStoreOf(options, system, ({ messenger }) => recordEvidence(messenger, evidence));
}

async function withStoreOf<T>(
  options: CheckOptions,
  system: System,
  use: Parameters<typeof withOpenedStore<T>>[2],
): Promise<T | undefined> {
  const { store } = options;
  return store === undefined ? undefined : withOpenedStore({ ...options, store }, system, use);
}

interface Outcome {
  readonly level: string | undefined;
  readonly conflicts: readonly VouchConflict[];
}

async function writeShown({ evidence, endorsed }: Endorsed, { level, conflicts }: Outcome, options: CheckOptions) {
  const { jid, kind, by, notAfter, sequence, revokedAt } = evidence;
  const until = new Date(notAfter as number).toISOString();
  const isRevoked = revokedAt !== undefined;
  if (options.json === true) {
    const shown = {
      ...{ jid, fingerprint: toHex(endorsed.keyIdentifier), kind, by, notAfter: until, sequence, revoked: isRevoked },
      ...(level === undefined ? {} : { level }),
      conflicts: conflicts.map(({ statements }) => statements.map((der) => encodePem('CMS', der))),
    };
    return writeOutput(`${JSON.stringify(shown)}\n`, options.out);
  }
  const verb = kind === 'vouch' ? 'vouched' : 'endorsed';
  const words = `${printable(jid)}: ${isRevoked ? `no longer ${verb}` : verb} by ${printable(by as string)} until ${until}`;
  const key = `key: ${fingerprint(endorsed.keyIdentifier)}`;
  const now = level === undefined ? '' : `level: ${level}\n`;
  const proof = conflicts.flatMap(({ statements }) => statements.map((der) => encodePem('CMS', der))).join('');
  return writeOutput(`${words}\n${key}\n${now}${proof}`, options.out);
}
