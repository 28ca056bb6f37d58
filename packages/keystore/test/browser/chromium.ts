// A headless Chromium, spoken to by the DevTools protocol over a pipe: no port, no library.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

/** The command that starts Chromium here, if there is one. */
export function findChromium(): string | undefined {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
      return name;
    } catch {}
  }
  return undefined;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A running browser. */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #events: { method: string; sessionId: string | undefined; tell: () => void }[] = [];
  #number = 0;

  /** Starts one. @param profile directory of its profile */
  constructor(command: string, profile: string) {
    this.#process = spawn(command, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // It leaves a directory behind among temporary files.
      env: { ...process.env, TMPDIR: profile },
    });
    // All its processes write there, and some outlive it by 40 ms, still with files to write in the profile: `close` is after the
    // last of them, `exit` after the first.
    this.#ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stderr?.resume();
    let rest = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() as string;
      for (const message of messages) this.#take(JSON.parse(message));
    });
  }

  /** Opens a page in a tab of its own and waits until it is loaded. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, String(sessionId), String(targetId));
    await tab.call('Page.enable');
    await tab.load(() => tab.call('Page.navigate', { url }));
    return tab;
  }

  /** Calls a method. */
  async call(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#number;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  /** The next event of a name in a session. */
  next(method: string, sessionId?: string): Promise<void> {
    return new Promise((tell) => this.#events.push({ method, sessionId, tell }));
  }

  /** Closes it in order, so that everything is written. */
  async close(): Promise<void> {
    await this.call('Browser.close').catch(() => undefined);
    await this.#ended;
  }

  /** Ends its process at once. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #take(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    }
    const at = this.#events.findIndex(
      ({ method, sessionId }) => method === answer.method && sessionId === answer.sessionId,
    );
    if (at !== -1) this.#events.splice(at, 1)[0]?.tell();
  }
}

/** A tab with a page in it. */
export class Tab {
  readonly #browser: Chromium;
  readonly #session: string;
  readonly #target: string;

  constructor(browser: Chromium, session: string, target: string) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
  }

  /** Calls a method of its session. */
  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.call(method, params, this.#session);
  }

  /** Does something and waits until a page is loaded. */
  async load(action: () => Promise<unknown>): Promise<void> {
    const loaded = this.#browser.next('Page.loadEventFired', this.#session);
    await action();
    await loaded;
  }

  /** Loads its page anew. */
  reload(): Promise<void> {
    return this.load(() => this.call('Page.reload'));
  }

  /** Calls one of the page's functions, with values of JSON, and gives what it resolves to. */
  async run<T>(name: string, ...values: readonly unknown[]): Promise<T> {
    const expression = `globalThis.stanzaseal.${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`;
    const { result, exceptionDetails } = (await this.call('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? `${name} failed`);
    return result.value;
  }

  /** Closes the tab. */
  async close(): Promise<void> {
    await this.#browser.call('Target.closeTarget', { targetId: this.#target });
  }
}
