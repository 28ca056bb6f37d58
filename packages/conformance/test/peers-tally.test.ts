import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CASES, type Case } from '../src/peers/cases.js';
import type { Cell, Verdict } from '../src/peers/matrix.js';
import type { PeerColumn } from '../src/peers/peer.js';
import type { Run } from '../src/peers/report.js';
import { tally } from '../src/peers/tally.js';

const test = suite('the sums of the peers');

const HERE: PeerColumn = column('OpenSSL', true, '3.0.19');
const NEWER: PeerColumn = column('OpenSSL, sid', false, '3.6.5');
const DOCUMENTED: ReadonlyMap<string, string> = new Map([
  ['OpenSSL', '3.0.19'],
  ['OpenSSL, sid', '3.6.5'],
]);

function column(name: string, required: boolean, version: string): PeerColumn {
  return { name, family: 'OpenSSL', required, peer: { version, cannot: () => undefined, ask: () => undefined } };
}

function cell(of: PeerColumn, verdict: Verdict): Cell {
  return { test: CASES[0] as Case, column: of, turn: 'writes', verdict, reason: 'broken', commands: [] };
}

function found(parts: Partial<Run>): Run {
  const parties = { keyIds: new Map(), certified: new Set<never>(), commands: [], kek: '' };
  return { columns: [HERE], parties, cells: [], refusals: [], tamperings: [], disagreements: [], ...parts };
}

test('what works, cannot or is refused has passed; what there is no way to ask counts for nothing', () => {
  const verdicts = ['works', 'cannot', 'refused', 'none', 'absent'] as const;
  const { passed, failures, skips } = tally(
    found({ cells: verdicts.map((each) => cell(HERE, each)) }),
    DOCUMENTED,
    true,
  );
  assert.equal([passed, failures, skips], [3, [], []]);
});

test('a cell that failed has failed, in a newer suite only at the version that is documented', () => {
  assert.is(tally(found({ cells: [cell(HERE, 'failed')] }), DOCUMENTED, true).failures.length, 1);
  const columns = [HERE, NEWER];
  assert.is(tally(found({ columns, cells: [cell(NEWER, 'failed')] }), DOCUMENTED, true).failures.length, 1);
  const other = column('OpenSSL, sid', false, '4.0.0');
  const { failures, skips } = tally(
    found({ columns: [HERE, other], cells: [cell(other, 'failed')] }),
    DOCUMENTED,
    true,
  );
  assert.equal([failures.length, skips.length], [0, 1]);
});

test('a peer that must be here and is not fails in CI and is skipped elsewhere', () => {
  const columns: PeerColumn[] = [{ ...HERE, peer: { absent: 'not installed' } }];
  assert.equal(tally(found({ columns }), DOCUMENTED, true).failures, ['OpenSSL must be here: not installed']);
  assert.equal(tally(found({ columns }), DOCUMENTED, false).skips, ['OpenSSL: not run: not installed']);
});

test('whatever we open that must not open has failed, and so has an honest object that we refuse', () => {
  const row = { name: 'forged', ours: 'opens', peers: new Map(), honest: false } as const;
  assert.is(tally(found({ refusals: [row] }), DOCUMENTED, true).failures.length, 1);
  assert.is(
    tally(found({ tamperings: [{ ...row, ours: 'opens, with other content' }] }), DOCUMENTED, true).failures.length,
    1,
  );
  assert.is(tally(found({ refusals: [{ ...row, honest: true }] }), DOCUMENTED, true).passed, 1);
  assert.is(
    tally(found({ refusals: [{ ...row, ours: 'refuses', honest: true }] }), DOCUMENTED, true).failures.length,
    1,
  );
});

test('a claim that did not hold has failed; one that was not tried is skipped', () => {
  const claim = { sentence: 'it is so', seen: 'it is not', commands: [] };
  const claims = [
    { ...claim, held: true },
    { ...claim, held: false },
    { ...claim, held: undefined },
  ];
  const { passed, failures, skips } = tally(
    found({ disagreements: [{ name: 'one', claims, columns: ['OpenSSL'] }] }),
    DOCUMENTED,
    true,
  );
  assert.equal([passed, failures.length, skips.length], [1, 1, 1]);
});

test.run();
