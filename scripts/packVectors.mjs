// Copies the test vectors and the corpus into the package of the CLI before it is packed: `stanzaseal vectors check` and
// `stanzaseal demo` need them where there is no repository. With --remove it takes the copy away again: it would grow old.
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../test-vectors', import.meta.url));
const to = fileURLToPath(new URL('../packages/cli/test-vectors', import.meta.url));
rmSync(to, { recursive: true, force: true });
if (!process.argv.includes('--remove')) cpSync(from, to, { recursive: true });
