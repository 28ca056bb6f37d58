/** For runs of the CLI on large content: as plain JavaScript, so that its memory is its own, with the octets changed between two runs. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { folder } from './shell.js';

const MIB = 1048576;
/** What a run may take (design: contracts of speed). */
export const MEMORY_BOUND: number = 128 * MIB;
/** Where the runs keep what must not be seen. */
export const temporaryFolder: string = join(folder, 'temporary');

const probe = join(folder, 'probe.mjs');
const main = join(folder, 'bundle', 'main.mjs');
mkdirSync(join(folder, 'bundle'));
mkdirSync(temporaryFolder);
writeFileSync(join(folder, 'package.json'), '{"version":"0.0.0"}');
writeFileSync(
  probe,
  `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PROBE, String(process.resourceUsage().maxRSS * 1024)));`,
);
await build({
  entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
  outdir: join(folder, 'bundle'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // What a verb does not need is not loaded, as in the package itself.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['@stanzaseal/source'],
  external: ['node-sqlite3-wasm', 'pkcs11js', '@napi-rs/keyring'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'error',
});

/** What a run came to. */
export interface Run {
  readonly code: number | null;
  readonly stderr: string;
  /** Length of standard output in octets, and its SHA-256. */
  readonly length: number;
  readonly sha256: string;
  /** The first octets of it. */
  readonly start: Buffer;
  /** The most memory that the process had, in octets. */
  readonly memory: number;
}

/** What to do with a run while it goes. */
export interface Running {
  /** What goes into it: a file, octets, or a run whose output it is; nothing where it is left out. */
  readonly input?: string | Readable;
  /** A file that its output goes into as well. */
  readonly copy?: string;
  /** Called once, when so many octets were written to it, with its process id. */
  readonly after?: { readonly octets: number; readonly act: (pid: number) => void };
}

let runs = 0;

/** Runs `stanzaseal` in the folder of the tests. `output` is what it writes, for another run; then its own result is of no length. */
export function start(args: string, { input, copy, after }: Running = {}): { output: Readable; result: Promise<Run> } {
  const probed = join(folder, `probe-${runs++}`);
  const child = spawn(process.execPath, ['--import', probe, main, ...args.split(' ')], {
    cwd: folder,
    env: { ...process.env, PROBE: probed, TMPDIR: temporaryFolder },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 600_000,
  });
  let stderr = '';
  let hasActed = false;
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const hash = createHash('sha256');
  let [length, head] = [0, Buffer.alloc(0)];
  const seen = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      if (length === 0) head = Buffer.from(chunk.subarray(0, 16));
      length += chunk.length;
      done(undefined, chunk);
    },
  });
  child.stdout.pipe(seen);
  if (copy !== undefined) seen.pipe(createWriteStream(join(folder, copy)));
  feed(typeof input === 'string' ? createReadStream(join(folder, input)) : input, child.stdin, (octets) => {
    if (after === undefined || hasActed || octets < after.octets) return;
    hasActed = true;
    after.act(child.pid as number);
  });
  const result = new Promise<Run>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      const memory = Number(readFileSync(probed, 'utf8'));
      rmSync(probed);
      resolve({ code, stderr, length, sha256: hash.copy().digest('hex'), start: head, memory });
    });
  });
  return { output: seen, result };
}

/** Runs to the end; standard output is counted and forgotten. */
export async function stream(args: string, running: Running = {}): Promise<Run> {
  const { output, result } = start(args, running);
  output.resume();
  return result;
}

function feed(from: Readable | undefined, into: Writable, written: (octets: number) => void): void {
  if (from === undefined) return void into.end();
  let octets = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      octets += chunk.length;
      written(octets);
      done(undefined, chunk);
    },
  });
  // Who stops reading early closes the pipe: that is no failure of the test.
  pipeline(from, counted, into).catch(() => from.destroy());
}

/** Leaves out the last octets of a stream, or changes one of them. */
export function damaged(what: { readonly cut: number } | { readonly flip: number }): Transform {
  const held = 'cut' in what ? what.cut : what.flip;
  let tail = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([tail, chunk]);
      const at = Math.max(0, all.length - held);
      tail = Buffer.from(all.subarray(at));
      done(undefined, all.subarray(0, at));
    },
    flush(done) {
      if ('cut' in what) return done();
      tail[0] = (tail[0] as number) ^ 1;
      done(undefined, tail);
    },
  });
}

/** Octets without order, always the same. @returns SHA-256 of them */
export async function writeLarge(name: string, length: number): Promise<string> {
  const hash = createHash('sha256');
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0, i = 0; at < length; at += MIB, i++) {
      const block = createHash('shake256', { outputLength: 4096 }).update(`${i}`).digest();
      const piece = Buffer.concat(Array.from({ length: MIB / 4096 }, () => block)).subarray(0, length - at);
      hash.update(piece);
      yield piece;
    }
  }
  await pipeline(pieces(), createWriteStream(join(folder, name)));
  return hash.digest('hex');
}

/** Files that nobody should find: unfinished ones, and what is left in the folder for temporary files. */
export function leftovers(): string[] {
  return [...readdirSync(folder), ...readdirSync(temporaryFolder)].filter((name) => name.endsWith('.tmp'));
}
