// The matrix of peers on what is built: fetches those of newer suites, then runs every row (packages/conformance/src/peers).
//   node scripts/testPeers.mjs [--check]
// --check compares docs/interoperability.md instead of writing it. The last line is `N passed, N failed[, N skipped]`.
import { join } from 'node:path';
import { root } from './repository.mjs';
import { run } from './run.mjs';

// Without them their rows say `not run`; so no failure here is one of the matrix.
await run(process.execPath, [join('scripts', 'fetchPeers.mjs')], { show: true, limitSeconds: 180 });
const main = join(root, 'packages', 'conformance', 'dist', 'peers', 'main.js');
const { code } = await run(process.execPath, [main, ...process.argv.slice(2)], { show: true, limitSeconds: 900 });
process.exitCode = code;
