/**
 * `archive prove` and `archive verify`: evidence for a stranger, and the whole of an archive against its log.
 * @module
 */
import type { Archive } from '@stanzaseal/archive';
import { toHex } from '@stanzaseal/cms';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from '../failure.js';
import { readText } from '../input.js';
import { type InOut, withExamples, withInOut, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import { printable } from '../printable.js';
import type { System } from '../system.js';
import { type ArchiveOptions, type Opened, ownerOption, withArchive, withOpenedArchive } from './openedArchive.js';
import { withProgress } from './progress.js';
import { publicKeyIn } from './signingDirectory.js';
import { tellScrubbed } from './upkeepVerbs.js';

/** A proof holds an entry, a path and a checkpoint: an entry is of 256 KiB at most, in base64. */
const MAX_PROOF_OCTETS = 4_194_304;

/** Adds `archive prove`. */
export function addProveVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('prove')))
    .description('write the proof of an entry, which holds the entry: whoever has the checkpoint key verifies it')
    .requiredOption('--id <id>', "the entry's id; or # and its place in the log")
    .option('--owner <jid>', 'in whose archive; else whoever has an entry of this id', ownerOption);
  withExamples(verb, 'stanzaseal archive prove --archive sqlite:archive.db --id 28482-98726 --out entry.tlog-proof');
  verb.action(async (options: ArchiveOptions & InOut & { id: string; owner?: string }) => {
    const proof = await withOpenedArchive(options, system, ({ archive }) => proofIn(archive, options), { reads: true });
    await writeOutput(proof, options.out);
  });
}

async function proofIn(archive: Archive, { id, owner }: { id: string; owner?: string }): Promise<string> {
  if (owner !== undefined) return (await archive.proofOf({ owner, id })).proof;
  const proofs: string[] = [];
  // The archive's own records have no id but their place.
  for (const each of [...(await archive.owners()), ...(id.startsWith('#') ? [''] : [])]) {
    try {
      proofs.push((await archive.proofOf({ owner: each, id })).proof);
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code !== 'ERR_NOT_FOUND') throw thrown;
    }
  }
  if (proofs.length > 1) throw usageFailure("several owners have an entry of this id; use '--owner'");
  if (proofs[0] === undefined) throw new CliFailure('ERR_NOT_FOUND', 'nobody has an entry of this id');
  return proofs[0];
}

type VerifyOptions = Partial<ArchiveOptions> & InOut & { key?: string; checkpoint?: string; json?: true };

/** Adds `archive verify`. */
export function addVerifyVerb(group: Command, system: System): void {
  const verb = withInOut(group.command('verify'))
    .description('verify a proof with the public half of the checkpoint key and nothing else; or a whole archive')
    .option('--key <public.pem>', 'verify the proof on standard input with this key')
    .option('--origin <name>', "the log's name; else the proof's own, which is shown")
    .option('--archive <url>', 'verify every entry of this archive against its log, and the log against its checkpoint')
    .option('--signing <dir>', 'directory of checkpoint and record keys; of sqlite:FILE it is FILE.signing')
    .option('--checkpoint <file>', 'with --archive: a checkpoint from before, which the log must go on from')
    .option('--json', 'write an object (docs/cli/archiveVerify.schema.json, archiveScrub.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive verify --key checkpoint.pub.pem < entry.tlog-proof',
    'stanzaseal archive verify --archive sqlite:archive.db --checkpoint witnessed.txt',
  );
  verb.action(async (options: VerifyOptions) => {
    const { archive, key } = options;
    if ((archive === undefined) === (key === undefined)) throw usageFailure("say one of '--archive' and '--key'");
    if (key !== undefined) return verifyProof(key, options, system);
    return verifyArchive({ ...options, archive: archive as string }, system);
  });
}

async function verifyProof(key: string, { in: file, origin, out, json }: VerifyOptions, system: System): Promise<void> {
  const { decodeProof, parseCheckpoint, verify } = await import('@stanzaseal/archive/evidence');
  const logKey = await publicKeyIn(key, system);
  const proof = await readText(file, MAX_PROOF_OCTETS);
  const { index, leafHash, checkpoint, entry } = verify(proof, {
    // The name is under the signature, so a proof that names another log than it is of does not verify.
    origin: origin ?? parseCheckpoint(decodeProof(proof).checkpoint).origin,
    logKey,
  });
  const log = { origin: checkpoint.origin, treeSize: checkpoint.size, leafIndex: index, leafHash: toHex(leafHash) };
  if (json === true) {
    const { meta, stanza } = entry ?? {};
    const what = meta && {
      kind: meta.kind,
      owner: meta.owner,
      receivedAt: new Date(meta.receivedAt).toISOString(),
      ...(meta.stanzaId === undefined ? {} : { id: meta.stanzaId }),
    };
    const whole = { ...log, erased: entry === undefined, ...what, ...(stanza === undefined ? {} : { stanza }) };
    return writeOutput(`${JSON.stringify(whole)}\n`, out);
  }
  const { meta } = entry ?? {};
  const said =
    meta === undefined
      ? 'an entry that was erased'
      : `${meta.kind} of ${printable(meta.owner)}, received ${new Date(meta.receivedAt).toISOString()}`;
  await writeOutput(`${said}: leaf ${index} of ${log.treeSize} in the log ${printable(log.origin)}\n`, out);
}

async function verifyArchive(options: VerifyOptions & ArchiveOptions, system: System): Promise<void> {
  const { scrub } = await import('@stanzaseal/archive');
  const scrubbed = await withOpenedArchive(options, system, async (opened) => {
    if (options.checkpoint !== undefined) await verifyGrowth(options.checkpoint, opened);
    return withProgress('entries', (onProgress) => scrub(opened.archive, { onProgress }));
  });
  await tellScrubbed(scrubbed, options);
}

/** K1, K2: what is there now must have grown from what somebody saw. */
async function verifyGrowth(file: string, { archive, signing }: Opened): Promise<void> {
  const { parseCheckpoint, verifyCheckpoint, verifyConsistency } = await import('@stanzaseal/archive/evidence');
  const logKey = signing.checkpointKeys.map(({ publicKey }) => publicKey);
  const seen = verifyCheckpoint(await readText(file), { origin: signing.origin, logKey });
  const now = await archive.checkpoint();
  const failed = new CliFailure('ERR_PROOF', 'the log did not grow from the checkpoint');
  if (now === undefined || now.size < seen.size) throw failed;
  const path = await archive.consistencyProof(seen.size, now.size);
  const { root: secondRoot } = parseCheckpoint(now.note);
  if (!verifyConsistency({ first: seen.size, firstRoot: seen.root, second: now.size, secondRoot, path })) throw failed;
}
