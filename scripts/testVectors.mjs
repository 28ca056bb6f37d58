// Puts every published vector at hand to our functions, on node:crypto and on WebCrypto; with options, which go on to
// packages/conformance/src/vectors/main.ts, on one of them alone. The last line is `N passed, N failed`, with `, N skipped` where
// there are no published vectors.
import { join } from 'node:path';
import { run, runEach } from './run.mjs';

const main = join('packages', 'conformance', 'src', 'vectors', 'main.ts');
const options = process.argv.slice(2);
const runs = options.length > 0 ? [options] : [[], ['--provider', 'webcrypto']];
const total = { passed: 0, failed: 0, skipped: 0 };
await runEach(runs, 2, async (further) => {
  const args = ['--import', 'tsx', '--conditions=@stanzaseal/source', main, ...further];
  const { code, output, timedOut } = await run(process.execPath, args, { limitSeconds: 600 });
  console.log(`${output.trimEnd()}${timedOut ? '\nFAILED: not done within 600 s' : ''}\n`);
  const sums = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(output);
  const [passed = 0, failed = 0, skipped = 0] = (sums ?? []).slice(1).map((digits) => Number(digits ?? 0));
  total.passed += passed;
  total.failed += failed > 0 || code === 0 ? failed : 1;
  total.skipped += skipped;
});
const { passed, failed, skipped } = total;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
