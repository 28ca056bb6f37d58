/**
 * The matrix of peers: `pnpm test:peers [--check]`. Prints it, writes `docs/interoperability.md` or, with `--check`, compares. The
 * last line is `N passed, N failed`, with `, N skipped` for what peers that are not here could not show; exit code 1 on a failure.
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.js';
import { compare, versionsIn } from './compare.js';
import { runDisagreements } from './disagreements.js';
import { findGnupg, findPeers, newestOpenssl } from './findPeers.js';
import { runMatrix } from './matrix.js';
import { OurSide } from './ourSide.js';
import { makeParties, type Parties } from './parties.js';
import { type PeerColumn, peerOf } from './peer.js';
import { runRefusals } from './refusals.js';
import { type Run, render } from './report.js';
import { runSpecificationReader } from './specificationReader.js';
import { printMatrix, tally } from './tally.js';
import { runTamperings } from './tamperings.js';
import { Workshop } from './workshop.js';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/interoperability.md', import.meta.url));

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
try {
  await main();
} catch (thrown) {
  console.log(`FAILED: ${(thrown as Error).stack}\n0 passed, 1 failed`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const committed = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
  const run = await runAll();
  printMatrix(run);
  const strict = process.env.CI === 'true';
  const { passed, failures, skips } = tally(run, versionsIn(committed), strict);
  const document = render(run);
  if (values.check) {
    for (const difference of compare(committed, document)) failures.push(`docs/interoperability.md: ${difference}`);
  } else if (failures.length === 0 && skips.length === 0) {
    writeFileSync(DOCUMENT, document);
  } else {
    console.log('docs/interoperability.md is left as it is: not everything ran and passed');
  }
  const reader = await runSpecificationReader(strict);
  console.log(`the reader of the specification, in Python: ${reader.summary}`);
  failures.push(...reader.failures);
  skips.push(...reader.skips);
  for (const skip of new Set(skips)) console.log(`SKIPPED: ${skip}`);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  const skipped = skips.length > 0 ? `, ${skips.length} skipped` : '';
  console.log(`${passed + reader.passed} passed, ${failures.length} failed${skipped}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

async function runAll(): Promise<Run> {
  const workshop = await Workshop.open();
  let columns: PeerColumn[] = [];
  try {
    const ours = new OurSide(workshop);
    const parties: { made?: Parties } = {};
    columns = await findPeers(workshop, () => parties.made as Parties);
    parties.made = await makeParties(workshop, ours, newestOpenssl());
    columns.push(await findGnupg(workshop));
    const bench: Bench = { workshop, ours, columns, parties: parties.made };
    const cells = await runMatrix(bench);
    const refusals = await runRefusals(bench);
    const tamperings = await runTamperings(bench);
    const disagreements = await runDisagreements(bench, refusals);
    return { columns, parties: parties.made, cells, refusals, tamperings, disagreements };
  } finally {
    for (const column of columns) await peerOf(column)?.close?.();
    await workshop.close();
  }
}
