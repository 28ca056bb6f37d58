/**
 * Runs the rows against the peers, both ways. A cell says `works` only where the content came back octet for octet.
 * @module
 */
import { Buffer } from 'node:buffer';
import { type Bench, forEachOf } from './bench.js';
import { CASES, type Case } from './cases.js';
import type { OurSide } from './ourSide.js';
import { LETTER } from './parties.js';
import { type Attempt, type Peer, type PeerColumn, peerOf, type Turn, type TurnFiles } from './peer.js';
import type { Workshop } from './workshop.js';

/**
 * What a cell says. `refused`: we refused what it wrote, as we must. `cannot`: the peer was asked, and failed as expected. `none`:
 * there is no way to ask it. `absent`: it is not here.
 */
export type Verdict = 'works' | 'refused' | 'cannot' | 'none' | 'absent' | 'failed';

/** A cell. */
export interface Cell {
  /** The row. */
  readonly test: Case;
  /** The column. */
  readonly column: PeerColumn;
  /** What the peer did. */
  readonly turn: Turn;
  /** What came of it. */
  readonly verdict: Verdict;
  /** Why it cannot, or what failed. */
  readonly reason: string;
  /** What was run, in order: the writer's commands, then the reader's. */
  readonly commands: readonly string[];
}

/** Runs everything; the cells come in the order of rows and columns. */
export async function runMatrix({ workshop, ours, columns }: Bench): Promise<Cell[]> {
  const rows = await forEachOf(CASES, (test, index) => runRow(workshop, ours, columns, test, `row${index}`));
  return rows.flat();
}

async function runRow(
  workshop: Workshop,
  ours: OurSide,
  columns: readonly PeerColumn[],
  test: Case,
  label: string,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  const object = `${label}.der`;
  const written = test.readOnly === undefined ? await ours.write(test, object) : undefined;
  for (const [index, column] of columns.entries()) {
    const name = `${label}.${index}`;
    if (written !== undefined) {
      const files = { object, content: `${name}.read` };
      cells.push(await runCell(workshop, test, column, 'reads', files, async (peer) => [written, await peer]));
    }
    const files = { object: `${name}.der`, content: `${name}.ours` };
    cells.push(
      await runCell(workshop, test, column, 'writes', files, async (peer) => {
        const attempt = await peer;
        return attempt.refusal === undefined ? [attempt, await ours.read(test, files)] : [attempt];
      }),
    );
  }
  return cells;
}

/** One cell: `sequence` gives what writer and reader did, the peer's attempt being under way. */
async function runCell(
  workshop: Workshop,
  test: Case,
  column: PeerColumn,
  turn: Turn,
  files: TurnFiles,
  sequence: (attempt: Promise<Attempt>) => Promise<readonly Attempt[]>,
): Promise<Cell> {
  const peer = peerOf(column);
  const base = { test, column, turn };
  if (peer === undefined) return { ...base, verdict: 'absent', reason: '', commands: [] };
  const reason = peer.cannot(test, turn);
  const attempt = peer.ask(test, turn, files);
  if (attempt === undefined)
    return {
      ...base,
      verdict: reason === undefined ? 'failed' : 'none',
      reason: reason ?? 'there is no way to ask',
      commands: [],
    };
  const steps = await sequence(attempt);
  const commands = steps.flatMap((step) => step.commands);
  const refusal =
    steps.find((step) => step.refusal !== undefined)?.refusal ?? (await contentProblem(workshop, test, files));
  const refused = turn === 'writes' ? peer.mustBeRefused?.(test) : undefined;
  if (refused !== undefined) return { ...base, ...judgeRefusal(refused, steps), commands };
  return { ...base, ...judge(peer, turn, reason, refusal, steps), commands };
}

function judgeRefusal(reason: string, [wrote, read]: readonly Attempt[]): { verdict: Verdict; reason: string } {
  if (wrote?.refusal !== undefined) return { verdict: 'failed', reason: wrote.refusal };
  if (read?.refusal === undefined) return { verdict: 'failed', reason: `we must not take it: ${reason}` };
  return { verdict: 'refused', reason };
}

function judge(
  peer: Peer,
  turn: Turn,
  reason: string | undefined,
  refusal: string | undefined,
  steps: readonly Attempt[],
): { verdict: Verdict; reason: string } {
  if (reason === undefined)
    return refusal === undefined ? { verdict: 'works', reason: '' } : { verdict: 'failed', reason: refusal };
  if (refusal === undefined)
    return { verdict: 'failed', reason: `works in ${peer.version}, though this is known of it: ${reason}` };
  // That it cannot must be its own doing: our refusal of what it wrote, or our own failure to write, is no excuse.
  const itsOwn = turn === 'writes' ? steps.length === 1 : steps[0]?.refusal === undefined;
  return itsOwn ? { verdict: 'cannot', reason } : { verdict: 'failed', reason: `we: ${refusal}` };
}

async function contentProblem(workshop: Workshop, test: Case, { content }: TurnFiles): Promise<string | undefined> {
  const octets = await workshop.read(content);
  if (octets === undefined) return test.detached ? undefined : 'gave no content';
  return Buffer.from(octets).equals(LETTER) ? undefined : 'gave other content';
}
