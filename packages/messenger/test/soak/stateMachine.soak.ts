/** The state machine for an hour (`SOAK=short`: 60 s), in longer sequences. SEED repeats a run. */
import { explore } from '../stateMachine.js';

const isShort = process.env.SOAK === 'short';
const ms = isShort ? 60_000 : 3_600_000;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
const { runs, counts } = await explore({ seed, runs: 1_000_000, ms, maxCommands: isShort ? 100 : 300 });
console.log(`${runs} runs: ${JSON.stringify(counts, undefined, 1)}`);
