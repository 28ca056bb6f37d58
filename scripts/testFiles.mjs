// Runs test files on sources, each in a process of its own with a time limit, and adds the results up.
import { readFileSync } from 'node:fs';
import { root, shown } from './repository.mjs';
import { run, runEach } from './run.mjs';

// A server that .ci/run should have brought is a failure there, not a skip (design: contracts of reliability).
const missingServer =
  /\b(server|prosody|ejabberd|openfire|postgres(ql)?|nats|chromium|softhsm2|gnome-keyring-daemon|dbus-\w+|profanity|slixmpp|tmux)\b/i;

/**
 * @typedef {{ passed: number, failed: number, skipped: number, reasons: string[], faults: string[], output: string,
 *   seconds: number }} Result
 */

/** The test files of one run, and what came of them. */
export class TestFiles {
  #limitSeconds;
  #total = { passed: 0, failed: 0, skipped: 0 };

  /** @param {number} limitSeconds for each file */
  constructor(limitSeconds) {
    this.#limitSeconds = limitSeconds;
  }

  /** Runs them, some at once. None at all is a failure. @param {string[]} files @param {number} atOnce */
  async run(files, atOnce) {
    if (files.length === 0) this.fail('no test file matches');
    await runEach(files, atOnce, async (file) => this.#tell(file, await this.#runFile(file)));
  }

  /** Counts a failure that is no test's. @param {string} reason */
  fail(reason) {
    console.log(`FAILED: ${reason}`);
    this.#total.failed++;
  }

  /** Prints the sum as the last line and sets the exit code. */
  end() {
    const { passed, failed, skipped } = this.#total;
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    process.exitCode = failed > 0 ? 1 : 0;
  }

  /** @param {string} file @returns {Promise<Result>} */
  async #runFile(file) {
    const args = ['--import', 'tsx', '--conditions=@stanzaseal/source', file];
    const outcome = await run(process.execPath, args, {
      cwd: root,
      limitSeconds: this.#limitSeconds,
      env: { NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    const count = (/** @type {string} */ word) => {
      const lines = [...outcome.output.matchAll(new RegExp(`^ {2}${word}:\\s+(\\d+)\\s*$`, 'gm'))];
      return lines.length === 1 ? Number(lines[0]?.[1]) : undefined;
    };
    const ran = count('Total');
    const reasons = [...outcome.output.matchAll(/^.*?SKIPPED: (.*)$/gm)].map((match) => match[1] ?? '');
    const skippedByUvu = count('Skipped') ?? 0;
    // A SKIPPED line stands for one test: one that uvu skipped, or one that returned early and that uvu calls passed.
    const returnedEarly = Math.max(0, reasons.length - skippedByUvu);
    const passed = Math.max(0, (count('Passed') ?? 0) - returnedEarly);
    let failed = (ran ?? 0) - (count('Passed') ?? 0);

    const faults = [];
    if (outcome.timedOut) faults.push(`did not end within ${this.#limitSeconds} s`);
    else if (ran === undefined) faults.push(`ended (exit code ${outcome.code}) without uvu's totals`);
    else if (ran === 0 && skippedByUvu === 0) faults.push('ran no test');
    else if (outcome.code !== 0 && failed === 0) faults.push(`exit code ${outcome.code} though no test failed`);
    if (skippedByUvu > 0 && reasons.length === 0) faults.push('skips without a line `SKIPPED: reason`');
    if (!/\.run\(\);?\s*$/.test(readFileSync(file, 'utf8'))) faults.push('does not end in `.run();`');
    if (process.env.CI === 'true') {
      for (const reason of reasons) if (missingServer.test(reason)) faults.push(`skipped in CI: ${reason}`);
    }
    if (failed === 0) failed = faults.length;
    const skipped = skippedByUvu + returnedEarly;
    return { passed, failed, skipped, reasons, faults, output: outcome.output, seconds: outcome.seconds };
  }

  /** @param {string} file @param {Result} result */
  #tell(file, { passed, failed, skipped, reasons, faults, output, seconds }) {
    this.#total.passed += passed;
    this.#total.failed += failed;
    this.#total.skipped += skipped;
    if (failed > 0) {
      console.log(`FAILED: ${shown(file)}${faults.map((fault) => `\n  ${fault}`).join('')}\n${output.trimEnd()}\n`);
    } else {
      console.log(
        `${shown(file)}: ${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ''} (${seconds.toFixed(1)} s)`,
      );
      for (const reason of reasons) console.log(`  SKIPPED: ${reason}`);
    }
  }
}
