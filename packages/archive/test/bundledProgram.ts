// A program of these tests as one file of JavaScript, because a thousand starts should be a thousand kills and not a thousand times a loader.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '@stanzaseal/testkit';
import { build } from 'esbuild';

const programs = new Map<string, Promise<string>>();

/** A file that stands beside this one, bundled once; it goes when the process ends. @returns its path */
export function bundledProgram(name: string): Promise<string> {
  const program = programs.get(name) ?? bundle(name);
  programs.set(name, program);
  return program;
}

async function bundle(name: string): Promise<string> {
  const cache = join(repositoryRoot, 'node_modules', '.cache'); // drivers are found from here
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'stanzaseal-program-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL(`./${name}`, import.meta.url))],
    bundle: true,
    outfile: program,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@stanzaseal/source'],
    external: ['pg', 'node-sqlite3-wasm'],
    logLevel: 'silent',
  });
  return program;
}
