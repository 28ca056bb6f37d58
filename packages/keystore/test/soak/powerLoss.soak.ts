// Power losses, killed processes and failing operations on a simulated disk, by seeds; a failure names its own.
import { type Counts, failEach, killThenLosePower, losePower } from '../powerLoss.js';

const long = process.env.SOAK === 'long';
const told: Counts = { operations: 0, crashes: 0, failures: 0, commits: 0, erased: 0 };
for (let run = 0; run < (long ? 20 : 1); run++) {
  await losePower(`soak ${run}`, 120, told);
  await killThenLosePower(`soak ${run}`, 40, told);
  await failEach(`soak ${run}`, 40, told, long ? 1 : 10);
  if (long) console.log(`${run + 1}: ${JSON.stringify(told)}`);
}
console.log(
  `${told.crashes} states after power losses, ${told.failures} failing operations, ${told.commits} commits, ${told.erased} secrets erased`,
);
