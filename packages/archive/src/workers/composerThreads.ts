/**
 * Several threads that compose entries.
 * @module
 */
import { Worker } from 'node:worker_threads';
import { drawOctets, type RandomSource } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import { type AskedEntry, DRAWN_OCTETS } from '../log/composedEntry.js';
import type { Composer, SharedParameters, WorkerOptions } from './composer.js';
import { type ComposeAnswer, type ComposeRequest, columnsOf, type ThreadData, unpacked } from './composerMessages.js';
import { Pieces } from './pieces.js';

interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, readonly AskedEntry[]>;
  failure: unknown;
}

/** Threads. One that ended fails what it was asked, and is not replaced. */
export class ComposerThreads implements Composer {
  readonly #random: RandomSource;
  readonly #threads: readonly Thread[];
  readonly #pieces = new Pieces((asked) => this.#ask(asked));
  #number = 0;

  constructor(
    { count, file = new URL('./composerThread.js', import.meta.url) }: WorkerOptions,
    secret: Uint8Array,
    { peers, xmlLimits, objectLimits, random }: SharedParameters,
  ) {
    this.#random = random;
    const workerData: ThreadData = { secret, peers, xmlLimits, objectLimits };
    this.#threads = Array.from({ length: count }, () => startThread(file, workerData));
  }

  readonly compose = (asked: AskedEntry): void => this.#pieces.ask(asked);

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #ask(asked: readonly AskedEntry[]): void {
    const living = this.#threads.filter(({ failure }) => failure === undefined);
    const [thread] = living.sort((a, b) => a.pending.size - b.pending.size);
    if (thread === undefined) {
      for (const { reject } of asked) reject(failed(this.#threads[0]?.failure));
      return;
    }
    const keys = [...new Set(asked.map((each) => each.keys))];
    const request: ComposeRequest = {
      number: this.#number++,
      ...columnsOf(asked.map(({ source }) => source)),
      keys: keys.map(({ kek, owner }) => [owner.jid, kek.secret, owner.secret]),
      keyOf: asked.map((each) => keys.indexOf(each.keys)),
      drawn: drawOctets(this.#random, asked.length * DRAWN_OCTETS),
    };
    thread.pending.set(request.number, asked);
    // A thread that has nothing to do does not keep the process; one that has does.
    thread.worker.ref();
    thread.worker.postMessage(request, [request.octets.buffer as ArrayBuffer]);
  }
}

function startThread(file: URL, workerData: ThreadData): Thread {
  const worker = new Worker(file, { workerData });
  const thread: Thread = { worker, pending: new Map(), failure: undefined };
  const end = (failure: unknown) => {
    thread.failure ??= failure;
    for (const asked of thread.pending.values()) for (const { reject } of asked) reject(failed(failure));
    thread.pending.clear();
  };
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`thread ended with code ${code}`)));
  worker.on('message', (answer: ComposeAnswer) => {
    const asked = thread.pending.get(answer.number) ?? [];
    thread.pending.delete(answer.number);
    if (thread.pending.size === 0) worker.unref();
    if (answer.failure !== undefined) {
      for (const { reject } of asked) reject(failed(answer.failure));
      return;
    }
    unpacked(answer.columns).forEach((entry, i) => {
      asked[i]?.resolve(entry);
    });
  });
  worker.unref();
  return thread;
}

function failed(cause: unknown): ArchiveError {
  return new ArchiveError('ERR_STORE', 'thread that prepares entries failed', { cause });
}
