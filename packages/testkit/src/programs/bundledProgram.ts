/**
 * A TypeScript program as one file, so that a process that is started a thousand times begins at once.
 * @module
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { repositoryRoot } from '../vectors.js';

/** Loaded from where they are installed: they look for files beside them. */
const NATIVE = ['node-sqlite3-wasm', '@napi-rs/keyring', 'pkcs11js'];

/**
 * Bundles a program from sources into a directory that goes when this process ends, and gives its path: `node PATH` runs it.
 * @param source path, or a `file:` URL
 * @example
 * spawn(process.execPath, [await bundledProgram(new URL('./commitChild.ts', import.meta.url)), 'commit']);
 */
export async function bundledProgram(source: string | URL): Promise<string> {
  const path = typeof source === 'string' ? source : fileURLToPath(source);
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-program-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const outfile = join(folder, `${basename(path, '.ts')}.mjs`);
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@stanzaseal/source'],
    external: NATIVE,
    // CommonJS that is bundled asks for Node's own modules by it.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  return outfile;
}
