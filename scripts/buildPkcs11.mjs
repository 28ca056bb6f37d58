// Compiles pkcs11js, which ships without a binary: the tests of PKCS#11 tokens need it, an installation of this repository must not.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = dirname(realpathSync(createRequire(import.meta.url).resolve('pkcs11js/package.json')));
if (existsSync(join(folder, 'build/Release/pkcs11.node'))) process.exit(0);
// npm brings node-gyp along and finds it for scripts of a package.
const { status, error } = spawnSync('npm', ['run', 'build'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
});
if (status !== 0)
  console.error(`pkcs11js was not built: ${error?.message ?? 'a C++ compiler, make and Python 3 are needed'}`);
process.exit(status ?? 1);
