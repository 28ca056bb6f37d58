/**
 * Counts verdicts by source and keeps what a report needs: failures, reasons of what was not run, uses of each documented difference.
 * @module
 */
import { type Difference, differenceOf } from './differences.js';
import { type Answer, judge, type VectorCase, type Verdict } from './verdict.js';

/** Counts of one row of the report. */
export type Counts = Record<Verdict, number>;

/** All counts of a run. */
export class Tally {
  /** Counts by source; of Wycheproof by file. */
  readonly rows: Map<string, Counts> = new Map();
  /** One line for each failure. */
  readonly failures: string[] = [];
  /** Cases that were not run, by reason. */
  readonly reasons: Map<string, number> = new Map();
  /** The cases of each difference. */
  readonly met: Map<Difference, readonly VectorCase[]> = new Map();
  /** Cases by source that were judged on their merits: run, and not refused for an algorithm that we do not offer. */
  readonly judged: Map<string, number> = new Map();

  /** Runs one case and counts it; an error that is no refusal is a failure. */
  async count(each: VectorCase, run: () => Promise<Answer>): Promise<void> {
    const difference = differenceOf(each);
    const name = [each.source, each.file, each.id].filter((part) => part !== '').join(' ');
    let answer: Answer | undefined;
    let fault = '';
    try {
      answer = await run();
    } catch (error) {
      fault = `threw ${error instanceof Error ? (error.stack ?? error.message).split('\n', 2).join(' ') : String(error)}`;
    }
    let verdict = answer === undefined ? 'failed' : judge(each.expected, answer, difference !== undefined);
    if (verdict === 'differs' && answer?.did === 'refused' && !difference?.codes.includes(answer.code))
      verdict = 'failed';
    const row = each.source === 'wycheproof' ? `wycheproof/${each.file}` : each.source;
    const counts = this.rows.get(row) ?? { passed: 0, refused: 0, differs: 0, 'not applicable': 0, failed: 0 };
    counts[verdict]++;
    this.rows.set(row, counts);
    if (verdict === 'failed') this.failures.push(`${name} (${each.expected}): ${fault || told(answer as Answer)}`);
    if (verdict === 'differs') {
      this.met.set(difference as Difference, [...(this.met.get(difference as Difference) ?? []), each]);
    }
    const isJudged = answer !== undefined && answer.did !== 'not applicable';
    if (isJudged && !(answer?.did === 'refused' && answer.code === 'ERR_UNSUPPORTED')) {
      this.judged.set(each.source, (this.judged.get(each.source) ?? 0) + 1);
    }
    if (answer?.did === 'not applicable') this.reasons.set(answer.reason, (this.reasons.get(answer.reason) ?? 0) + 1);
  }

  /** Sums over all rows, or those whose name begins so. */
  total(prefix = ''): Counts {
    const sum: Counts = { passed: 0, refused: 0, differs: 0, 'not applicable': 0, failed: 0 };
    for (const [name, counts] of this.rows) {
      if (!name.startsWith(prefix)) continue;
      for (const verdict of Object.keys(sum) as Verdict[]) sum[verdict] += counts[verdict];
    }
    return sum;
  }
}

function told(answer: Answer): string {
  if (answer.did === 'accepted') return answer.right ? 'was taken' : 'was taken with another value';
  return answer.did === 'refused' ? `was refused with ${answer.code}` : answer.reason;
}
