/**
 * The log of the vectors of evidence: its entries, checkpoints, proofs and a forged twin. Keys come from labels.
 * @module
 */
import { readFileSync } from 'node:fs';
import {
  contentHash,
  cosign,
  cutRecipientInfos,
  type EntryMeta,
  encodeFork,
  encodeMeta,
  encodeProof,
  type Fork,
  findFork,
  forkPath,
  type LeafOpening,
  leafHash,
  MerkleLog,
  type NodeStore,
  recipientsHash,
  signCheckpoint,
} from '@stanzaseal/archive/evidence';
import { fromHex, toHex, toUtf8 } from '@stanzaseal/cms';
import { keyOf, NOW } from './people.js';
import { crypto, octets } from './vectorWriter.js';

export const ORIGIN = 'archive.example/log';
export const logKey = await keyOf('Ed25519', 'log');
export const witnessOne = await keyOf('Ed25519', 'witness one');
export const witnessTwo = await keyOf('Ed25519', 'witness two');
export const raw = ({ key }: typeof logKey): string => toHex(key.publicKey.raw);
export const signing = await logKey.key.signingKey(crypto);
export const policy = { origin: ORIGIN, logKey: raw(logKey) };

// Leaves
export const sealedObject = vectorOutput('envelope/encrypt-two-recipients', 'der');
export const cut = cutRecipientInfos(fromHex(sealedObject));
export const metas: Record<'sealed' | 'plain' | 'record', EntryMeta> = {
  sealed: {
    kind: 'sealed',
    owner: 'juliet@capulet.example',
    receivedAt: NOW,
    stanzaId: '28482-98726-73623',
    shell: { before: "<message><sealed xmlns='urn:xmpp:sealed:0'>", after: '</sealed></message>' },
  },
  plain: { kind: 'plain', owner: 'juliet@capulet.example', receivedAt: NOW },
  record: { kind: 'record', owner: '', receivedAt: NOW },
};
const entry = (name: string, meta: EntryMeta, object: Uint8Array, recipientInfos: Uint8Array = new Uint8Array(0)) => ({
  salt1: fromHex(octets(`${name} salt1`, 32)),
  salt2: fromHex(octets(`${name} salt2`, 32)),
  meta: encodeMeta(meta),
  object,
  recipientInfos,
});
export const sealed = entry('sealed', metas.sealed, cut.object, cut.recipientInfos);
export const plain = entry('plain', metas.plain, toUtf8('<message><body>Ay me!</body></message>'));
export const record = entry('record', metas.record, toUtf8('an erasure'));
// A log: the sealed entry is number 2 of 7.
const others = Array.from({ length: 5 }, (_, i) => entry(`entry ${i}`, metas.plain, toUtf8(`<message id='${i}'/>`)));
const entries = [plain, record, sealed, ...others.slice(0, 4)];
export const log = logOf(entries.map(leafHash));
export const forged = logOf(entries.with(1, others[4] as typeof plain).map(leafHash));
export const at = async (from: MerkleLog, size: number): Promise<string> =>
  signCheckpoint({ origin: ORIGIN, size, root: await from.root(size) }, signing);
export const note = await at(log, 7);
export const cosigned =
  note +
  (await cosign(note, 'one.witness.example', await witnessOne.key.signingKey(crypto), NOW)) +
  (await cosign(note, 'two.witness.example', await witnessTwo.key.signingKey(crypto), NOW + 1000));
export const witnesses = (atLeast: number) => ({
  keys: ['one', 'two'].map((name, i) => ({
    name: `${name}.witness.example`,
    key: raw(i === 0 ? witnessOne : witnessTwo),
  })),
  atLeast,
});
const path = await log.inclusionProof(2, 7);
const { salt1, salt2, meta, object, recipientInfos } = sealed;
export const proofOf = (
  content: LeafOpening['content'],
  recipients: LeafOpening['recipients'],
  checkpoint = cosigned,
  index = 2,
): string => encodeProof({ opening: { content, recipients }, index, path, checkpoint });
export const present = { state: 'present', salt1, meta, object } as const;
export const readable = { state: 'present', salt2, recipientInfos } as const;
export const noContent = { state: 'erased', hash: contentHash(sealed) } as const;
export const noRecipients = { state: 'erased', hash: recipientsHash(sealed) } as const;
export const whole = proofOf(present, readable);

// Forks
export const twoRoots = findFork([await at(log, 5), await at(forged, 5)], publicPolicy()) as Fork;
export const twoHistories = findFork(
  [await at(log, 4), await at(forged, 7)],
  publicPolicy(),
  await forkPath(forged, 4, 7),
) as Fork;
export const forkOf = (change: Partial<Fork>): string => encodeFork({ ...twoHistories, ...change });

/** A leaf that could be read in two ways, logged all the same. */
export async function oddProof(): Promise<string> {
  const odd = { ...plain, recipientInfos };
  const root = leafHash(odd);
  const checkpoint = await signCheckpoint({ origin: ORIGIN, size: 1, root }, signing);
  const opening: LeafOpening = { content: { state: 'present', ...odd }, recipients: { state: 'present', ...odd } };
  return encodeProof({ opening, index: 0, path: [], checkpoint });
}

function logOf(leafHashes: readonly Uint8Array[]): MerkleLog {
  const nodes = new Map<string, Uint8Array>();
  const store: NodeStore = {
    get: (level, index) => nodes.get(`${level}/${index}`),
    put: (level, index, hash) => void nodes.set(`${level}/${index}`, hash),
  };
  const made = new MerkleLog(store, 0);
  made.append(leafHashes);
  return made;
}

function publicPolicy(): Parameters<typeof findFork>[1] {
  return { origin: ORIGIN, logKey: logKey.key.publicKey };
}

/** Octets of the output of another group's vector. */
function vectorOutput(name: string, member: string): string {
  const text = readFileSync(new URL(`../../test-vectors/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { output: Record<string, string> }).output[member] as string;
}
