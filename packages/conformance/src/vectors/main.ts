/**
 * `pnpm test:vectors`: runs everything published, says what came of it, and holds docs/conformance.md to it.
 *   --write     writes docs/conformance.md
 *   --only TEXT runs the sources and Wycheproof files whose name holds TEXT, and checks nothing as a whole
 *   --provider webcrypto runs on WebCrypto in place of node:crypto, and says sums and failures alone
 * @module
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { createGeneralCrypto as createWebCrypto } from '@stanzaseal/cms/general/provider/webcrypto';
import { repositoryRoot, vectorsDirectory } from '@stanzaseal/testkit';
import { CONFORMANCE_DOCUMENT, conformanceDocument } from './conformanceDocument.js';
import { runExamples } from './examples/runExamples.js';
import { runMessageSource } from './messages/runMessages.js';
import { indexOf } from './messages/vectorFile.js';
import { faultsOf, printedTable } from './report.js';
import { Tally } from './tally.js';
import { runWycheproofFile } from './wycheproof/runWycheproof.js';

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string' }, provider: { type: 'string' } },
});
const onWebCrypto = values.provider === 'webcrypto';
const crypto = onWebCrypto ? createWebCrypto() : createGeneralCrypto();
const tally = new Tally();
const isChosen = (name: string): boolean => values.only === undefined || name.includes(values.only);
const root = vectorsDirectory();

if (isChosen('test-vectors/rfc')) await runExamples(crypto, tally);
if (root !== undefined) await runAll(root);

if (!onWebCrypto) {
  console.log(`\n${printedTable(tally)}\n`);
  for (const [reason, count] of tally.reasons) console.log(`not run: ${count}: ${reason}`);
  for (const [{ name }, cases] of tally.met) console.log(`differs on purpose: ${cases.length}: ${name}`);
}
const judged = tally.judged.get('wycheproof') ?? 0;
if (judged > 0) console.log(`${crypto.name}: ${judged} Wycheproof cases were judged on their merits`);
const isWhole = root !== undefined && values.only === undefined;
const faults = [...tally.failures, ...(isWhole ? [...faultsOf(tally), ...(onWebCrypto ? [] : documentFaults())] : [])];
for (const fault of faults) console.log(`FAILED: ${fault}`);
const { passed, refused, differs, failed, 'not applicable': notRun } = tally.total();
console.log(
  `${crypto.name}: ${passed} passed, ${refused} refused as they must be, ${differs} differing on purpose, ${notRun} not run, ${failed} failed`,
);
const skipped = root === undefined ? ', 1 skipped' : '';
console.log(`\n${passed + refused + differs} passed, ${faults.length} failed${skipped}`);
process.exitCode = faults.length > 0 ? 1 : 0;

async function runAll(folder: string): Promise<void> {
  const sources = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.json')));
  for (const name of sources.sort()) {
    if (name !== 'wycheproof') {
      if (isChosen(name)) await runMessageSource(folder, name, crypto, tally);
      continue;
    }
    for (const { file } of indexOf({ root: folder, name })) {
      if (isChosen(`wycheproof/${file}`)) await runWycheproofFile(file, crypto, tally);
    }
  }
}

function documentFaults(): string[] {
  const path = join(repositoryRoot, CONFORMANCE_DOCUMENT);
  const text = conformanceDocument(tally);
  if (values.write) writeFileSync(path, text);
  const isRight = existsSync(path) && readFileSync(path, 'utf8') === text;
  return isRight ? [] : [`${CONFORMANCE_DOCUMENT} does not say what this run gives: run it with --write`];
}
