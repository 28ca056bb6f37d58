// Power losses of a real file system under an archive: a process writes on a disk that is a file; it and its server are stopped at random
// moments, and what the disk has then is mounted elsewhere and opened.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LoopDisk } from '../../keystore/test/loopDisk.js';
import { bundledProgram } from './bundledProgram.js';
import { judge, judgeWhole, startWriter } from './feed.js';
import { opened, type Place } from './fixture.js';

/** What an archive runs on. */
export interface OnDisk {
  readonly url: string;
  /** Processes of its server. */
  processes(): number[];
  stop(): Promise<void>;
}

/** How an engine runs on a disk. */
export interface DiskEngine {
  /** Size of the disk in MiB. */
  readonly size: number;
  /** Makes the place of an archive on an empty disk. */
  begin(disk: LoopDisk, how: How): Promise<OnDisk>;
  /** Goes on with what a power loss left. */
  resume(disk: LoopDisk): Promise<OnDisk>;
}

/** `careless`: synchronising nothing, so that what was promised is lost. */
export type How = 'careful' | 'careless';

/** What was seen. */
export interface Losses {
  /** Power losses. */
  runs: number;
  /** Stanzas acknowledged before the last of each disk's. */
  acknowledged: number;
  /** Of what was acknowledged, or witnessed in a checkpoint, what was not there after. */
  lost: number;
  /** Archives that did not open after, or not as they must be; `careful`, that throws. */
  broken: number;
}

const PER_DISK = 10;
const LONGEST = 60;

/** An archive in a file of SQLite. */
export const SQLITE: DiskEngine = {
  size: 64,
  begin: async (disk) => fileOn(disk),
  resume: async (disk) => {
    // The process that claimed it is gone after a power loss, and here it is not.
    for (const name of readdirSync(disk.path)) if (name.includes('.claim.')) rmSync(join(disk.path, name));
    return fileOn(disk);
  },
};

function fileOn(disk: LoopDisk): OnDisk {
  return { url: `sqlite:${join(disk.path, 'archive.db')}`, processes: () => [], stop: async () => undefined };
}

/** Loses power so many times. */
export async function losePower(engine: DiskEngine, runs: number, how: How): Promise<Losses> {
  const losses: Losses = { runs: 0, acknowledged: 0, lost: 0, broken: 0 };
  const program = await bundledProgram('ingestProcess.ts');
  while (losses.runs < runs) await loseSome(engine, program, Math.min(PER_DISK, runs - losses.runs), how, losses);
  return losses;
}

async function loseSome(engine: DiskEngine, program: string, runs: number, how: How, losses: Losses): Promise<void> {
  const disk = new LoopDisk(engine.size);
  try {
    const place = await engine.begin(disk, how);
    const writer = startWriter(program, place.url, 0, how);
    try {
      for (let run = 0; run < runs; run++) {
        await writer.progress();
        await setTimeout(Math.random() * LONGEST);
        const stopped = [writer.process.pid as number];
        await stop(stopped);
        await setTimeout(20); // what it said before is read by then
        const promised = { acknowledged: writer.acknowledged, witnessed: writer.witnessed };
        const servers = place.processes();
        await stop(servers);
        const octets = disk.octets();
        losses.runs++;
        try {
          losses.lost += await lostIn(engine, octets, promised);
        } catch (error) {
          if (how === 'careful') throw error;
          losses.broken++;
        }
        for (const pid of [...servers, ...stopped]) process.kill(pid, 'SIGCONT');
      }
      losses.acknowledged += writer.acknowledged;
    } finally {
      for (const pid of place.processes()) process.kill(pid, 'SIGCONT');
      writer.process.kill('SIGKILL');
      await writer.ended;
      await place.stop();
    }
  } finally {
    disk.remove();
  }
}

async function lostIn(
  engine: DiskEngine,
  octets: Uint8Array,
  promised: { acknowledged: number; witnessed: string | undefined },
): Promise<number> {
  const disk = new LoopDisk(octets);
  try {
    const place = await engine.resume(disk);
    try {
      const { archive } = await opened(undefined as unknown as Place, {}, place.url);
      try {
        const known = await judge(archive, undefined, promised);
        await judgeWhole(archive, known);
        return known.lost;
      } finally {
        await archive.close();
      }
    } finally {
      await place.stop();
    }
  } finally {
    disk.remove();
  }
}

/** Stops processes and waits until every thread of them stands, also one that is just synchronising. */
async function stop(pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const states = () =>
    pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/task`).map((thread) => {
        const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
        return stat[stat.lastIndexOf(')') + 2];
      }),
    );
  while (states().some((state) => state !== 'T' && state !== 'Z')) await setTimeout(1);
}
