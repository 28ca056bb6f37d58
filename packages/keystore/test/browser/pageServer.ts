// Serves page.ts, bundled from sources, on loopback: an origin where WebCrypto and Web Locks are to be had.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Serves until `close`. */
export async function servePage(): Promise<{ readonly url: string; close(): void }> {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [here('./page.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['@stanzaseal/source'],
    plugins: [
      {
        name: 'the fixture of a page',
        setup: (bundle) =>
          bundle.onResolve({ filter: /^\.\/fixture\.js$/ }, () => ({ path: here('./browserFixture.ts') })),
      },
    ],
  });
  const script = outputFiles[0]?.contents as Uint8Array;
  const server = createServer(({ url }, response) => {
    if (url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else if (url === '/')
      response.setHeader('content-type', 'text/html').end('<script type="module" src="/page.js"></script>');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
