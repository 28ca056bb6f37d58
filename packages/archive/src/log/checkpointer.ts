/**
 * Signs the state of the log each second or each thousand entries, whichever comes first.
 * @module
 */
import type { Clock, SigningKey } from '@stanzaseal/cms';
import type { Database, Rows } from '../engine/database.js';
import { Turns } from '../engine/turns.js';
import { MerkleLog, signCheckpoint } from '../evidence/index.js';
import { CHECKPOINTS } from '../layout.js';
import { LogTiles } from './logTiles.js';

/** A signed checkpoint as it is kept. */
export interface StoredCheckpoint {
  /** Number of leaves. */
  readonly size: number;
  /** When it was signed, in ms since 1970. */
  readonly time: number;
  /** The note (C2SP tlog-checkpoint). */
  readonly note: string;
}

/** What a checkpointer needs. */
export interface CheckpointerParameters {
  readonly content: Database;
  /** Writes into the contents; durable when it resolves. */
  readonly write: (work: (rows: Rows) => Promise<void>) => Promise<void>;
  readonly origin: string;
  readonly key: SigningKey | readonly SigningKey[];
  readonly clock: Clock;
  /** Entries without a checkpoint that call for one at once. */
  readonly entries: number;
  /** How long an entry waits for one at most, in ms. */
  readonly interval: number;
  readonly onCheckpoint: (checkpoint: StoredCheckpoint) => void;
  /** A checkpoint that came due by time could not be made. */
  readonly onFailure: (error: unknown) => void;
}

/** Makes checkpoints when they are due. */
export class Checkpointer {
  readonly #parameters: CheckpointerParameters;
  readonly #turns = new Turns();
  #newest = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parameters: CheckpointerParameters) {
    this.#parameters = parameters;
  }

  /** Tells that the log has grown. */
  grown(size: number): void {
    const { entries, interval } = this.#parameters;
    const due = size - this.#newest >= entries;
    if (due) this.#newest = size;
    else if (this.#timer !== undefined) return;
    if (due) return void this.#later();
    this.#timer = setTimeout(() => this.#later(), interval);
    this.#timer.unref();
  }

  /** A checkpoint of all that is durable now: the newest one if the log has not grown since; `undefined` for an empty log. */
  make(): Promise<StoredCheckpoint | undefined> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#turns.take(() => this.#make());
  }

  #later(): void {
    this.make().catch(this.#parameters.onFailure);
  }

  async #make(): Promise<StoredCheckpoint | undefined> {
    const { content, write, origin, key, clock, onCheckpoint } = this.#parameters;
    const seen = await content.snapshot(async (rows) => {
      const [state] = await rows.rows('SELECT size FROM state WHERE number = 1');
      const size = Number(state?.size);
      const [newest] = await rows.rows('SELECT size, time, note FROM checkpoints ORDER BY size DESC LIMIT 1');
      if (newest !== undefined && Number(newest.size) >= size) return newest as unknown as StoredCheckpoint;
      return size === 0 ? undefined : { size, root: await new MerkleLog(new LogTiles(rows), size).root(size) };
    });
    if (seen === undefined || 'note' in seen) return seen;
    const { size, root } = seen;
    const checkpoint = { size, time: clock(), note: await signCheckpoint({ origin, size, root }, key) };
    await write((rows) => rows.upsert(CHECKPOINTS, [[checkpoint.size, checkpoint.time, checkpoint.note]]));
    this.#newest = Math.max(this.#newest, size);
    onCheckpoint(checkpoint);
    return checkpoint;
  }
}
