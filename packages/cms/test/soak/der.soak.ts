/** A million trees and mutants against the laws of the DER codec (F12); `SOAK=short`: 20,000. */
import { checkDerMutant, checkDerTree, checkObjectMutant } from '../derLaws.js';

const runs = process.env.SOAK === 'short' ? 20_000 : 1_000_000;
const begin = performance.now();
const failure = checkDerTree(runs / 4) ?? checkDerMutant(runs / 4) ?? (await checkObjectMutant(runs / 2));
if (failure !== undefined) console.log(failure);
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
console.log(`DER: ${runs} runs in ${seconds} s, ${failure === undefined ? 'every law held' : 'a law was broken'}`);
process.exitCode = failure === undefined ? 0 : 1;
