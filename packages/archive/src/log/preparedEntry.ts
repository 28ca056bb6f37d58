/**
 * An entry, ready to be written: all but for its place in the log.
 * @module
 */
import type { Value } from '../engine/database.js';
import { type KeyVault, monthOf, type Owner, type WritingKeys } from '../keys/keyVault.js';
import type { AskedEntry, ComposedEntry, EntrySource } from './composedEntry.js';

/** An entry that awaits its place. */
export interface PreparedEntry {
  /** What is stored of it. */
  readonly composed: ComposedEntry;
  readonly source: EntrySource;
  /** Of its time, by `monthOf`. */
  readonly month: number;
  readonly owner: Owner;
  /** Number of the key that it is under. */
  readonly kek: number;
  /** How often keys had been destroyed when this one was taken. */
  readonly erasures: number;
}

/** What preparing needs. */
export interface PrepareParameters {
  readonly vault: KeyVault;
  /** Composes an entry, here or in another thread. */
  readonly compose: (asked: AskedEntry) => void;
}

/**
 * Makes an entry ready, under the newest key of its owner and month. Tells so by a call: a promise for each of its steps
 * shows in what a feed takes.
 */
export function prepareEntry(
  source: EntrySource,
  erasures: number,
  { vault, compose }: PrepareParameters,
  ready: (entry: PreparedEntry) => void,
  failed: (error: unknown) => void,
): void {
  const month = monthOf(source.receivedAt);
  const keys = vault.writingKeys(source.owner, month);
  const prepare = (keys: WritingKeys) => {
    const resolve = (composed: ComposedEntry) =>
      ready({ composed, source, month, owner: keys.owner, kek: keys.kek.kek, erasures });
    compose({ source, keys, resolve, reject: failed });
  };
  if (keys instanceof Promise) keys.then(prepare).catch(failed);
  else prepare(keys);
}

/** As `prepareEntry`, for who waits. */
export function preparedEntry(
  source: EntrySource,
  erasures: number,
  parameters: PrepareParameters,
): Promise<PreparedEntry> {
  return new Promise((resolve, reject) => prepareEntry(source, erasures, parameters, resolve, reject));
}

/** The row of ENTRIES of an entry at a place. */
export function rowOf(entry: PreparedEntry, seq: number, clock: number): Value[] {
  const { owner, source, month, kek, composed } = entry;
  const { form, kind, type, peer, resource, content, recipients } = composed;
  const { receivedAt } = source;
  const place = [seq, owner.shard, owner.owner, month, receivedAt, clock];
  return [...place, form, kind, type, peer, resource, kek, content, recipients, null, null];
}
