/**
 * When replay memory is packed, and into what: like a journal. Each ten thousand changes become a pack, and when most of what is
 * packed is of the past, all is packed anew.
 * @module
 */
import { toUtf8 } from '@stanzaseal/cms';
import { changeLine, placeOf } from '../recordCodec.js';
import type { Change } from '../records.js';
import type { StoreState } from '../storeState.js';
import { type Content, PACKED, packRecords } from './database.js';

/** So many changes are packed at once, at least: where each is read by itself they take a browser half a second. */
const DUE = 10_000;
const LARGEST_PACK = 100_000;

/** What is packed of an open database, and what is not yet. */
export class Packing {
  readonly #database: IDBDatabase;
  readonly #state: StoreState;
  readonly #loose = new Map<string, Change>();
  #packed: number;

  /** Over what was read. */
  constructor(database: IDBDatabase, state: StoreState, { packed, loose }: Pick<Content, 'packed' | 'loose'>) {
    this.#database = database;
    this.#state = state;
    this.#packed = packed.length;
    this.note(loose);
  }

  /** Whether there is anything packed. */
  get hasPacks(): boolean {
    return this.#packed > 0;
  }

  /** Takes note of changes that were made. */
  note(changes: readonly Change[]): void {
    for (const change of changes) {
      if (!PACKED.includes(change.table)) continue;
      if (change.record === undefined && !this.hasPacks) this.#loose.delete(placeOf(change));
      else this.#loose.set(placeOf(change), change);
    }
  }

  /** Packs, where enough came together. A failure leaves all as it was. */
  async packIfDue(): Promise<void> {
    if (this.#loose.size < DUE) return;
    const live = PACKED.reduce((sum, table) => sum + this.#state.size(table), 0);
    const anew = this.#packed + this.#loose.size > 2 * live + DUE;
    const changes = anew ? PACKED.flatMap((table) => [...this.#state.of(table)]) : [...this.#loose.values()];
    const packs: Uint8Array[] = [];
    for (let at = 0; at < changes.length; at += LARGEST_PACK) {
      packs.push(
        toUtf8(
          changes
            .slice(at, at + LARGEST_PACK)
            .map(changeLine)
            .join(''),
        ),
      );
    }
    await packRecords(this.#database, packs, anew ? 'everything' : 'loose');
    this.#packed = anew ? changes.length : this.#packed + changes.length;
    this.#loose.clear();
  }
}
