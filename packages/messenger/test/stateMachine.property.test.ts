/**
 * Seal, open, accept, rotate, erase, wait, crash, fail, restore, replay and reorder, in any order, against a simple reference model.
 * SEED=n repeats a run; `node scripts/soak.mjs --filter stateMachine` is the long form.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explore } from './stateMachine.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const test = suite('state machine of two accounts with three devices');

test(`whatever happens in whatever order, what must open opens, once, and what was erased is gone (seed ${seed})`, async () => {
  const { runs, counts } = await explore({ seed, runs: 400, ms: 15_000, maxCommands: 70 });
  console.log(`seed ${seed}, ${runs} runs: ${JSON.stringify(counts)}`);
  assert.ok(runs >= 5, `${runs} runs`);
  // What is rare needs many runs, and a machine under load makes few of them in the time.
  const rare = runs < 200 ? [] : ['erase something'];
  for (const kind of ['deliver and accept', 'deliver again', 'seal done', ...rare])
    assert.ok((counts[kind] ?? 0) > 0, kind);
});

test.run();
