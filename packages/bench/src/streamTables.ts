/**
 * Streams: speed in this process, then length and memory in processes of their own.
 * @module
 */
import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KIBIBYTE } from './context.js';
import { median } from './rounds.js';
import { streamWork } from './streams.js';
import type { Job, Scale, Table, Took } from './table.js';

const MEBIBYTE = KIBIBYTE ** 2;
/** At least 0.7 of the speed of the primitive, 0.9 as aim. */
const HELD = { must: 1 / 0.7, aim: 1 / 0.9 } as const;
/** Most memory of the whole process, MiB. */
const MEMORY = 128;

/** Tables of 100 MiB and 1 GiB; of less where it is to be quick. */
export function streamTables({ isQuick }: Scale): Table[] {
  const group = 'streams';
  const [short, long] = isQuick ? [16, 512] : [100, 1024];
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
      runs: 3,
      jobs: async () => [child('base', base, long), { ...child('streams, node:crypto', verb, long, MEMORY), ...HELD }],
    }),
  );
  return [...inProcess, ...alone];
}

/** A stream in another process, and the peak of its memory: the median of three, for a busy machine keeps V8's freeing thread waiting. */
function child(name: string, verb: string, mebibytes: number, limit = Number.POSITIVE_INFINITY): Job {
  const file = fileURLToPath(new URL(`./streamChild${extname(import.meta.url)}`, import.meta.url));
  const peaks: number[] = [];
  return {
    name,
    run: () => undefined,
    async time() {
      const args = [...process.execArgv, file, verb, String(mebibytes * MEBIBYTE)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const { memory, ...took } = JSON.parse(stdout) as Took & { memory: number };
      peaks.push(Math.round(memory / MEBIBYTE));
      return took;
    },
    note: () => `peak of memory ${median(peaks)} MiB (${Math.min(...peaks)}-${Math.max(...peaks)})`,
    missed: () => (median(peaks) > limit ? `${median(peaks)} MiB of memory > ${limit}` : undefined),
  };
}
