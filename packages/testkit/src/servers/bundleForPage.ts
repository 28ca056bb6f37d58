/**
 * Our packages as one script for a page.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { repositoryRoot } from '../vectors.js';

/**
 * Bundles sources for a browser: `./` names are looked for from the repository's root, packages as from there. What the script
 * exports is the page's `window.exported`.
 * @param script TypeScript
 * @example
 * await bundleForPage(`export { createMessenger } from '@stanzaseal/messenger';`)
 */
export async function bundleForPage(script: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: repositoryRoot, loader: 'ts', sourcefile: 'page.ts' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'exported',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@stanzaseal/source'],
    alias: { '@xmpp/client': XMPP_CLIENT },
    plugins: [WITHOUT_DNS],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** @xmpp/resolve 0.14 leaves `dns` out in browsers by that name, and imports it as `node:dns`. */
const WITHOUT_DNS: Plugin = {
  name: 'without DNS',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^node:dns$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Of this package: the repository's root has none. */
const XMPP_CLIENT = fileURLToPath(import.meta.resolve('@xmpp/client'));
