/**
 * A real Chromium without a window.
 * @module
 */
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { pathOf } from './available.js';
import { temporaryDirectory, undoAtExit } from './leftovers.js';

export type { Page } from 'playwright-core';

/** A running browser with a profile that lasts until it is stopped. */
export interface Chromium {
  /** Opens a page. Its errors and what it writes to the console are kept in `messages`. */
  open(url: string): Promise<Page>;
  /** Console lines and uncaught errors of all pages. */
  readonly messages: readonly string[];
  /** Ends the browser and starts it again with the same profile; its pages are gone. */
  restart(): Promise<void>;
  /** Ends it and removes the profile; does nothing the second time. */
  stop(): Promise<void>;
}

/**
 * Starts one, in 1 to 2 s. What is on `localhost` counts as a secure context there, so that WebCrypto is to be had.
 * @example
 * const site = await servePage({ '/': page('<script src="/app.js"></script>'), '/app.js': await bundle('app.ts') });
 * const browser = await startChromium();
 * const tab = await browser.open(site.url);
 */
export async function startChromium(): Promise<Chromium> {
  const executablePath = pathOf('chromium');
  const profile = temporaryDirectory('chromium');
  const messages: string[] = [];
  const launch = () =>
    chromium.launchPersistentContext(profile.path, {
      executablePath,
      headless: true,
      // It leaves a directory behind among temporary files.
      env: { ...process.env, TMPDIR: profile.path },
      // Root may not use its sandbox, and /dev/shm is small in containers.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
  let running: BrowserContext | undefined;
  let forget = () => undefined as unknown;
  const end = async () => {
    await running?.close();
    running = undefined;
    forget();
  };
  const start = async () => {
    const context = await launch();
    running = context;
    forget = undoAtExit(() => void context.close().catch(() => undefined));
  };
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await end();
    profile.remove();
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    messages,
    open: async (url) => {
      if (running === undefined) throw new Error('the browser is not running');
      const page = await running.newPage();
      page.on('console', (line) => messages.push(line.text()));
      page.on('pageerror', (error) => messages.push(String(error)));
      await page.goto(url);
      return page;
    },
    restart: async () => {
      await end();
      await start();
    },
    stop,
  };
}
