// A thousand processes killed amid commits and erasures for each storage on a disk; twelve in the short form, as in process.test.ts.
import { killAmidCommits } from '../killing.js';

const [lanes, rounds] = process.env.SOAK === 'long' ? [4, 250] : [2, 6];
for (const kind of ['file', 'sqlite'] as const) {
  const started = Date.now();
  const { kills, acknowledged, erased } = await killAmidCommits(kind, lanes, rounds);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${kind}: ${kills} kills, ${acknowledged} commits kept, ${erased} prekeys erased, ${seconds} s`);
}
