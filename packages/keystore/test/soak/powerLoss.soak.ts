// Power losses, killed processes and failing operations on a simulated disk, by seeds; a failure names its own. Every second seed also
// for SQLite, with the disk under its driver, at each third or fifth operation.
import { type Counts, FILE, failEach, killThenLosePower, losePower } from '../powerLoss.js';
import { SQLITE } from '../simulatedSqlite.js';

const long = process.env.SOAK === 'long';
const told: Counts = { operations: 0, crashes: 0, failures: 0, commits: 0, erased: 0, changedKeys: 0 };
for (let run = 0; run < (long ? 20 : 1); run++) {
  await losePower(FILE, `soak ${run}`, long ? 120 : 40, told);
  await killThenLosePower(FILE, `soak ${run}`, long ? 40 : 10, told);
  await failEach(FILE, `soak ${run}`, long ? 40 : 20, told, long ? 1 : 10);
  if (run % 2 === 0) {
    await losePower(SQLITE, `soak ${run}`, long ? 80 : 20, told, long ? 3 : 29);
    await failEach(SQLITE, `soak ${run}`, long ? 30 : 15, told, long ? 5 : 47);
  }
  if (long) console.log(`${run + 1}: ${JSON.stringify(told)}`);
}
console.log(
  `${told.crashes} states after power losses, ${told.failures} failing operations, ${told.commits} commits, ${told.erased} secrets erased, ${told.changedKeys} keys changed`,
);
