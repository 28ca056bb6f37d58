/**
 * `archive request`, `approve` and `release`: keys for an auditor's device, by k of n officers (docs/decisions/0016, 0022).
 * @module
 */
import type { ReleaseRequest } from '@stanzaseal/archive/rights';
import { CmsError, decodePem, encodePem, toBase64, toHex } from '@stanzaseal/cms';
import type { Command } from 'commander';
import { CliFailure, EXIT_REFUSED, reportFailure, usageFailure, warn } from '../failure.js';
import { readInput, readText } from '../input.js';
import { collect, type InOut, withExamples, withInOut, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import type { System } from '../system.js';
import {
  type ArchiveOptions,
  ownerOption,
  signingDirectoryOf,
  wholeOption,
  withArchive,
  withOpenedArchive,
} from './openedArchive.js';
import { agreementKeysIn, privateKeyIn, publicKeyIn, quorumIn } from './signingDirectory.js';

/** A request names 10,000 entries at most; an approval holds the request. */
const MAX_REQUEST = 1_048_576;
const DAY = 86_400_000;

interface RequestOptions extends ArchiveOptions, InOut {
  readonly owner: string;
  readonly id: readonly string[];
  readonly purpose: string;
  readonly auditor: string;
  readonly days: number;
}

/** Adds `archive request`. */
export function addRequestVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('request')))
    .description("write a request for the organisation's keys to entries of an owner, for officers to approve: DER")
    .requiredOption('--owner <jid>', 'whose entries', ownerOption)
    .requiredOption('--id <id>', 'of an entry; may be repeated', collect)
    .requiredOption('--purpose <text>', 'what for: officers read it, and it stays in the log')
    .requiredOption('--auditor <public.pem>', "X25519 key of the device that the entries' keys are for")
    .option('--days <number>', 'how long it may be answered: 1 to 7', wholeOption, 7);
  withExamples(
    verb,
    'stanzaseal archive request --archive sqlite:archive.db --owner juliet@capulet.example --id 28482-98726 --purpose "case 17" --auditor auditor.pub.pem --out case17.request',
  );
  verb.action(async ({ owner, id, purpose, auditor: file, days, ...options }: RequestOptions) => {
    if (!(days >= 1 && days <= 7)) throw usageFailure("'--days' is not from 1 to 7");
    const auditor = await publicKeyIn(file, system);
    if (auditor.algorithm !== 'X25519') throw new CliFailure('ERR_UNSUPPORTED', `${file} is no X25519 key`);
    const { openRights } = await import('@stanzaseal/archive');
    const request = await withOpenedArchive(options, system, async ({ archive, signing: { recordKey } }) => {
      const rights = await openRights(archive, { recordKey, onEvent: () => undefined });
      return rights.request({ owner, ids: id, purpose, auditor, validFor: days * DAY });
    });
    await writeOutput(request, options.out);
  });
}

/** Adds `archive approve`. */
export function addApproveVerb(group: Command, system: System): void {
  const verb = withInOut(group.command('approve'))
    .description("show what a request asks; with an officer's key, approve it: CMS in PEM. It needs no archive")
    .option('--key <officer.pem>', 'Ed25519: approve it')
    .option('--json', 'write what is asked as an object (docs/cli/archiveRequest.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive approve --in case17.request',
    'stanzaseal archive approve --in case17.request --key officer.pem --out case17.escalus.pem',
  );
  verb.action(async ({ in: file, out, key, json }: InOut & { key?: string; json?: true }) => {
    if (key !== undefined && json === true) throw usageFailure("'--json' shows a request, '--key' approves it");
    const { approve } = await import('@stanzaseal/archive/rights');
    const request = await readInput(file, MAX_REQUEST);
    const asked = await readRequest(request, system);
    const object = { ...asked, auditor: toHex(asked.auditor.keyIdentifier) };
    if (key === undefined) return writeOutput(json === true ? `${JSON.stringify(object)}\n` : inWords(asked), out);
    const officer = await privateKeyIn(key, system);
    if (officer.publicKey.algorithm !== 'Ed25519') throw new CliFailure('ERR_UNSUPPORTED', `${key} is no Ed25519 key`);
    if (system.now() > asked.notAfter) warn('the time of this request is over: nobody will answer it');
    const { crypto } = system;
    const approval = await approve(request, await officer.signingKey(crypto), { signingTime: system.now(), crypto });
    await writeOutput(encodePem('CMS', approval), out);
  });
}

interface ReleaseOptions extends ArchiveOptions, InOut {
  readonly approval: readonly string[];
  readonly key?: readonly string[];
}

/** Adds `archive release`. */
export function addReleaseVerb(group: Command, system: System): void {
  const verb = withInOut(withArchive(group.command('release')))
    .description(
      "answer an approved request, once: the entries' keys, for the auditor's device alone, and a record in the log",
    )
    .requiredOption('--approval <file>', "an officer's approval; may be repeated", collect)
    .option('--key <key.pem>', 'a private archive key (X25519) for this run; may be repeated', collect);
  withExamples(
    verb,
    'stanzaseal archive release --archive sqlite:archive.db --in case17.request --approval case17.escalus.pem --approval case17.friar.pem --key 2026.pem --out case17.keys',
  );
  verb.action(async (options: ReleaseOptions) => {
    const request = await readInput(options.in, MAX_REQUEST);
    await readRequest(request, system);
    const approvals = await Promise.all(options.approval.map(approvalIn));
    const privateKeys = await agreementKeysIn(options.key ?? [], system);
    const { openRights } = await import('@stanzaseal/archive');
    const { keys, refused, record } = await withOpenedArchive(options, system, async ({ archive, signing }) => {
      const quorum = await quorumIn(signingDirectoryOf(options), system);
      const rights = await openRights(archive, {
        recordKey: signing.recordKey,
        privateKeys,
        onEvent: ({ leafIndex }) => warn(`wrap of entry #${leafIndex} holds another key than the object's`),
        ...(quorum === undefined ? {} : { quorum }),
      }).catch(quorumFailure);
      await rights.escrow(); // wraps of what came since the last time
      return rights.release(request, approvals);
    });
    const released = keys.map(({ recipientInfo, ...of }) => ({ ...of, recipientInfo: toBase64(recipientInfo) }));
    await writeOutput(`${JSON.stringify({ record, keys: released, refused })}\n`, options.out);
    for (const leafIndex of refused) {
      reportFailure({ code: 'ERR_NO_KEYS', sentence: `entry #${leafIndex} has no key here`, exitCode: EXIT_REFUSED });
      process.exitCode = EXIT_REFUSED;
    }
  });
}

/** Who is to approve is said by files, which may say what makes no quorum. */
function quorumFailure(cause: unknown): never {
  throw cause instanceof RangeError ? new CliFailure('ERR_UNSUPPORTED', cause.message, { cause }) : cause;
}

async function readRequest(der: Uint8Array, { crypto }: System): Promise<ReleaseRequest> {
  const { readReleaseRequest } = await import('@stanzaseal/archive/rights');
  try {
    return await readReleaseRequest(der, crypto);
  } catch (cause) {
    if (!(cause instanceof CmsError || cause instanceof RangeError)) throw cause;
    throw new CliFailure('ERR_DER', 'input is no request for keys', { cause });
  }
}

async function approvalIn(file: string): Promise<Uint8Array> {
  const text = await readText(file, 2 * MAX_REQUEST);
  try {
    return decodePem(text, 'CMS');
  } catch (cause) {
    throw new CliFailure('ERR_DER', `${file} is not one approval in PEM`, { cause });
  }
}

function inWords(asked: ReleaseRequest): string {
  const { origin, owner, purpose, auditor, leafIndexes, notBefore, notAfter } = asked;
  const time = (ms: number) => new Date(ms).toISOString();
  return [
    `archive: ${printable(origin)}`,
    `owner:   ${printable(owner)}`,
    `purpose: ${printable(purpose)}`,
    `auditor: ${toHex(auditor.keyIdentifier)}`,
    `time:    ${time(notBefore)} to ${time(notAfter)}`,
    `entries: ${leafIndexes.map((each) => `#${each}`).join(' ')}`,
    '',
  ].join('\n');
}
