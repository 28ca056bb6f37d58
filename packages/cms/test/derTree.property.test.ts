/** The law of the codec: what is taken is written back to the same octets, whatever the octets (F12). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDerMutant, checkDerTree, checkObjectMutant } from './derLaws.js';

const runs = Number(process.env.STANZASEAL_PROPERTY_RUNS ?? 5_000);
const test = suite('DER tree properties');

test(`F12: ${runs} trees are written and read back to the same tree`, () => {
  assert.is(checkDerTree(runs), undefined);
});

test(`F12: ${runs} mutants of trees are refused, or read and written to the same octets`, () => {
  assert.is(checkDerMutant(runs), undefined);
});

test(`F12: ${runs} mutants of golden objects are refused by their decoders, or read to another value`, async () => {
  assert.is(await checkObjectMutant(runs), undefined);
});

test.run();
