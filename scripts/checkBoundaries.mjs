// Holds the packages to their layers, to their own third-party libraries and, for those that run in a page, to no Node built-in.
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript6';
import { report } from './findings.mjs';
import { listFiles, listPackages, shown, shownAt } from './repository.mjs';

// A package imports only from rows below its own. Row Infinity: may import anything and no package's src may import it.
const rows = new Map([
  ['cms', 1],
  ['signer', 2],
  ['envelope', 2],
  ['stanza', 3],
  ['keystore', 4],
  ['trust', 4],
  ['archive', 4],
  ['messenger', 5],
  ['xmpp', 6],
  ['cli', 7],
  ['page', 7],
  ['testkit', Number.POSITIVE_INFINITY],
  ['bench', Number.POSITIVE_INFINITY],
  ['conformance', Number.POSITIVE_INFINITY],
  ['vectors', Number.POSITIVE_INFINITY],
  ['legacy', 4],
]);
const browserFacing = new Set(['cms', 'signer', 'envelope', 'stanza', 'keystore', 'trust', 'messenger', 'xmpp']);
// Files that exist for Node and stand behind an export of their own; files that only they import come with them.
const nodeFiles = new Set([
  'cms/src/general/provider/node.ts',
  'cms/src/general/streams/temporarySpill.ts',
  'cms/src/provider/node.ts',
  'keystore/src/fileStorage.ts',
  'keystore/src/keyringSecret.ts',
  'keystore/src/pkcs11/index.ts',
  'keystore/src/pkcs11/pkcs11GeneralKey.ts',
  'keystore/src/sqlite/index.ts',
]);
// Who may import which third-party library, and in which file or folder of src. `@scope/*` stands for a whole scope.
/** @type {[library: string, owner: string][]} */
const owners = [
  ['asn1js', 'cms/src/general/'],
  ['pkijs', 'cms/src/general/'],
  ['@noble/*', 'cms/src/general/'],
  ['@peculiar/webcrypto', 'cms/src/provider/'],
  ['fast-xml-parser', 'stanza/src/fastXmlParser.ts'],
  ['@noble/*', 'trust/src/'],
  ['qr', 'trust/src/fingerprintQr.ts'],
  ['asn1js', 'trust/src/certificates/pkcs12.ts'],
  ['pkijs', 'trust/src/certificates/pkcs12.ts'],
  ['openpgp', 'trust/src/openpgp/'],
  ['openpgp', 'legacy/src/'],
  ['@xmpp/*', 'xmpp/src/'],
  ['@xmpp/client', 'cli/src/connect.ts'],
  ['@napi-rs/keyring', 'keystore/src/keyring.ts'],
  ['pkcs11js', 'keystore/src/pkcs11/cryptoki.ts'],
  ['@xmpp/component', 'cli/src/component.ts'],
  ['commander', 'cli/src/'],
  ['cli-progress', 'cli/src/'],
  ['hono', 'cli/src/archive/serve/'],
  ['@hono/node-server', 'cli/src/archive/serve/'],
  ['node-sqlite3-wasm', 'cli/src/demo/'],
  ['node-sqlite3-wasm', 'keystore/src/sqlite/sqliteDatabase.ts'],
  ['node-sqlite3-wasm', 'archive/src/engine/sqliteDriver.ts'],
  ['pg', 'archive/src/engine/postgresDatabase.ts'],
  ['pg', 'archive/src/sources/postgres/'],
];
const builtins = new Set(builtinModules);
const nodeGlobals = new Set(['Buffer', 'process', 'setImmediate', '__dirname', '__filename', 'require']);

/** @type {string[]} */
const findings = [];
let fileCount = 0;
for (const entry of listPackages()) checkPackage(entry);
report('boundaries', findings, `${fileCount} source files`);

/** @param {import('./repository.mjs').Package} entry */
function checkPackage({ folder, shortName, manifest }) {
  const row = rows.get(shortName);
  if (row === undefined) return void findings.push(`packages/${shortName}: has no row in scripts/checkBoundaries.mjs`);
  const files = listFiles(join(folder, 'src'), /\.ts$/).map((path) => readSource(path));
  fileCount += files.length;
  const imported = new Set(files.flatMap((file) => file.imports.map(({ name }) => packageNameOf(name))));
  for (const file of files) {
    for (const { name, at } of file.imports) {
      if (!name.startsWith('.')) checkImport(shortName, row, manifest, file.path, name, at);
    }
    findings.push(...file.randomness.map((at) => `${at}: Math.random is no source of randomness (E8)`));
  }
  if (browserFacing.has(shortName)) checkNodeFree(folder, files);
  if (manifest.private === true) return;
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (!imported.has(name))
      findings.push(`packages/${shortName}/package.json: depends on ${name} and never imports it`);
  }
}

/**
 * @typedef {{ name: string, at: string }} Import
 * @typedef {{ path: string, imports: Import[], node: string[], randomness: string[] }} Source
 *   node, randomness: places where a Node global or Math.random is used
 * @param {string} path
 * @returns {Source}
 */
function readSource(path) {
  const text = readFileSync(path, 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ name: fileName, at: shownAt(path, text, pos) }));
  /** @type {string[]} */
  const node = [];
  /** @type {string[]} */
  const randomness = [];
  const visit = (/** @type {import('typescript6').Node} */ part) => {
    if (ts.isPropertyAccessExpression(part) && /^Math\??\.random$/.test(part.getText())) {
      randomness.push(shownAt(path, text, part.getStart()));
    }
    if (ts.isIdentifier(part) && nodeGlobals.has(part.text) && !isMemberName(part)) {
      node.push(`${shownAt(path, text, part.getStart())}: uses Node's ${part.text}`);
    }
    ts.forEachChild(part, visit);
  };
  visit(tree);
  return { path, imports, node, randomness };
}

/** `x.process` and `{ process: 1 }` name a member, not the global. @param {import('typescript6').Identifier} part */
function isMemberName(part) {
  const { parent } = part;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === part && parent.expression.getText() !== 'globalThis') ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) &&
      parent.name === part) ||
    ts.isMethodDeclaration(parent)
  );
}

/**
 * @param {string} shortName
 * @param {number} row
 * @param {import('./repository.mjs').Manifest} manifest
 * @param {string} path
 * @param {string} name
 * @param {string} at
 */
function checkImport(shortName, row, manifest, path, name, at) {
  const library = packageNameOf(name);
  if (isBuiltin(name)) {
    if (!name.startsWith('node:')) findings.push(`${at}: write node:${name}`);
    return;
  }
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  if (declared[library] === undefined && library !== manifest.name) {
    findings.push(`${at}: imports ${library}, which package.json does not list under dependencies`);
  }
  if (library.startsWith('@stanzaseal/')) {
    const other = rows.get(library.slice('@stanzaseal/'.length));
    if (other === undefined) findings.push(`${at}: imports ${library}, which has no row`);
    else if (library === manifest.name) findings.push(`${at}: imports its own package by name`);
    else if (row !== Number.POSITIVE_INFINITY && other >= row) {
      findings.push(`${at}: ${shortName} (row ${row}) imports ${library} (row ${other}); only rows below are allowed`);
    }
    return;
  }
  if (row === Number.POSITIVE_INFINITY) return;
  const place = shown(path).replace(/^packages\//, '');
  const allowed = owners.some(([owned, owner]) => {
    const fits = owned.endsWith('/*') ? library.startsWith(owned.slice(0, -1)) : library === owned;
    return fits && (owner.endsWith('/') ? place.startsWith(owner) : place === owner);
  });
  if (!allowed)
    findings.push(`${at}: imports ${library}, which is not given to this place in scripts/checkBoundaries.mjs`);
}

/** @param {string} folder @param {Source[]} files */
function checkNodeFree(folder, files) {
  const local = (/** @type {string} */ from, /** @type {string} */ name) =>
    resolve(dirname(from), name.replace(/\.js$/, '.ts'));
  /** @type {Map<string, string[]>} */
  const importers = new Map();
  for (const { path, imports } of files) {
    for (const { name } of imports.filter((each) => each.name.startsWith('.'))) {
      importers.set(local(path, name), [...(importers.get(local(path, name)) ?? []), path]);
    }
  }
  const forNode = new Set(
    files.map(({ path }) => path).filter((path) => nodeFiles.has(relative(dirname(folder), path).split(sep).join('/'))),
  );
  for (let before = -1; before !== forNode.size; ) {
    before = forNode.size;
    for (const { path } of files) {
      const from = importers.get(path) ?? [];
      if (from.length > 0 && from.every((importer) => forNode.has(importer))) forNode.add(path);
    }
  }
  for (const { path, imports, node } of files) {
    if (forNode.has(path)) continue;
    for (const { name, at } of imports) {
      if (isBuiltin(name)) findings.push(`${at}: imports ${name}, but this package runs in browsers`);
      if (name.startsWith('.') && forNode.has(local(path, name))) {
        findings.push(`${at}: imports ${name}, which is for Node alone, into a file for browsers`);
      }
      if (name.startsWith('.') && !existsSync(local(path, name))) findings.push(`${at}: ${name} does not exist`);
    }
    findings.push(...node.map((use) => `${use}, but this package runs in browsers`));
  }
}

/** @param {string} name */
function isBuiltin(name) {
  return name.startsWith('node:') || builtins.has(name);
}

/** `@scope/name/sub` is of package `@scope/name`. @param {string} name */
function packageNameOf(name) {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
