// Runs a script of the root package.json with the pinned pnpm, installing what is missing first. Needs Node and npm only.
//   node scripts/pnpm.mjs run NAME [ARGUMENT ...]        arguments go to the script's last command
//   node scripts/pnpm.mjs exec COMMAND [ARGUMENT ...]
//   node scripts/pnpm.mjs install
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const markerFile = join(root, 'node_modules', '.stanzaseal-install.json');
/** @type {{ packageManager: string, scripts: Record<string, string> }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pinned = manifest.packageManager.replace(/^pnpm@/, '').replace(/\+.*$/, '');
const windows = process.platform === 'win32';

const [verb, name, ...rest] = process.argv.slice(2);
if (verb === 'install') {
  ensureInstalled();
} else if (verb === 'run' && name !== undefined && manifest.scripts[name] !== undefined) {
  const pnpmFolder = ensureInstalled();
  process.exitCode = await runScript(manifest.scripts[name], rest, pnpmFolder);
} else if (verb === 'exec' && name !== undefined) {
  const pnpmFolder = ensureInstalled();
  process.exitCode = await runCommand([name, ...rest], pnpmFolder);
} else {
  console.error(
    `usage: node scripts/pnpm.mjs run (${Object.keys(manifest.scripts).join(' | ')}) | exec COMMAND | install`,
  );
  process.exitCode = 2;
}

/** Installs unless nothing changed since the last time; the folder that holds the pinned pnpm. */
function ensureInstalled() {
  const wanted = inputsDigest();
  const marker = readMarker();
  if (marker?.inputs === wanted && existsSync(join(marker.pnpmFolder, windows ? 'pnpm.cmd' : 'pnpm'))) {
    return marker.pnpmFolder;
  }
  const pnpmFolder = findPnpm(process.env.PATH ?? '') ?? fetchPnpm();
  if (marker?.inputs !== wanted) {
    console.error(`installing the dependencies with pnpm ${pinned} ...`);
    const args = ['install', '--frozen-lockfile'];
    // CI=true: pnpm must not ask on a terminal whether it may replace an older node_modules.
    const result = spawnSync('pnpm', args, { ...options(pnpmFolder, { CI: 'true' }), encoding: 'utf8' });
    if (result.status !== 0) {
      console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd());
      fail(`pnpm ${args.join(' ')} failed${offline(`${result.stdout}${result.stderr}`)}`);
    }
  }
  writeFileSync(markerFile, `${JSON.stringify({ inputs: wanted, pnpmFolder }, null, 2)}\n`);
  return pnpmFolder;
}

/** Everything that decides what an install yields. */
function inputsDigest() {
  const packages = readdirSync(join(root, 'packages')).map((folder) => join('packages', folder, 'package.json'));
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...packages.sort()]) {
    if (existsSync(join(root, file))) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** @returns {{ inputs: string, pnpmFolder: string } | undefined} */
function readMarker() {
  try {
    return JSON.parse(readFileSync(markerFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A folder on the path whose pnpm has exactly the pinned version. @param {string} path */
function findPnpm(path) {
  for (const folder of path.split(delimiter)) {
    if (folder === '' || !existsSync(join(folder, windows ? 'pnpm.cmd' : 'pnpm'))) continue;
    const result = spawnSync('pnpm', ['--version'], { ...options(folder), encoding: 'utf8' });
    if (result.status === 0 && result.stdout.trim() === pinned) return folder;
  }
  return undefined;
}

/** Lets npm fetch the pinned pnpm into its own cache; later runs use it from there without npm. */
function fetchPnpm() {
  const args = ['exec', '--yes', `--package=pnpm@${pinned}`, '--', 'node', '-p', 'process.env.PATH'];
  const result = spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: windows });
  const folder = result.status === 0 ? findPnpm(result.stdout.trim()) : undefined;
  if (folder !== undefined) return folder;
  if (result.error) fail(`npm cannot be started: ${result.error.message}`);
  console.error(result.stderr.trimEnd());
  return fail(`npm could not fetch pnpm ${pinned}${offline(result.stderr)}`);
}

/** What to say if the output shows that there is no network. @param {string} text @returns {string} */
function offline(text) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|fetch failed/i.test(text)
    ? `: the npm registry cannot be reached. The first run needs it; \`npm install -g pnpm@${pinned}\` serves too.`
    : '';
}

/**
 * Runs `a b && c d` step by step without a shell, so that signals reach the program; anything richer goes to a shell.
 * @param {string} script
 * @param {string[]} extra
 * @param {string} pnpmFolder
 */
async function runScript(script, extra, pnpmFolder) {
  if (windows || /[|;<>$"'`*?()\\]/.test(script)) {
    const quoted = extra.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    return runCommand([[script, ...quoted].join(' ')], pnpmFolder, true);
  }
  const steps = script.split(' && ').map((step) => step.trim().split(/\s+/));
  steps.at(-1)?.push(...extra);
  for (const step of steps) {
    const code = await runCommand(step, pnpmFolder);
    if (code !== 0) return code;
  }
  return 0;
}

/**
 * The command's exit code; a signal to this process goes on to it, and its death by a signal becomes ours.
 * @param {string[]} words
 * @param {string} pnpmFolder
 * @param {boolean} [shell]
 * @returns {Promise<number>}
 */
function runCommand([command = '', ...args], pnpmFolder, shell = windows) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options(pnpmFolder), stdio: 'inherit', shell });
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    child.on('error', (error) => {
      console.error(`error: ${command} cannot be started: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      if (signal !== null) process.kill(process.pid, signal);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** @param {string} pnpmFolder @param {NodeJS.ProcessEnv} [extra] */
function options(pnpmFolder, extra = {}) {
  const path = [join(root, 'node_modules', '.bin'), pnpmFolder, process.env.PATH].join(delimiter);
  return { cwd: root, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...extra, PATH: path }, shell: windows };
}

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  console.error(`error: ${sentence}`);
  process.exit(1);
}
