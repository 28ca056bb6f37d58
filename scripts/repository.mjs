// What every script needs to know of this repository: where it is, its packages and their files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository; the scripts' own tests point it at a fixture. */
export const root = process.env.STANZASEAL_ROOT
  ? resolve(process.env.STANZASEAL_ROOT)
  : fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * @typedef {Record<string, string>} Dependencies
 * @typedef {{ name: string, private?: boolean, exports?: Record<string, unknown>, bin?: Record<string, string>,
 *   files?: string[], sideEffects?: boolean, license?: string, dependencies?: Dependencies,
 *   devDependencies?: Dependencies, peerDependencies?: Dependencies, optionalDependencies?: Dependencies }} Manifest
 * @typedef {{ folder: string, shortName: string, manifest: Manifest }} Package
 */

/** The packages that have a package.json, by folder name. @returns {Package[]} */
export function listPackages() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .filter((shortName) => existsSync(join(root, 'packages', shortName, 'package.json')))
    .map((shortName) => {
      const folder = join(root, 'packages', shortName);
      return { folder, shortName, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
    });
}

/** Packages that are published. */
export function listPublicPackages() {
  return listPackages().filter(({ manifest }) => manifest.private !== true);
}

/**
 * Entry points of a package under the named condition (nested conditions are followed; two runtimes give two targets).
 * @param {Package} entry
 * @param {string} condition
 * @returns {{ subpath: string, target: string }[]} target: an absolute path
 */
export function listEntryPoints({ folder, manifest }, condition) {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, value]) =>
    [...targetsOf(value, condition)].map((target) => ({ subpath, target: join(folder, target) })),
  );
}

/** @param {unknown} value @param {string} condition @returns {Set<string>} */
function targetsOf(value, condition) {
  /** @type {Set<string>} */
  const found = new Set();
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, below] of Object.entries(value)) {
    if (key === condition && typeof below === 'string') found.add(below);
    else for (const target of targetsOf(below, condition)) found.add(target);
  }
  return found;
}

/**
 * Files below a folder, absolute and sorted; nothing if there is no such folder.
 * @param {string} folder
 * @param {RegExp} name
 * @returns {string[]}
 */
export function listFiles(folder, name) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A path as people write it: from the repository's root, with slashes. @param {string} path */
export function shown(path) {
  return relative(root, path).split(sep).join('/');
}

/** One line of a file as `path:line`. @param {string} path @param {string} text @param {number} offset */
export function shownAt(path, text, offset) {
  return `${shown(path)}:${text.slice(0, offset).split('\n').length}`;
}
