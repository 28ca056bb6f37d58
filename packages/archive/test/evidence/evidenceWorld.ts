/**
 * What tests of evidence share: keys, a log in memory, entries, and a history in the plainest words of RFC 9162.
 * @module
 */
import { createHash } from 'node:crypto';
import {
  drawSalts,
  encodeMeta,
  type LeafContent,
  type LeafRecipients,
  leafHash,
  MerkleLog,
  type NodeStore,
  signCheckpoint,
} from '@stanzaseal/archive/evidence';
import { generatePrivateKey, type RandomSource, type SigningKey, toUtf8 } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { unsafeSeededRandom } from '@stanzaseal/testkit';

export const ORIGIN = 'archive.example/log';
/** 2026-11-21T12:00:00Z. */
export const NOW = 1_795_262_400_000;

/** A store of nodes in memory. */
export interface MemoryNodes extends NodeStore {
  /** By `level/index`. */
  readonly nodes: Map<string, Uint8Array>;
}

export function memoryNodes(): MemoryNodes {
  const nodes = new Map<string, Uint8Array>();
  return {
    nodes,
    get: (level, index) => nodes.get(`${level}/${index}`),
    put(level, index, hash) {
      nodes.set(`${level}/${index}`, hash);
    },
  };
}

/** A key for signing notes. */
export async function noteKey(seed: string): Promise<SigningKey> {
  const crypto = createCryptoProvider();
  const key = await generatePrivateKey('Ed25519', unsafeSeededRandom(seed), crypto);
  return key.signingKey(crypto);
}

/** An entry: a plain stanza that says its number. */
export type Entry = LeafContent & LeafRecipients;

export function entryOf(text: string, random: RandomSource): Entry {
  const meta = encodeMeta({ kind: 'plain', owner: 'juliet@example.com', receivedAt: NOW });
  const object = toUtf8(`<message><body>${text}</body></message>`);
  return { ...drawSalts(random), meta, object, recipientInfos: new Uint8Array(0) };
}

export function entriesOf(count: number, seed = 'entries'): Entry[] {
  const random = unsafeSeededRandom(seed);
  return Array.from({ length: count }, (_, i) => entryOf(String(i), random));
}

/** A log of entries. */
export function logOf(entries: readonly Entry[]): MerkleLog {
  const log = new MerkleLog(memoryNodes(), 0);
  log.append(entries.map(leafHash));
  return log;
}

/** A checkpoint of a log at a size, by a key. */
export async function checkpointOf(log: MerkleLog, size: number, key: SigningKey, origin = ORIGIN): Promise<string> {
  return signCheckpoint({ origin, size, root: await log.root(size) }, key);
}

// RFC 9162 §2.1 as it is written, recursively and without any store.

export function plainHash(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** MTH(D_n) of leaf hashes (§2.1.1). */
export function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return plainHash();
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const k = split(leaves.length);
  return plainHash(Uint8Array.of(1), plainRoot(leaves.slice(0, k)), plainRoot(leaves.slice(k)));
}

/** PATH(m, D_n) (§2.1.3.1). */
export function plainPath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...plainPath(m, leaves.slice(0, k)), plainRoot(leaves.slice(k))];
  return [...plainPath(m - k, leaves.slice(k)), plainRoot(leaves.slice(0, k))];
}

/** SUBPROOF(m, D_n, b) (§2.1.4.1). */
export function plainProof(m: number, leaves: readonly Uint8Array[], whole = true): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [plainRoot(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...plainProof(m, leaves.slice(0, k), whole), plainRoot(leaves.slice(k))];
  return [...plainProof(m - k, leaves.slice(k), false), plainRoot(leaves.slice(0, k))];
}

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
