/**
 * A temporary folder in which programs run, and what they were told: every file of a run is a plain name in it, so that a
 * command reads in the documentation as it was given.
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a program ended. */
export interface Outcome {
  /** Exit code; 1 for one that could not be started or ran too long. */
  readonly code: number;
  /** Standard output. */
  readonly output: string;
  /** Standard error, or why it did not start. */
  readonly complaint: string;
}

/** Milliseconds that any one program may take. */
const TIME_LIMIT = 60_000;

/** The folder. */
export class Workshop {
  /** Its path; programs run in it. */
  readonly folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes an empty one. */
  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'stanzaseal-peers-')));
  }

  /** Removes it with all that is in it. */
  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A file name that nobody has yet. */
  fresh(extension: string): string {
    return `${++this.#count}.${extension}`;
  }

  /** Writes a file. */
  async write(name: string, content: Uint8Array | string): Promise<void> {
    await writeFile(join(this.folder, name), content);
  }

  /** Reads a file; `undefined` where there is none. */
  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(join(this.folder, name)));
    } catch {
      return undefined;
    }
  }

  /** Runs a program here and waits for its end. */
  run(words: readonly string[], input = ''): Promise<Outcome> {
    const [program = '', ...args] = words;
    return new Promise((resolve) => {
      const child = spawn(program, args, {
        cwd: this.folder,
        env: { ...process.env, LC_ALL: 'C', NO_COLOR: '1', HOME: this.folder, GNUPGHOME: this.folder },
        timeout: TIME_LIMIT,
        killSignal: 'SIGKILL',
      });
      let output = '';
      let complaint = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        complaint += text;
      });
      child.on('error', (error) => resolve({ code: 1, output, complaint: error.message }));
      child.on('close', (code, signal) =>
        resolve({
          code: code ?? 1,
          output,
          complaint: signal === null ? complaint : `${complaint} ended by ${signal}`,
        }),
      );
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  }
}
