// Kills the process that writes an archive, or what it writes to, again and again.
import { setTimeout } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Archive } from '../src/index.js';
import { bundledProgram } from './bundledProgram.js';
import { judge, judgeWhole, type Known, startWriter, type Writer } from './feed.js';
import { codeOf, opened, type Place } from './fixture.js';

/** Longest time between an acknowledgement and the kill, in ms. */
const LONGEST = 60;
/** How long a server may take to come back, in ms. */
const PATIENCE = 60_000;

/** Kills something; the writer ends by it. @param number of the kill, from 0 */
export type Strike = (writer: Writer, number: number) => Promise<void> | void;

/** What was seen. */
export interface Kills {
  readonly kills: number;
  /** Items acknowledged: each was there after every kill that followed. */
  readonly acknowledged: number;
  /** Items acknowledged that were not. */
  readonly lost: number;
  /** Items that were durable, and had not been acknowledged when the writer was killed. */
  readonly unanswered: number;
}

/** Kills so many times, and looks at the archive after each. @throws AssertionError as `judge` does */
export async function killWriters(url: string, kills: number, strike: Strike = killWriter): Promise<Kills> {
  const program = await bundledProgram('ingestProcess.ts');
  const told = { kills: 0, acknowledged: 0, lost: 0, unanswered: 0 };
  let known: Known | undefined;
  while (told.kills < kills) {
    // From some that are there already: a feed repeats what it got no answer for.
    const writer = startWriter(program, url, Math.max(0, (known?.count ?? 0) - 5));
    try {
      await writer.progress();
      await setTimeout(Math.random() * LONGEST);
      await strike(writer, told.kills++);
      await writer.ended;
    } finally {
      writer.process.kill('SIGKILL');
    }
    const archive = await reopened(url);
    known = await judge(archive, known, writer);
    if (told.kills === kills) await judgeWhole(archive, known);
    await archive.close();
    told.lost += known.lost;
    told.acknowledged = writer.acknowledged;
    told.unanswered += Math.max(0, known.count - writer.acknowledged);
  }
  return told;
}

/** Kills the writing process. */
export function killWriter({ process }: Writer): void {
  assert.ok(process.kill('SIGKILL'), 'the writer was there to be killed');
}

async function reopened(url: string): Promise<Archive> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const opening = opened(undefined as unknown as Place, {}, url);
    const code = await codeOf(opening);
    if (code !== 'ERR_STORE' || Date.now() > until) return (await opening).archive;
    await setTimeout(20); // a server that recovers
  }
}
