// Power losses of a real file system: a process commits on a disk that is a file; it is stopped at random moments, and what the
// disk has then is mounted elsewhere and opened.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { bundledProgram } from '@stanzaseal/testkit/programs';
import * as assert from 'uvu/assert';
import { random } from './fixture.js';
import { LoopDisk } from './loopDisk.js';
import { type DiskKind, diskStorage } from './storageKinds.js';

const child = await bundledProgram(new URL('./storeChild.ts', import.meta.url));
const PER_PROCESS = 10;

/** What was seen. */
export interface Losses {
  /** Power losses. */
  runs: number;
  /** Commits acknowledged before them. */
  acknowledged: number;
  /** Of these, commits that were not there after. */
  lost: number;
  /** Stores that did not open after. */
  broken: number;
}

/** Loses power so many times. @param how `careless`: with a process that synchronises nothing, which loses what it promised */
export async function losePowerForReal(kind: DiskKind, runs: number, how: 'careful' | 'careless'): Promise<Losses> {
  const losses: Losses = { runs: 0, acknowledged: 0, lost: 0, broken: 0 };
  while (losses.runs < runs) await loseSome(kind, Math.min(PER_PROCESS, runs - losses.runs), how, losses);
  return losses;
}

async function loseSome(kind: DiskKind, runs: number, how: string, losses: Losses): Promise<void> {
  const disk = new LoopDisk(32);
  const directory = join(disk.path, 'store');
  const working = spawn(process.execPath, [child, kind, directory, how], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => working.once('exit', resolve));
  let [told, counted] = [0, 0];
  const lines = createInterface({ input: working.stdout }).on('line', (line) => {
    told = Number(line);
  });
  try {
    while (told === 0) await setTimeout(5);
    for (let run = 0; run < runs; run++) {
      const before = told;
      while (told === before) await setTimeout(1);
      await setTimeout(((random(1)[0] as number) / 256) * 60);
      await stop(working);
      await setTimeout(20); // what it said before is read by then
      const octets = disk.octets();
      const acknowledged = told;
      working.kill('SIGCONT');
      losses.runs++;
      losses.acknowledged += acknowledged - counted;
      counted = acknowledged;
      await judge(kind, octets, acknowledged, losses);
    }
  } finally {
    working.kill('SIGKILL');
    await ended;
    lines.close();
    disk.remove();
  }
}

/** Stops a process and waits until every thread of it stands, also one that is just synchronising. */
async function stop({ pid }: ChildProcess): Promise<void> {
  process.kill(pid as number, 'SIGSTOP');
  const states = () =>
    readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
      return stat[stat.lastIndexOf(')') + 2];
    });
  while (states().some((state) => state !== 'T')) await setTimeout(1);
}

async function judge(kind: DiskKind, octets: Uint8Array, acknowledged: number, losses: Losses): Promise<void> {
  const disk = new LoopDisk(octets);
  try {
    const directory = join(disk.path, 'store');
    // The process that held it is gone after a power loss, and here it is not.
    for (const name of readdirSync(directory)) if (name.startsWith('lock.')) rmSync(join(directory, name));
    const storage = await diskStorage(kind, directory).open();
    const records = await storage.load();
    await storage.close();
    const keysOf = (table: string) => records.filter((each) => each.table === table).map(({ key }) => Number(key));
    const [counter] = records.flatMap(({ record }) => (record && 'counter' in record ? [record.counter] : [])) as [
      number,
    ];
    const expected = (count: number, last: number) => Array.from({ length: count }, (_, i) => last - count + 1 + i);
    const sorted = (numbers: number[]) => numbers.sort((a, b) => a - b);
    assert.equal(sorted(keysOf('seen')), expected(Math.min(counter, 100), counter)); // whole commits, one after the other
    assert.equal(sorted(keysOf('prekeys')), expected(1 + (counter < 3 ? counter - 1 : counter % 3), counter));
    assert.is(storage.epoch, counter);
    assert.ok(counter <= acknowledged + 1);
    losses.lost += Math.max(0, acknowledged - counter);
  } catch (error) {
    if (!['ENOENT', 'ERR_CORRUPT', 'ERR_PASSPHRASE', 'ERR_ROLLBACK'].includes((error as { code?: string }).code ?? ''))
      throw error;
    losses.broken++;
  } finally {
    disk.remove();
  }
}
