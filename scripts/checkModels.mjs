// Runs the models under docs/models: what must hold holds, and what must break without one of its protections breaks.
//   node scripts/checkModels.mjs [--trail NAME] [--only TEXT] [--record]
//     --trail   prints SPIN's counter-example of one variant
//     --only    the ProVerif models whose path holds the text
//     --record  writes docs/models/results.md anew from this run
import { parseArgs } from 'node:util';
import { checkProverif } from './models/proverif.mjs';
import { checkSpin } from './models/spin.mjs';

const { values } = parseArgs({
  options: { trail: { type: 'string' }, only: { type: 'string' }, record: { type: 'boolean', default: false } },
});
const sums = [
  ...(values.only === undefined ? [checkSpin(values.trail)] : []),
  checkProverif({ only: values.only ?? '', record: values.record }),
];
const total = (/** @type {'passed' | 'failed' | 'skipped'} */ key) => sums.reduce((sum, one) => sum + one[key], 0);
console.log(
  `${total('passed')} passed, ${total('failed')} failed${total('skipped') > 0 ? `, ${total('skipped')} skipped` : ''}`,
);
process.exitCode = total('failed') > 0 || total('passed') + total('skipped') === 0 ? 1 : 0;
