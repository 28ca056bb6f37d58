import { CmsError } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DIFFERENCES, differenceOf } from '../src/vectors/differences.js';
import { faultsOf, LEAST_JUDGED } from '../src/vectors/report.js';
import { Tally } from '../src/vectors/tally.js';
import { accepted, answerOf, judge, notApplicable, refused, type VectorCase } from '../src/vectors/verdict.js';

const test = suite('verdicts on published vectors');
const x448: VectorCase = { source: 'wycheproof', file: 'x448', id: 'tcId 1', expected: 'valid', traits: [] };
const unknown: VectorCase = { ...x448, file: 'x25519', traits: ['Normal'] };

test('what is valid is taken with its value, what is invalid is refused', () => {
  assert.is(judge('valid', accepted(true), false), 'passed');
  assert.is(judge('valid', accepted(false), false), 'failed');
  assert.is(judge('acceptable', accepted(true), false), 'passed');
  assert.is(judge('invalid', refused('ERR_OPEN'), false), 'refused');
  assert.is(judge('invalid', accepted(true), false), 'failed');
});

test('a refusal differs where it is documented and fails where it is not', () => {
  assert.is(judge('valid', refused('ERR_OPEN'), false), 'failed');
  assert.is(judge('acceptable', refused('ERR_OPEN'), false), 'failed');
  assert.is(judge('valid', refused('ERR_OPEN'), true), 'differs');
  assert.is(judge('valid', accepted(true), true), 'failed');
});

test('what was not run is neither passed nor failed, and its reason is counted', async () => {
  const tally = new Tally();
  await tally.count(unknown, async () => notApplicable('a reason'));
  assert.equal([tally.total()['not applicable'], tally.total().failed], [1, 0]);
  assert.equal([...tally.reasons], [['a reason', 1]]);
  assert.is(tally.judged.get('wycheproof'), undefined);
});

test('a documented refusal needs its code, an undocumented one and an error that is none of ours fail', async () => {
  const tally = new Tally();
  await tally.count(x448, async () => refused('ERR_UNSUPPORTED'));
  await tally.count(x448, async () => refused('ERR_OPEN'));
  await tally.count(unknown, async () => refused('ERR_UNSUPPORTED'));
  await tally.count(unknown, async () => {
    throw new TypeError('reading of undefined');
  });
  assert.is(tally.total().differs, 1);
  assert.is(tally.failures.length, 3);
});

test('an error of ours is an answer, any other goes on', async () => {
  const ours = await answerOf(
    () => {
      throw new CmsError('ERR_DER', 'bad');
    },
    () => true,
  );
  assert.equal(ours, refused('ERR_DER'));
  try {
    await answerOf(
      () => {
        throw new RangeError('not ours');
      },
      () => true,
    );
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test('a run that met no documented difference and too few cases is at fault for each', () => {
  const faults = faultsOf(new Tally());
  assert.is(faults.length, DIFFERENCES.length + 1);
  assert.match(faults.at(-1) ?? '', new RegExp(`fewer than ${LEAST_JUDGED}`));
});

test('documented differences have names of their own, and nothing that is invalid is among them', () => {
  assert.is(new Set(DIFFERENCES.map(({ name }) => name)).size, DIFFERENCES.length);
  for (const { cases, codes, clause, reason } of DIFFERENCES) {
    assert.ok(cases > 0 && codes.length > 0 && clause !== '' && reason.endsWith('.'));
  }
  assert.is(differenceOf({ ...x448, expected: 'invalid' }), undefined);
  assert.is(differenceOf(x448)?.name, 'X448');
});

test.run();
