// The process that writes a feed of numbered stanzas into an archive, and what must hold of the archive after that process was killed
// or the power was lost: nothing acknowledged is lost, nothing is there twice, and the log goes on from what outsiders saw.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as assert from 'uvu/assert';
import { type Checkpoint, verifyCheckpoint, verifyConsistency } from '../src/evidence/index.js';
import { type Archive, scrub } from '../src/index.js';
import { bodyOf, checkpointKey, JULIET, ORIGIN } from './fixture.js';

/** The writing process, and what it said so far. */
export interface Writer {
  readonly process: ChildProcess;
  /** Items acknowledged: all below this number. */
  readonly acknowledged: number;
  /** The last checkpoint that it showed. */
  readonly witnessed: string | undefined;
  /** Resolves once it is gone and everything that it said was read. */
  readonly ended: Promise<void>;
  /** Resolves when it acknowledged anything from now on. @throws Error where it ended by itself */
  progress(): Promise<void>;
}

/** Starts the writing process at an item. */
export function startWriter(program: string, url: string, from: number, how = ''): Writer {
  const child = spawn(process.execPath, [program, url, `${from}`, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: { acknowledged: number; witnessed: string | undefined } = { acknowledged: from, witnessed: undefined };
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  let awaited = (): void => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, value = ''] = line.split(' ');
    if (word === 'kept') said.acknowledged = Number(value) + 1;
    else said.witnessed = Buffer.from(value, 'base64').toString();
    if (word === 'kept') awaited();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const progress = async () => {
    const acknowledges = new Promise<void>((resolve) => {
      awaited = resolve;
    });
    if (child.exitCode === null && child.signalCode === null) await Promise.race([ended, acknowledges]);
    if (child.exitCode !== null) throw new Error(`the writer ended by itself: ${errors}`);
  };
  return {
    process: child,
    get acknowledged() {
      return said.acknowledged;
    },
    get witnessed() {
      return said.witnessed;
    },
    ended,
    progress,
  };
}

/** What an outsider knows of the archive. */
export interface Known {
  /** Entries that were found in it, and read. */
  readonly count: number;
  /** The last checkpoint that it was judged by. */
  readonly checkpoint: Checkpoint | undefined;
  /** Items acknowledged, or witnessed by a checkpoint, that were not there. */
  readonly lost: number;
}

const policy = { origin: ORIGIN, logKey: checkpointKey.publicKey };

/** Looks at what came since it was looked at last. @throws AssertionError where an entry is damaged, out of order or twice, or the log is another */
export async function judge(
  archive: Archive,
  before: Known | undefined,
  { acknowledged, witnessed }: Pick<Writer, 'acknowledged' | 'witnessed'>,
): Promise<Known> {
  let count = before?.count ?? 0;
  for (;;) {
    const { entries, complete, damaged } = await archive.page({
      owner: JULIET,
      ...(count === 0 ? {} : { after: `id${count - 1}` }),
    });
    assert.equal(damaged, []);
    for (const { id, octets } of entries) {
      assert.is(id, `id${count}`);
      assert.is(bodyOf(octets), `body ${count++}`);
    }
    if (complete) break;
  }
  const note = (await archive.checkpoint())?.note;
  const checkpoint = note === undefined ? undefined : verifyCheckpoint(note, policy);
  assert.is(checkpoint?.size ?? 0, count, 'each entry is one leaf, and no leaf is another entry');
  const shown = witnessed === undefined ? undefined : verifyCheckpoint(witnessed, policy);
  for (const earlier of [before?.checkpoint, shown]) {
    if (earlier === undefined || checkpoint === undefined || earlier.size > checkpoint.size) continue;
    const { size: first, root: firstRoot } = earlier;
    const path = await archive.consistencyProof(first, checkpoint.size);
    const claim = { first, firstRoot, second: checkpoint.size, secondRoot: checkpoint.root, path };
    assert.ok(verifyConsistency(claim), `the log of ${checkpoint.size} goes on from that of ${first}`);
  }
  return { count, checkpoint, lost: Math.max(0, acknowledged - count, (shown?.size ?? 0) - count) };
}

/** Reads all of it once more at the end. */
export async function judgeWhole(archive: Archive, { count }: Known): Promise<void> {
  const { damaged, missing, logHolds } = await scrub(archive);
  assert.equal([damaged, missing, logHolds], [[], 0, true]);
  assert.is((await archive.page({ owner: JULIET, max: 0, count: true })).count, count);
}
