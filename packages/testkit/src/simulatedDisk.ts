/**
 * A disk that can fail at any operation and lose its power at any moment. What was written and not synchronised is, after a
 * power loss, there or not there sector by sector, the last one torn; names that were changed and not synchronised likewise.
 * @module
 */
import { concat, type RandomSource } from '@stanzaseal/cms';
import type { StoreFile, StoreFiles } from '@stanzaseal/keystore/file';

const SECTOR = 512;

/** How much of what was not synchronised a power loss leaves: nothing, all, all up to a torn write, or any part. */
export type Survival = 'nothing' | 'all' | 'prefix' | 'any';

type Pending = { readonly at: number; readonly octets: Uint8Array } | { readonly length: number };

/** The octets of a file, whatever names it has. */
interface Blocks {
  /** What a process reads. */
  seen: Uint8Array;
  /** What is on the medium for certain. */
  durable: Uint8Array;
  /** What may be, in the order of writing. */
  pending: Pending[];
}

type Names = ReadonlyMap<string, Blocks | undefined>;

/** What changes something: it is counted, and then is done or fails. */
interface Operation {
  readonly name: string;
  done(): void;
  /** What is done of it where it fails. */
  failed?(): void;
}

/** A file held open by who does not wait. */
export interface SynchronousFile {
  /** Its length in octets. */
  size(): number;
  /** Octets from a position: fewer than asked for where the file ends. */
  read(position: number, length: number): Uint8Array;
  /** Writes octets at a position. */
  write(position: number, octets: Uint8Array): void;
  /** Cuts the file to a length. */
  truncate(length: number): void;
  /** Makes it durable. */
  sync(): void;
}

/** The disk for who does not wait, as SQLite's driver does not; `onOperation` is to give no promise then. */
export interface SynchronousFiles {
  /** Whether a name is there. */
  has(name: string): boolean;
  /** Opens a file that is there, or makes one that is not. */
  open(name: string, how: 'change' | 'make'): SynchronousFile;
  /** Removes a file that is there. */
  remove(name: string): void;
  /** Makes the names durable. */
  syncDirectory(): void;
}

/** One directory on such a disk. */
export class SimulatedDisk {
  /** The file system. */
  readonly files: StoreFiles;
  /** The same for who does not wait. */
  readonly synchronous: SynchronousFiles;
  /**
   * Called before each operation that changes something, with its number from 1. What it throws the operation fails with; where
   * its promise never settles, the process was killed there.
   */
  onOperation: (operation: number, name: string) => void | Promise<void> = () => undefined;
  /** Operations until now that changed something. */
  operations = 0;
  readonly #random: RandomSource;
  /** Every file that ever was: the blocks of removed ones stay on the medium. */
  readonly #blocks: Blocks[] = [];
  /** Ends that were cut off files. */
  readonly #cut: Uint8Array[] = [];
  readonly #durableNames = new Map<string, Blocks>();
  readonly #names = new Map<string, Blocks>();
  #pendingNames: Names[] = [];

  /** An empty disk. @param random decides what survives and what a failing operation did */
  constructor(random: RandomSource) {
    this.#random = random;
    this.files = Object.freeze({
      list: async () => [...this.#names.keys()],
      open: async (name: string, how: 'read' | 'change' | 'make') => {
        if (how === 'make') await this.#later(this.#making(name));
        return this.#fileOf(this.#find(name));
      },
      link: async (from: string, to: string) => this.#later(this.#linking(from, to)),
      rename: async (from: string, to: string) => this.#later(this.#renaming(from, to)),
      remove: async (name: string) => (this.#names.has(name) ? this.#later(this.#removing(name)) : undefined),
      syncDirectory: async () => this.#later(this.#synchronisingNames()),
    });
    this.synchronous = Object.freeze({
      has: (name: string) => this.#names.has(name),
      open: (name: string, how: 'change' | 'make') => {
        if (how === 'make') this.#now(this.#making(name));
        return this.#synchronousFileOf(this.#find(name));
      },
      remove: (name: string) => {
        this.#find(name);
        this.#now(this.#removing(name));
      },
      syncDirectory: () => this.#now(this.#synchronisingNames()),
    });
  }

  /** What is left after a power loss now: another disk; this one goes on as if nothing had happened. */
  afterPowerLoss(survival: Survival): SimulatedDisk {
    const after = new SimulatedDisk(this.#random);
    const copies = new Map<Blocks, Blocks>();
    for (const blocks of this.#blocks) {
      const octets = this.#surviving(blocks, survival);
      copies.set(blocks, { seen: octets, durable: octets, pending: [] });
    }
    const names = new Map(this.#durableNames);
    const count = survival === 'prefix' ? this.#below(this.#pendingNames.length + 1) : 0;
    for (const [i, pending] of this.#pendingNames.entries()) {
      const stays = survival === 'any' ? this.#below(2) === 0 : survival === 'all' || i < count;
      if (stays) change(names, pending);
    }
    after.#blocks.push(...copies.values());
    after.#cut.push(...this.#cut);
    for (const [name, blocks] of names) {
      after.#names.set(name, copies.get(blocks) as Blocks);
      after.#durableNames.set(name, copies.get(blocks) as Blocks);
    }
    return after;
  }

  /** All octets that somebody may find on the medium now: of files, of removed files, of what was cut off, with and without what was not synchronised. */
  medium(): Uint8Array[] {
    return [...this.#blocks.flatMap(({ seen, durable }) => [seen, durable]), ...this.#cut];
  }

  #making(name: string): Operation {
    if (this.#names.has(name)) throw systemError('EEXIST');
    const blocks: Blocks = { seen: new Uint8Array(0), durable: new Uint8Array(0), pending: [] };
    const done = (): void => {
      this.#blocks.push(blocks);
      this.#name(new Map([[name, blocks]]));
    };
    return { name: 'make', done };
  }

  #linking(from: string, to: string): Operation {
    const blocks = this.#find(from);
    if (this.#names.has(to)) throw systemError('EEXIST');
    return { name: 'link', done: () => this.#name(new Map([[to, blocks]])) };
  }

  #renaming(from: string, to: string): Operation {
    const names: Names = new Map([
      [from, undefined],
      [to, this.#find(from)],
    ]);
    return { name: 'rename', done: () => this.#name(names) };
  }

  #removing(name: string): Operation {
    return { name: 'remove', done: () => this.#name(new Map([[name, undefined]])) };
  }

  #synchronisingNames(): Operation {
    const done = (): void => {
      for (const names of this.#pendingNames.splice(0)) change(this.#durableNames, names);
    };
    return { name: 'syncDirectory', done };
  }

  #writing(blocks: Blocks, at: number, octets: Uint8Array): Operation {
    return {
      name: 'write',
      done: () => put(blocks, { at, octets: Uint8Array.from(octets) }),
      failed: () => {
        if (octets.length > 1) put(blocks, { at, octets: octets.slice(0, this.#below(octets.length)) });
      },
    };
  }

  #synchronising(blocks: Blocks): Operation {
    return {
      name: 'sync',
      done: () => {
        for (const pending of blocks.pending.splice(0)) this.#settle(blocks, pending);
      },
      failed: () => {
        // What the system failed to write it forgets to be unwritten: it is on the medium or never will be, and is read.
        for (const pending of blocks.pending.splice(0)) if (this.#below(2) === 0) this.#settle(blocks, pending);
      },
    };
  }

  #fileOf(blocks: Blocks): StoreFile {
    return Object.freeze({
      size: async () => blocks.seen.length,
      read: async (position: number, length: number) => blocks.seen.slice(position, position + length),
      write: async (at: number, octets: Uint8Array) => this.#later(this.#writing(blocks, at, octets)),
      truncate: async (length: number) => this.#later({ name: 'truncate', done: () => put(blocks, { length }) }),
      sync: async () => this.#later(this.#synchronising(blocks)),
      close: async () => undefined,
    });
  }

  #synchronousFileOf(blocks: Blocks): SynchronousFile {
    return Object.freeze({
      size: () => blocks.seen.length,
      read: (position: number, length: number) => blocks.seen.slice(position, position + length),
      write: (at: number, octets: Uint8Array) => this.#now(this.#writing(blocks, at, octets)),
      truncate: (length: number) => this.#now({ name: 'truncate', done: () => put(blocks, { length }) }),
      sync: () => this.#now(this.#synchronising(blocks)),
    });
  }

  async #later({ name, done, failed }: Operation): Promise<void> {
    try {
      await this.onOperation(++this.operations, name);
    } catch (error) {
      failed?.();
      throw error;
    }
    done();
  }

  #now({ name, done, failed }: Operation): void {
    try {
      if (this.onOperation(++this.operations, name) instanceof Promise) throw new TypeError('driver does not wait');
    } catch (error) {
      failed?.();
      throw error;
    }
    done();
  }

  #find(name: string): Blocks {
    const blocks = this.#names.get(name);
    if (blocks === undefined) throw systemError('ENOENT');
    return blocks;
  }

  #name(names: Names): void {
    this.#pendingNames.push(names);
    change(this.#names, names);
  }

  #settle(blocks: Blocks, pending: Pending): void {
    if ('length' in pending) this.#cut.push(blocks.durable.slice(pending.length));
    blocks.durable = applied(blocks.durable, pending);
  }

  #surviving({ durable, pending }: Blocks, survival: Survival): Uint8Array {
    if (survival === 'nothing') return durable;
    const torn = this.#below(pending.length + 1);
    return pending.reduce<Uint8Array>((octets, each, i) => {
      if (survival === 'all' || (survival === 'prefix' && i < torn)) return applied(octets, each);
      if (survival === 'prefix' && i > torn) return octets;
      if ('length' in each) return this.#below(2) === 0 ? applied(octets, each) : octets;
      if (survival === 'prefix')
        return applied(octets, { at: each.at, octets: each.octets.slice(0, this.#below(each.octets.length)) });
      return sectorsOf(each).reduce((left, sector) => (this.#below(2) === 0 ? applied(left, sector) : left), octets);
    }, durable);
  }

  #below(limit: number): number {
    return new DataView(Uint8Array.from(this.#random(4)).buffer).getUint32(0) % limit;
  }
}

/** An error as the system's. */
export function systemError(code: string): Error & { code: string } {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

function change(names: Map<string, Blocks>, changes: Names): void {
  for (const [name, blocks] of changes) {
    if (blocks === undefined) names.delete(name);
    else names.set(name, blocks);
  }
}

/** Takes in a write or a cut that is not durable yet. */
function put(blocks: Blocks, pending: Pending): void {
  blocks.pending.push(pending);
  blocks.seen = applied(blocks.seen, pending);
}

/** Octets after a write or a cut. What lies between the end and a later write is zero. */
function applied(octets: Uint8Array, pending: Pending): Uint8Array {
  if ('length' in pending) {
    return pending.length <= octets.length
      ? octets.slice(0, pending.length)
      : concat(octets, new Uint8Array(pending.length - octets.length));
  }
  const after = new Uint8Array(Math.max(octets.length, pending.at + pending.octets.length));
  after.set(octets);
  after.set(pending.octets, pending.at);
  return after;
}

/** A write in the pieces that a medium writes whole. */
function sectorsOf({
  at,
  octets,
}: {
  readonly at: number;
  readonly octets: Uint8Array;
}): { at: number; octets: Uint8Array }[] {
  const sectors = [];
  for (let start = 0; start < octets.length; ) {
    const end = Math.min(octets.length, start + SECTOR - ((at + start) % SECTOR));
    sectors.push({ at: at + start, octets: octets.slice(start, end) });
    start = end;
  }
  return sectors;
}
