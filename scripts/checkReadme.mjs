// Code in the documents is true: each ```ts block compiles and runs by itself against the built packages (`ts no-run`: compiles
// only); each ```sh block marked `sh run` runs with `stanzaseal` on the path. The sh blocks of one document share a fresh folder
// and run in order, so that a later one can use what an earlier one made. Links into the repository lead somewhere.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { report } from './findings.mjs';
import { listFiles, listPackages, root, shown, shownAt } from './repository.mjs';
import { run, runEach } from './run.mjs';

const limitSeconds = 60;
/** @typedef {{ at: string, language: string, runs: boolean, line: number, code: string, document: string }} Block */
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((name) => join(root, name)),
  ...listPackages().map(({ folder }) => join(folder, 'README.md')),
  ...listFiles(join(root, 'docs'), /\.md$/),
].filter((file) => existsSync(file));
const blocks = documents.flatMap((document) => readBlocks(document));
/** @type {string[]} */
const findings = [];
for (const document of documents) checkLinks(document);
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-readme-'));
try {
  const programs = blocks.filter(({ language }) => language === 'ts');
  if (programs.length > 0) await checkPrograms(programs);
  const scripts = blocks.filter(({ language, runs }) => language === 'sh' && runs);
  await runEach([...new Set(scripts.map(({ document }) => document))], 2, async (document) => {
    await checkScripts(scripts.filter((block) => block.document === document));
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const ts = blocks.filter(({ language }) => language === 'ts').length;
const sh = blocks.filter(({ language, runs }) => language === 'sh' && runs).length;
report('readme', findings.sort(), `${ts} ts and ${sh} sh blocks of ${documents.length} documents`);

/** @param {string} document @returns {Block[]} */
function readBlocks(document) {
  /** @type {Block[]} */
  const found = [];
  /** @type {{ indent: string, fence: string, info: string, line: number, code: string[] } | undefined} */
  let open;
  for (const [index, text] of readFileSync(document, 'utf8').split(/\r?\n/).entries()) {
    const [, indent = '', fence, info = ''] = /^( *)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(text) ?? [];
    if (open === undefined) {
      if (fence !== undefined) open = { indent, fence, info, line: index + 1, code: [] };
    } else if (fence !== undefined && info === '' && fence.startsWith(open.fence)) {
      const [language = '', ...marks] = open.info.split(/\s+/);
      const runs = language === 'ts' ? !marks.includes('no-run') : marks.includes('run');
      const at = `${shown(document)}:${open.line}`;
      found.push({ at, language, runs, line: open.line, code: open.code.join('\n'), document });
      open = undefined;
    } else {
      open.code.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
    }
  }
  if (open !== undefined) throw new Error(`${shown(document)}:${open.line}: code block without an end`);
  return found;
}

/** @param {string} document */
function checkLinks(document) {
  // What stands in a code block or between backticks is no link.
  const text = readFileSync(document, 'utf8').replace(/^( *)(`{3,})[^]*?^ *\2 *$|`[^`\n]*`/gm, (code) =>
    code.replace(/[^\n]/g, ' '),
  );
  for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [path = ''] = (match[1] ?? '').split('#');
    if (path === '' || /^[a-z]+:/.test(path) || existsSync(join(dirname(document), decodeURI(path)))) continue;
    findings.push(`${shownAt(document, text, match.index)}: links to ${path}, which does not exist`);
  }
}

/** One compiler run for all of them, then a process for each. @param {Block[]} programs */
async function checkPrograms(programs) {
  linkPackages();
  for (const [index, { line, code }] of programs.entries()) {
    // Empty lines in front make the compiler's and the stack trace's line numbers those of the document.
    writeFileSync(join(folder, 'src', `block${index}.ts`), `${'\n'.repeat(line)}${code}\n`);
  }
  const compiled = await run('tsc', ['-p', folder, '--pretty', 'false'], { cwd: folder });
  const named = (/** @type {string} */ text) =>
    text.replace(/\S*?block(\d+)\.[tj]s\b/g, (_, index) => shown(programs[Number(index)]?.document ?? ''));
  /** @type {Set<number>} */
  const broken = new Set();
  const lines = compiled.output.split('\n').filter((each) => each.trim() !== '');
  // Other people's types that do not compile by themselves are none of ours: those of xmpp.js 0.14 do not.
  const ours = lines.filter((each) => !/node_modules\/@types\//.test(each));
  for (const text of ours) {
    const index = /block(\d+)\.ts/.exec(text)?.[1];
    if (index !== undefined) broken.add(Number(index));
    findings.push(named(text));
  }
  if (compiled.code !== 0 && broken.size === 0 && ours.length === lines.length)
    findings.push(`the compiler failed: exit code ${compiled.code}`);
  await runEach([...programs.entries()], 2, async ([index, { at, runs }]) => {
    if (!runs || broken.has(index)) return;
    const cwd = join(folder, `run${index}`);
    mkdirSync(cwd);
    const args = ['--enable-source-maps', join(folder, 'dist', `block${index}.js`)];
    // What it leaves among temporary files goes with the folder.
    const outcome = await run(process.execPath, args, { cwd, env: { TMPDIR: cwd }, limitSeconds });
    if (outcome.timedOut) findings.push(`${at}: did not end within ${limitSeconds} s`);
    else if (outcome.code !== 0) findings.push(`${at}: exit code ${outcome.code}\n${named(outcome.output).trimEnd()}`);
  });
}

/** A stranger's project: the packages by name, resolved to their builds. */
function linkPackages() {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@stanzaseal'), { recursive: true });
  mkdirSync(join(modules, '@types'));
  mkdirSync(join(folder, 'src'));
  for (const entry of listPackages())
    symlinkSync(entry.folder, join(modules, '@stanzaseal', entry.shortName), 'junction');
  for (const name of readdirSync(join(root, 'node_modules', '@types'))) {
    symlinkSync(join(root, 'node_modules', '@types', name), join(modules, '@types', name), 'junction');
  }
  // What a package wants beside it, with its types where they come apart.
  for (const { folder: at, manifest } of listPackages()) {
    const peers = Object.keys(manifest.peerDependencies ?? {});
    const types = peers.map((name) => `@types/${name.replace(/^@(.*)\//, '$1__')}`);
    for (const name of [...peers, ...types]) {
      const [from, to] = [join(at, 'node_modules', name), join(modules, name)];
      if (!existsSync(from) || existsSync(to)) continue;
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(realpathSync(from), to, 'junction');
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'dom'],
    module: 'nodenext',
    moduleDetection: 'force',
    types: ['node'],
    strict: true,
    sourceMap: true,
    rootDir: 'src',
    outDir: 'dist',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
}

/** @param {Block[]} scripts those of one document, in order */
async function checkScripts(scripts) {
  const home = mkdtempSync(join(folder, 'sh-'));
  const bin = join(home, '.bin');
  mkdirSync(bin);
  const main = join(root, 'packages', 'cli', 'dist', 'main.js');
  writeFileSync(join(bin, 'stanzaseal'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  const env = { PATH: [bin, process.env.PATH].join(delimiter), HOME: home, TMPDIR: home };
  for (const { at, code } of scripts) {
    const outcome = await run('bash', ['-euo', 'pipefail', '-c', code], { cwd: home, env, limitSeconds });
    if (outcome.timedOut) findings.push(`${at}: did not end within ${limitSeconds} s`);
    else if (outcome.code !== 0) findings.push(`${at}: exit code ${outcome.code}\n${outcome.output.trimEnd()}`);
  }
}
