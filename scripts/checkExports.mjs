// What is published works for strangers: packs every public package, examines the archives (publint, are-the-types-wrong,
// contents), installs all of them into an empty project with npm and imports every entry point with plain node.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { report } from './findings.mjs';
import { listPublicPackages, shown } from './repository.mjs';
import { run, runEach } from './run.mjs';

// Data is given away without conditions; everything else is MIT.
const licenses = new Map([['vectors', 'CC0-1.0']]);
/** @type {string[]} */
const findings = [];
const packages = listPublicPackages();
let entryPoints = 0;
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-exports-'));
try {
  const tarballs = await runEach(packages, 2, checkPackage);
  if (findings.length === 0) await installAndImport(tarballs.filter((each) => each !== undefined));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report('exports', findings, `${packages.length} packages, ${entryPoints} entry points imported`);

/** @param {import('./repository.mjs').Package} entry @returns {Promise<string | undefined>} the archive's path */
async function checkPackage(entry) {
  const { manifest, shortName } = entry;
  const place = `${shown(entry.folder)}/package.json`;
  if (manifest.sideEffects !== false) findings.push(`${place}: sideEffects is not false`);
  const license = licenses.get(shortName) ?? 'MIT';
  if (manifest.license !== license) findings.push(`${place}: license is not ${license}`);
  if (!manifest.files?.includes('dist')) findings.push(`${place}: files does not name dist`);
  const target = join(folder, shortName);
  mkdirSync(target);
  const packed = await run('pnpm', ['pack', '--pack-destination', target], { cwd: entry.folder });
  const tarball = readdirSync(target).find((name) => name.endsWith('.tgz'));
  if (packed.code !== 0 || tarball === undefined) {
    findings.push(`${place}: pnpm pack failed\n${packed.output.trimEnd()}`);
    return undefined;
  }
  const path = join(target, tarball);
  await checkContents(entry, path);
  await checkWithPublint(entry, path);
  if (manifest.exports !== undefined) await checkTypes(shortName, path);
  return path;
}

/** @param {import('./repository.mjs').Package} entry @param {string} path */
async function checkContents({ shortName, manifest }, path) {
  const listed = (await run('tar', ['-tzf', path])).stdout.split('\n').map((name) => name.replace(/^package\//, ''));
  for (const file of [
    'README.md',
    'LICENSE',
    ...Object.values(manifest.bin ?? {}).map((each) => each.replace(/^\.\//, '')),
  ]) {
    if (!listed.includes(file)) findings.push(`${shortName}: the archive lacks ${file}`);
  }
  if (!listed.some((file) => /^dist\/.*\.js$/.test(file)))
    findings.push(`${shortName}: the archive holds no built code`);
  for (const file of listed) {
    if (/(^|\/)(test|node_modules)\/|\.tsbuildinfo$|\.test\./.test(file))
      findings.push(`${shortName}: the archive holds ${file}`);
  }
  const packedManifest = JSON.parse((await run('tar', ['-xzOf', path, 'package/package.json'])).stdout);
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies']) {
    for (const [name, range] of Object.entries(packedManifest[kind] ?? {})) {
      if (String(range).startsWith('workspace:')) findings.push(`${shortName}: ${kind} ${name} is still ${range}`);
    }
  }
  for (const script of ['preinstall', 'install', 'postinstall']) {
    if (packedManifest.scripts?.[script]) findings.push(`${shortName}: has a script ${script}; no package needs one`);
  }
}

/** @param {import('./repository.mjs').Package} entry @param {string} path */
async function checkWithPublint({ shortName }, path) {
  const bytes = readFileSync(path);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
  for (const message of messages) {
    // Suggestions are listed too: the packages are young enough to answer each.
    findings.push(`${shortName}: publint ${message.type}: ${formatMessage(message, pkg, { color: false })}`);
  }
}

/** @param {string} shortName @param {string} path */
async function checkTypes(shortName, path) {
  const outcome = await run('attw', [path, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii']);
  if (outcome.code !== 0) findings.push(`${shortName}: are-the-types-wrong\n${outcome.output.trimEnd()}`);
}

/** @param {string[]} tarballs */
async function installAndImport(tarballs) {
  const project = join(folder, 'stranger');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }\n');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...tarballs];
  const installed = await run('npm', args, { cwd: project });
  if (installed.code !== 0)
    return void findings.push(`npm install of all archives failed\n${installed.output.trimEnd()}`);
  const imports = packages.flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((subpath) => !subpath.endsWith('.json'))
      .map((subpath) => `${manifest.name}${subpath.slice(1)}`),
  );
  await runEach(imports, 2, async (name) => {
    const code = `const names = Object.keys(await import('${name}')); if (names.length === 0) throw new Error('exports nothing');`;
    const outcome = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: project,
      limitSeconds: 60,
    });
    if (outcome.code === 0) entryPoints++;
    if (outcome.code !== 0 || outcome.output !== '') findings.push(`import of ${name}:\n${outcome.output.trimEnd()}`);
  });
  for (const { manifest } of packages) {
    for (const command of Object.keys(manifest.bin ?? {})) {
      const outcome = await run(join(project, 'node_modules', '.bin', command), ['--help'], {
        cwd: project,
        limitSeconds: 60,
      });
      if (outcome.code !== 0)
        findings.push(`${command} --help: exit code ${outcome.code}\n${outcome.output.trimEnd()}`);
    }
  }
}
