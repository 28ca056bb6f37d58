// Power losses, killed processes and failing operations on a simulated disk, by seeds; a failure names its own. Every second seed also
// for SQLite, with the disk under its driver, at each third or fifth operation. SEEDS=from-to repeats some of them. A run that ends before
// its last seed, in whatever way, fails.
import { type Counts, FILE, failEach, killThenLosePower, losePower } from '../powerLoss.js';
import { SQLITE } from '../simulatedSqlite.js';

const long = process.env.SOAK === 'long';
const [first = 0, last = first] = (process.env.SEEDS ?? (long ? '0-19' : '0')).split('-').map(Number);
const told: Counts = { operations: 0, crashes: 0, failures: 0, commits: 0, erased: 0, changedKeys: 0 };
const seeds = last - first + 1;
let done = 0;
process.exitCode = 1; // until all is done
process.once('exit', () => {
  if (done !== seeds) console.error(`ended after ${done} of ${seeds} seeds`);
});
for (let run = first; run <= last; run++) {
  const before = told.crashes;
  await losePower(FILE, `soak ${run}`, long ? 120 : 40, told);
  await killThenLosePower(FILE, `soak ${run}`, long ? 40 : 10, told);
  await failEach(FILE, `soak ${run}`, long ? 40 : 20, told, long ? 1 : 10);
  if (run % 2 === 0) {
    await losePower(SQLITE, `soak ${run}`, long ? 80 : 20, told, long ? 3 : 29);
    await failEach(SQLITE, `soak ${run}`, long ? 30 : 15, told, long ? 5 : 47);
  }
  if (told.crashes === before) throw new Error(`seed ${run} tried nothing`);
  done++;
  const { maxRSS } = process.resourceUsage();
  if (long) console.log(`seed ${run}: ${JSON.stringify(told)}, ${Math.round(maxRSS / 1024)} MiB at most`);
}
if (done > 0 && done === seeds) process.exitCode = 0;
console.log(
  `${done} of ${seeds} seeds: ${told.crashes} states after power losses, ${told.failures} failing operations, ${told.commits} commits, ${told.erased} secrets erased, ${told.changedKeys} keys changed`,
);
