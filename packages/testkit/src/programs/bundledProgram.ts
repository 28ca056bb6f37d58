/**
 * A TypeScript program as few files, so that a process that is started a thousand times begins at once.
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
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
  const outdir = mkdtempSync(join(tmpdir(), 'stanzaseal-program-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  symlinkSync(join(repositoryRoot, 'node_modules'), join(outdir, 'node_modules'), 'junction');
  await build({
    entryPoints: [path],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true, // what is loaded late in sources is loaded late here
    format: 'esm',
    platform: 'node',
    conditions: ['@stanzaseal/source'],
    external: NATIVE,
    plugins: [WHERE_THEY_WERE],
    // CommonJS that is bundled asks for Node's own modules by it.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return join(outdir, `${basename(path, '.ts')}.mjs`);
}

/** Sources that look for files beside them find those. */
const WHERE_THEY_WERE: Plugin = {
  name: 'where they were',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};
