/**
 * A small web server for test pages.
 * @module
 */
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { undoAtExit } from './leftovers.js';
import { freePort, HOST } from './ports.js';

/** Path, as `/app.js`, to content; asked for at each request where it is a function. */
export type PageFiles = Readonly<Record<string, string | Uint8Array | (() => string | Uint8Array)>>;

/** Headers besides the type of the content, such as `content-security-policy`. */
export type PageHeaders = Readonly<Record<string, string>>;

/** A web server on the loopback. */
export interface PageServer {
  /** `http://localhost:port/`: a secure context. */
  readonly url: string;
  /** Paths that were asked for and are not there. */
  readonly missing: readonly string[];
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves these files and nothing else. */
export async function servePage(files: PageFiles, headers: PageHeaders = {}): Promise<PageServer> {
  const port = await freePort();
  const missing: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', `http://${HOST}`);
    const file = Object.hasOwn(files, pathname) ? files[pathname] : undefined;
    // Every browser asks for the icon.
    if (file === undefined && pathname !== '/favicon.ico') missing.push(pathname);
    if (file === undefined) return void response.writeHead(404).end();
    const type = TYPES[extname(pathname)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...headers });
    response.end(typeof file === 'function' ? file() : file);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, HOST, resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const forget = undoAtExit(close);
  return {
    url: `http://localhost:${port}/`,
    missing,
    stop: async () => {
      forget();
      close();
    },
  };
}
