// A thousand processes killed amid commits and erasures on real files; thirty in the short form, as in process.test.ts.
import { killAmidCommits } from '../killing.js';

const [lanes, rounds] = process.env.SOAK === 'long' ? [4, 250] : [2, 15];
const started = Date.now();
const { kills, acknowledged, erased } = await killAmidCommits(lanes, rounds);
const seconds = Math.round((Date.now() - started) / 1000);
console.log(`${kills} kills, ${acknowledged} commits kept, ${erased} prekeys erased, ${seconds} s`);
