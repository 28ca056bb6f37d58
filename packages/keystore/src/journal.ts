/**
 * Committing to a file with a journal: what a commit costs does not depend on what is stored, and what it erases is out of
 * everybody's reach when it resolves.
 *
 * A commit that takes a secret out of the store goes by these steps, each durable before the next:
 * 1. a new erasure key is put beside the old one;
 * 2. one record is appended, with the commit's changes and with all surviving erasable records under the new key;
 * 3. the old key is forgotten, and the commit resolves. A crash between 2 and 3 is made good at the next opening.
 *
 * A commit that fails changes nothing in memory. Where the disk may have it nevertheless, all that was acknowledged is
 * written anew before anything else is: never under the erasure key of the refused commit, or what that would have erased
 * could be read on the disk of a store that came up without it.
 * @module
 */
import { drawOctets, type RandomSource } from '@stanzaseal/cms';
import { type ErasureKey, type ErasureKeyPlace, isErasable, takesSecret } from './erasureKey.js';
import { KeyStoreError } from './keyStoreError.js';
import { copyChange, placeOf, type StoredRecord } from './recordCodec.js';
import type { Change } from './records.js';
import type { StoreKeys } from './storeKeys.js';
import type { StoreSecret } from './storeSecret.js';
import { StoreState } from './storeState.js';

/** What one commit writes. */
export interface CommitBatch {
  /** Commits made with it. */
  readonly epoch: number;
  /** The erasure key in use from it on. */
  readonly key: ErasureKey;
  /** Changes of records that do not lie under the erasure key. */
  readonly changes: readonly Change[];
  /** Records that do: those that it puts, or all that are left after it. */
  readonly erasable: readonly StoredRecord[];
  /** Which of the two. */
  readonly mode: 'adds' | 'replaces';
}

/** What writes a storage. */
export interface CommitWriter {
  /** Whether a power loss now might leave something else than what was acknowledged: then only `replace` will do. */
  readonly inDoubt: boolean;
  /** Whether everything should be written anew. */
  readonly isLong: boolean;
  /** Adds a commit; resolves when it is durable. When it fails, nothing of it is stored, or the writer is `inDoubt`. */
  append(batch: CommitBatch): Promise<void>;
  /** Makes records all that is stored, under other keys where some are given, whose the writer is then; resolves when it is durable. */
  replace(state: StoreState, epoch: number, key: ErasureKey, keys?: StoreKeys): Promise<void>;
  /** Makes what was replaced unreadable, as far as that can be. */
  forget(): Promise<void>;
  /** Gives up handles and forgets keys. */
  close(): Promise<void>;
}

/** What a journal begins with. */
export interface JournalParts {
  /** What opens it. */
  readonly secret: StoreSecret;
  /** Its keys. */
  readonly keys: StoreKeys;
  /** What writes them. Absent, as the place is, in a storage that is only read. */
  readonly writer?: CommitWriter;
  /** Where its erasure keys are. */
  readonly place?: ErasureKeyPlace;
  /** The records, as they were acknowledged. */
  readonly state: StoreState;
  /** How many commits were ever made. */
  readonly epoch: number;
  /** The erasure key in use; none before the first commit and in a storage that is only read. */
  readonly key?: ErasureKey;
  /** Where keys come from. */
  readonly random: RandomSource;
}

/** The records of an open storage and the one order in which they change. It prints none of them (E10). */
export class Journal {
  readonly #parts: JournalParts;
  #secret: StoreSecret;
  #keys: StoreKeys;
  #place: ErasureKeyPlace | undefined;
  #epoch: number;
  /** The erasure key of what was acknowledged; none before the first commit. */
  #current: ErasureKey | undefined;
  /** That of an erasing commit that was not, which the file may hold. */
  #refused: ErasureKey | undefined;
  /** Whether the file does hold it, and `#current` may be gone. */
  #isLost = false;
  /** Whether the file does hold it, and is to be written anew. */
  #isAhead = false;
  /** What is under way: one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** A journal over parts that are nobody else's. */
  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#secret = parts.secret;
    this.#keys = parts.keys;
    this.#place = parts.place;
    this.#epoch = parts.epoch;
    this.#current = parts.key;
  }

  /** Commits ever made. */
  get epoch(): number {
    return this.#epoch;
  }

  /** What opens it, in words for people, with the cost of a guess. */
  get sealedBy(): string {
    return this.#secret.describe(this.#keys.head.parameters);
  }

  /** All records. */
  load(): StoredRecord[] {
    this.#refuseWhenClosed();
    return this.#parts.state.toChanges();
  }

  /** Makes changes durable, all or none. */
  async commit(changes: readonly Change[]): Promise<void> {
    // The last change of a place holds, and erasing what is not there is none.
    const last = new Map(changes.map((change) => [placeOf(change), copyChange(change)]));
    await this.#next(async (writer, place) => {
      const { state } = this.#parts;
      const mine = [...last.values()].filter(
        (change) => change.record !== undefined || state.get(change) !== undefined,
      );
      if (this.#epoch === 0) await this.#begin(mine, writer, place);
      else if (mine.some((change) => takesSecret(change, state.get(change)))) await this.#erase(mine, writer, place);
      else if (mine.length > 0) await writer.append(this.#batch(mine, this.#keyInUse, 'adds'));
      else return;
      state.overwrite(mine);
      state.apply(mine);
      this.#epoch++;
      // The commit is made: it does not wait for a new snapshot, nor fail with it.
      if (writer.isLong) this.#next(() => this.#rewrite(writer)).catch(() => undefined);
    });
  }

  /** Writes all records anew. */
  compact(): Promise<void> {
    return this.#next(async (writer) => (this.#epoch === 0 ? undefined : this.#rewrite(writer)));
  }

  /**
   * Makes another secret what opens it: writes all records anew under its keys, and under a new erasure key, which lies in its
   * place as those keys have it. With the old one forgotten, the old secret opens no record that lay under it, on whatever
   * blocks. Where it fails, the old secret goes on, or the new one if all that failed was to forget the old: `sealedBy` tells. After
   * a crash, one of the two opens what is there.
   */
  changeSecret(secret: StoreSecret, placeOf: (keys: StoreKeys) => Promise<ErasureKeyPlace>): Promise<void> {
    return this.#next(async (writer, place) => {
      if (this.#epoch === 0) throw new TypeError('storage holds nothing yet');
      const keys = await this.#keys.under(secret);
      const next = await placeOf(keys);
      const before = this.#keyInUse;
      const after = this.#newKey(before.sequence + 1);
      try {
        await next.add(after);
        this.#refused = after;
        await writer.replace(this.#parts.state, this.#epoch, after, keys);
      } catch (error) {
        keys.erase();
        // What was written under the new key goes with it, now or when this is settled: the old keys go on.
        if (!writer.inDoubt) await this.#forgetAllBut(before, place).catch(() => undefined);
        throw error;
      }
      this.#keys.erase();
      [this.#secret, this.#keys, this.#place] = [secret, keys, next];
      [this.#current, this.#refused] = [after, before]; // until it is forgotten, which is tried again when this fails
      await this.#forgetAllBut(after, next);
      await writer.forget();
    });
  }

  /** Ends what is under way, then forgets everything. */
  close(): Promise<void> {
    const { state, writer } = this.#parts;
    this.#closing ??= this.#last.then(async () => {
      state.clear('all');
      this.#current?.key.fill(0);
      this.#refused?.key.fill(0);
      this.#keys.erase();
      await writer?.close();
    });
    return this.#closing;
  }

  get #keyInUse(): ErasureKey {
    return this.#current as ErasureKey;
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) throw new KeyStoreError('ERR_LOCKED', 'storage is closed');
  }

  /** Does something after all that was asked for before, and after settling what a failure left open. */
  async #next(action: (writer: CommitWriter, place: ErasureKeyPlace) => Promise<void>): Promise<void> {
    this.#refuseWhenClosed();
    const { writer } = this.#parts;
    if (writer === undefined || this.#place === undefined) throw new TypeError('storage was opened to be read only');
    const done = this.#last.then(async () => {
      const place = this.#place as ErasureKeyPlace;
      if (this.#epoch > 0 && (writer.inDoubt || this.#refused !== undefined)) await this.#settle(writer, place);
      await action(writer, place);
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** The first commit: the file comes to be, whole. */
  async #begin(changes: readonly Change[], writer: CommitWriter, place: ErasureKeyPlace): Promise<void> {
    if (this.#current === undefined) {
      const key = this.#newKey(1);
      await place.add(key);
      this.#current = key;
    }
    const first = new StoreState();
    first.apply(changes);
    await writer.replace(first, 1, this.#keyInUse);
  }

  async #erase(changes: readonly Change[], writer: CommitWriter, place: ErasureKeyPlace): Promise<void> {
    const before = this.#keyInUse;
    const after = this.#newKey(before.sequence + 1);
    await place.add(after);
    this.#refused = after;
    try {
      await writer.append(this.#batch(changes, after, 'replaces'));
    } catch (error) {
      // What was cut off again may be on the disk under the new key: that goes too, now or when this is settled.
      if (!writer.inDoubt) await this.#forgetAllBut(before, place).catch(() => undefined);
      throw error;
    }
    this.#isLost = true;
    await this.#forgetAllBut(after, place);
    this.#isLost = false;
  }

  /** After a failure: makes the disk hold what was acknowledged, and nothing under any other erasure key. */
  async #settle(writer: CommitWriter, place: ErasureKeyPlace): Promise<void> {
    if (this.#isLost) {
      const { sequence } = this.#refused as ErasureKey;
      await place.keepOnly(sequence);
      const key = this.#newKey(sequence + 1);
      await place.add(key);
      this.#current = key;
      [this.#isLost, this.#isAhead] = [false, true];
    }
    if (writer.inDoubt || this.#isAhead) await this.#rewrite(writer);
    this.#isAhead = false;
    await this.#forgetAllBut(this.#keyInUse, place);
    await writer.forget();
  }

  async #forgetAllBut(key: ErasureKey, place: ErasureKeyPlace): Promise<void> {
    await place.keepOnly(key.sequence);
    for (const other of [this.#current, this.#refused]) if (other !== key) other?.key.fill(0);
    [this.#current, this.#refused] = [key, undefined];
  }

  #newKey(sequence: number): ErasureKey {
    return { sequence, key: drawOctets(this.#parts.random, 32) };
  }

  async #rewrite(writer: CommitWriter): Promise<void> {
    await writer.replace(this.#parts.state, this.#epoch, this.#keyInUse);
    await writer.forget();
  }

  /** What is appended for a commit: with what it adds to the erasable records, or with all of them that are left after it. */
  #batch(changes: readonly Change[], key: ErasureKey, mode: 'adds' | 'replaces'): CommitBatch {
    const after = new StoreState();
    if (mode === 'replaces') after.apply(this.#parts.state.records('erasable'));
    after.apply(changes.filter(({ table }) => isErasable(table)));
    const lasting = changes.filter(({ table }) => !isErasable(table));
    return { epoch: this.#epoch + 1, key, changes: lasting, erasable: [...after.records('erasable')], mode };
  }
}
