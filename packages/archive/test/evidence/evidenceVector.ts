/**
 * Runs the vectors of `test-vectors/evidence` and `test-vectors/archive`: for the script that writes them and for the test.
 * @module
 */
import {
  type CheckpointPolicy,
  contentHash,
  cutRecipientInfos,
  decodeFork,
  decodeMeta,
  type EntryMeta,
  encodeMeta,
  encodeTimestampRequest,
  joinRecipientInfos,
  leafHash,
  MerkleLog,
  parseVerifierKey,
  recipientsHash,
  sha256,
  tokenOf,
  verify,
  verifyCheckpoint,
  verifyConsistency,
  verifyEvidenceRecord,
  verifyFork,
  verifyInclusion,
  verifyTimestamp,
} from '@stanzaseal/archive/evidence';
import { concat, fromHex, type PublicKey, publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { memoryNodes } from './evidenceWorld.js';
import { RIGHTS_FUNCTIONS } from './rightsVector.js';

/** Members of a vector, as in its file. */
export type Fields = Readonly<Record<string, unknown>>;

/** A vector. */
export interface EvidenceVector {
  /** `evidence/` or `archive/`, and its file. */
  readonly name: string;
  /** What it shows. */
  readonly title: string;
  /** Where that is demanded. */
  readonly source: string;
  /** What is done: a key of `EVIDENCE_FUNCTIONS` or `RIGHTS_FUNCTIONS`. */
  readonly evidence: string;
  /** `success`, or the code of the refusal. */
  readonly expect: string;
  /** All that goes in. */
  readonly input: Fields;
  /** What comes out. */
  readonly output?: Fields;
}

/** Runs a vector: its output, or the code of the refusal. Errors without a code are bugs and thrown. */
export async function runEvidenceVector({
  evidence,
  input,
}: Pick<EvidenceVector, 'evidence' | 'input'>): Promise<Fields | string> {
  const run = EVIDENCE_FUNCTIONS[evidence] ?? RIGHTS_FUNCTIONS[evidence];
  if (run === undefined) throw new Error(`no function ${evidence}`);
  try {
    return await run(input as never);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code?.startsWith('ERR_')) return code;
    throw error;
  }
}

interface PolicyFields {
  readonly origin: string;
  readonly logKey: string;
  readonly witnesses?: {
    readonly keys: readonly { readonly name: string; readonly key: string }[];
    readonly atLeast: number;
  };
}

const crypto = createCryptoProvider();

/** What vectors do. */
export const EVIDENCE_FUNCTIONS: Readonly<Record<string, (input: never) => Fields | Promise<Fields>>> = {
  leaf({ salt1, salt2, meta, object, recipientInfos }: Record<string, string> & { meta: EntryMeta }): Fields {
    const der = encodeMeta(meta);
    const entry = { meta: der, ...bytes({ salt1, salt2, object, recipientInfos }) } as Parameters<typeof leafHash>[0];
    return {
      meta: toHex(der),
      contentHash: toHex(contentHash(entry)),
      recipientsHash: toHex(recipientsHash(entry)),
      leafHash: toHex(leafHash(entry)),
    };
  },
  meta: ({ meta }: { meta: string }): Fields => ({ meta: decodeMeta(fromHex(meta)) }),
  cut({ object: der }: { object: string }): Fields {
    const { object, recipientInfos } = cutRecipientInfos(fromHex(der));
    return { object: toHex(object), recipientInfos: toHex(recipientInfos) };
  },
  join: ({ object, recipientInfos }: Record<'object' | 'recipientInfos', string>): Fields => ({
    object: toHex(joinRecipientInfos({ object: fromHex(object), recipientInfos: fromHex(recipientInfos) })),
  }),
  tree({ leaves }: { leaves: readonly string[] }): Fields {
    const hashes = leaves.map((leaf) => sha256(concat(Uint8Array.of(0), fromHex(leaf))));
    const log = new MerkleLog(memoryNodes(), 0);
    log.append(hashes);
    const roots = Array.from({ length: hashes.length + 1 }, (_, size) => toHex(log.root(size) as Uint8Array));
    return { leafHashes: hashes.map(toHex), roots };
  },
  inclusion({
    path,
    index,
    size,
    ...rest
  }: { path: string[]; index: number; size: number } & Record<string, string>): Fields {
    const { leafHash: hash, root } = bytes(rest) as Record<'leafHash' | 'root', Uint8Array>;
    if (!verifyInclusion({ leafHash: hash, index, size, path: path.map(fromHex), root })) return refuse();
    return { verified: true };
  },
  consistency({
    path,
    first,
    second,
    ...rest
  }: { path: string[]; first: number; second: number } & Record<string, string>): Fields {
    const { firstRoot, secondRoot } = bytes(rest) as Record<'firstRoot' | 'secondRoot', Uint8Array>;
    if (!verifyConsistency({ first, firstRoot, second, secondRoot, path: path.map(fromHex) })) return refuse();
    return { verified: true };
  },
  async 'verifier-key'({ text }: { text: string }): Promise<Fields> {
    const { name, use, key } = await parseVerifierKey(text, crypto);
    return { name, use, key: toHex(key.raw) };
  },
  async checkpoint({ note, ...policy }: { note: string } & PolicyFields): Promise<Fields> {
    const { size, root, cosignatures } = verifyCheckpoint(note, await policyOf(policy));
    return { size, root: toHex(root), cosignatures };
  },
  async proof({ proof, object: given, ...policy }: { proof: string; object?: string } & PolicyFields): Promise<Fields> {
    const object = given === undefined ? {} : { object: fromHex(given) };
    const { index, leafHash: hash, checkpoint, entry } = verify(proof, { ...(await policyOf(policy)), ...object });
    const place = { index, size: checkpoint.size, leafHash: toHex(hash) };
    if (entry === undefined) return { ...place, erased: true };
    const { meta, object: proved, recipientInfos, stanza } = entry;
    return {
      ...place,
      meta,
      object: toHex(proved),
      ...(recipientInfos === undefined ? {} : { recipientInfos: toHex(recipientInfos) }),
      ...(stanza === undefined ? {} : { stanza }),
    };
  },
  async fork({ fork, ...policy }: { fork: string } & PolicyFields): Promise<Fields> {
    const { first, second, rootInSecond } = verifyFork(decodeFork(fork), await policyOf(policy));
    return { first: first.size, signed: toHex(first.root), second: second.size, found: toHex(rootInSecond) };
  },
  'timestamp-request': ({ digest, nonce, policy }: Record<string, string>): Fields => {
    const octets = bytes({ digest, nonce }) as Record<'digest' | 'nonce', Uint8Array>;
    return {
      request: toHex(
        encodeTimestampRequest({ digestName: 'SHA-256', ...octets, ...(policy === undefined ? {} : { policy }) }),
      ),
    };
  },
  async timestamp({
    response,
    octets,
    roots,
    policies,
  }: {
    response: string;
    octets: string;
    roots: string[];
    policies?: string[];
  }): Promise<Fields> {
    const trust = { roots: roots.map(fromHex), ...(policies === undefined ? {} : { policies }) };
    const stamped = await verifyTimestamp(tokenOf(fromHex(response)), { octets: fromHex(octets) }, trust);
    const { time, accuracy, policy, serialNumber, nonce = new Uint8Array(0) } = stamped;
    return { time, accuracy, policy, serialNumber, nonce: toHex(nonce) };
  },
  async record({
    record,
    group,
    roots,
    validAt,
  }: {
    record: string;
    group: string[];
    roots: string[];
    validAt: number;
  }): Promise<Fields> {
    const objects = group.map(fromHex) as unknown as Parameters<typeof verifyEvidenceRecord>[1];
    const { time, timestamps } = await verifyEvidenceRecord(fromHex(record), objects, {
      roots: roots.map(fromHex),
      validAt,
    });
    return { time, times: timestamps.map((each) => each.time) };
  },
};

async function policyOf({ origin, logKey, witnesses }: PolicyFields): Promise<CheckpointPolicy> {
  const key = (raw: string): Promise<PublicKey> => publicKeyFromRaw('Ed25519', fromHex(raw), crypto);
  if (witnesses === undefined) return { origin, logKey: await key(logKey) };
  const keys = await Promise.all(witnesses.keys.map(async (each) => ({ name: each.name, key: await key(each.key) })));
  return { origin, logKey: await key(logKey), witnesses: { keys, atLeast: witnesses.atLeast } };
}

function bytes(fields: Readonly<Record<string, string | undefined>>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(fields).map(([name, hex]) => [name, fromHex(hex ?? '')]));
}

/** What answers by yes or no refuses by no. */
function refuse(): never {
  throw Object.assign(new Error('no'), { code: 'ERR_PROOF' });
}
