/**
 * Streams: speed in this process, then length and memory in processes of their own.
 * @module
 */
import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KIBIBYTE } from './context.js';
import { streamWork } from './streams.js';
import type { Job, Scale, Table } from './table.js';

const MEBIBYTE = KIBIBYTE ** 2;
/** At least 0.7 of the speed of the primitive, 0.9 as aim. */
const HELD = { must: 1 / 0.7, aim: 1 / 0.9 } as const;
/** Most memory of the whole process, octets. */
const MEMORY = 128 * MEBIBYTE;

/** Tables of 100 MiB and 1 GiB; of less where it is to be quick. */
export function streamTables({ isQuick }: Scale): Table[] {
  const group = 'streams';
  const [short, long] = isQuick ? [16, 128] : [100, 1024];
  const inProcess = [
    {
      group,
      title: `encrypt ${short} MiB`,
      async jobs() {
        const { encrypt, baseEncrypt } = streamWork(short * MEBIBYTE);
        return [
          { name: 'base', run: baseEncrypt },
          { name: 'streams, node:crypto', run: encrypt, ...HELD },
        ];
      },
    },
    {
      group,
      title: `decrypt ${short} MiB`,
      async jobs() {
        const { base, run } = await streamWork(short * MEBIBYTE).decrypting();
        return [
          { name: 'base', run: base },
          { name: 'streams, node:crypto', run, ...HELD },
        ];
      },
    },
  ];
  const alone = (
    [
      ['encrypt', 'baseEncrypt', 'encrypt'],
      ['both', 'baseBoth', 'encrypt and decrypt'],
    ] as const
  ).map(
    ([verb, base, title]): Table => ({
      group,
      title: `${title} ${long.toLocaleString('en')} MiB, each in a process of its own`,
      clock: 'wall',
      runs: isQuick ? 1 : 3,
      jobs: async () => [child('base', base, long), { ...child('streams, node:crypto', verb, long, MEMORY), ...HELD }],
    }),
  );
  return [...inProcess, ...alone];
}

/** A stream in another process, and the most memory it took. */
function child(name: string, verb: string, mebibytes: number, limit = Number.POSITIVE_INFINITY): Job {
  const file = fileURLToPath(new URL(`./streamChild${extname(import.meta.url)}`, import.meta.url));
  let most = 0;
  return {
    name,
    run: () => undefined,
    async time() {
      const args = [...process.execArgv, file, verb, String(mebibytes * MEBIBYTE)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const { time, memory } = JSON.parse(stdout) as { time: number; memory: number };
      most = Math.max(most, memory);
      return time;
    },
    note: () => `${Math.round(most / MEBIBYTE)} MiB of memory at most`,
    missed: () => (most > limit ? `${Math.round(most / MEBIBYTE)} MiB of memory > ${limit / MEBIBYTE}` : undefined),
  };
}
