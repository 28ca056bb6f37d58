// Brings OpenSSL and Bouncy Castle of newer Debian suites into a folder of their own, beside those of this system, by an apt
// that has its own lists, state and cache. The system's apt, its packages and its sources stay as they are.
//   node scripts/fetchPeers.mjs [FOLDER]
// In FOLDER/SUITE/root is then what the packages hold, and in FOLDER/SUITE/fetched their names. What cannot be had is told; the
// exit code is 0 all the same, since nobody depends on it: rows of the matrix then say `not run`.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './repository.mjs';
import { run } from './run.mjs';

const SUITES = ['trixie', 'sid'];
const PACKAGES = ['openssl', 'libbcpkix-java'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Hours that what was fetched from a suite serves. */
const FRESH = 24;
const SECONDS = 120;

const folder = resolve(process.argv[2] ?? join(root, 'node_modules', '.cache', 'peers'));
const mirror = await findMirror();
for (const suite of SUITES) {
  const problem =
    mirror === undefined ? 'no Debian mirror in the configuration of apt' : await fetchSuite(suite, mirror);
  console.log(`${suite}: ${problem ?? readFileSync(join(folder, suite, 'fetched'), 'utf8').trim()}`);
}

/** The mirror that this system's own release comes from: newer suites stand beside it. @returns {Promise<string | undefined>} */
async function findMirror() {
  const format = ['--format', '$(REPO_URI)|$(RELEASE)|$(ORIGIN)', 'Created-By: Packages'];
  const { code, stdout } = await run('apt-get', ['indextargets', ...format], { limitSeconds: SECONDS });
  if (code !== 0) return undefined;
  const release = /VERSION_CODENAME=(\S+)/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const rows = stdout.split('\n').map((line) => line.split('|'));
  return rows.find(([, suite, origin]) => suite === release && origin === 'Debian')?.[0];
}

/** @param {string} suite @param {string} uri @returns {Promise<string | undefined>} the problem, if there is one */
async function fetchSuite(suite, uri) {
  const stamp = join(folder, suite, 'fetched');
  if (existsSync(stamp) && Date.now() - statSync(stamp).mtimeMs < FRESH * 3_600_000) return undefined;
  const place = join(folder, `${suite}.new`);
  rmSync(place, { recursive: true, force: true });
  for (const each of ['lists/partial', 'cache/archives/partial', 'root'])
    mkdirSync(join(place, each), { recursive: true });
  const signed = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  writeFileSync(join(place, 'sources.list'), `deb ${signed}${uri} ${suite} main\n`);
  writeFileSync(join(place, 'status'), '');
  // With an empty state, what they depend on comes too: each runs on its own C library.
  const install = ['install', '--download-only', '--yes', '--no-install-recommends', '-qq', ...PACKAGES];
  for (const words of [['update', '-qq'], install]) {
    const { code, output } = await run('apt-get', [...optionsFor(place), ...words], { limitSeconds: SECONDS });
    if (code !== 0) return `apt-get ${words[0]} failed: ${output.trim().split('\n').at(-1)}`;
  }
  const archives = join(place, 'cache', 'archives');
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const name of packages) {
    const unpacked = await run('dpkg-deb', ['-x', join(archives, name), join(place, 'root')]);
    if (unpacked.code !== 0) return `dpkg-deb could not unpack ${name}`;
  }
  for (const each of ['lists', 'cache']) rmSync(join(place, each), { recursive: true, force: true });
  writeFileSync(join(place, 'fetched'), `${packages.filter((name) => /^(openssl_|libbcp)/.test(name)).join(' ')}\n`);
  rmSync(join(folder, suite), { recursive: true, force: true });
  renameSync(place, join(folder, suite));
  return undefined;
}

/** What makes apt look at a place alone. @param {string} place */
function optionsFor(place) {
  return [
    `Dir::Etc::sourcelist=${join(place, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(place, 'lists')}`,
    `Dir::State::status=${join(place, 'status')}`,
    `Dir::Cache=${join(place, 'cache')}`,
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
    'Debug::NoLocking=true',
    // apt's own user could not write into the place.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}
