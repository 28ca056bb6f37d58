/**
 * 1 GiB through `cms encrypt | cms decrypt` and `cms sign | cms verify`, whole and with a damaged end, each process in less than 128 MiB;
 * `SOAK=long`: 5 GiB, for which lengths of four octets do not suffice.
 */
import { createCipheriv } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeKeys } from '../cmsFixture.js';
import { folder } from '../shell.js';
import { damaged, leftovers, MEMORY_BOUND, type Run, start, stream, writeLarge } from '../streamFixture.js';

const MIB = 1048576;
const isShort = process.env.SOAK === 'short';
const length = (isShort ? 1024 : 5120) * MIB;
const DAMAGES = [{ flip: 1 }, { cut: 1 }, { cut: 65536 }, { flip: 65536 }];
const failures: string[] = [];

makeKeys();
const sha256 = await writeLarge('huge', length);
console.log(`${length / MIB} MiB; AES-256-GCM alone in this process: ${rawSpeed().toFixed(0)} MB/s`);

for (const [write, read, code] of [
  ['cms encrypt --recipient agree.pub --content-type 2.25.1', 'cms decrypt --key agree.pem', 'ERR_OPEN'],
  ['cms sign --key sign.pem --content-type 2.25.1', 'cms verify --signer sign.pub', 'ERR_VERIFY'],
] as const) {
  for (const input of isShort ? [''] : ['', ' --in huge']) {
    const begin = performance.now();
    const first = start(`${write}${input}`, input === '' ? { input: 'huge' } : {});
    const second = await stream(read, { input: first.output });
    tell(`${write.slice(0, 11)}${input} | ${read.slice(0, 11)}`, begin, await first.result, second);
    check(second.length === length && second.sha256 === sha256, `${read}: another content`);
  }
  let begin = performance.now();
  const written = await stream(`${write} --in huge --out huge.cms`);
  tell(`${write.slice(0, 11)} --in --out`, begin, written);
  begin = performance.now();
  tell(`${read.slice(0, 11)} --in --out`, begin, await stream(`${read} --in huge.cms --out huge.out`));
  check(existsSync(join(folder, 'huge.out')), 'no output');
  rmSync(join(folder, 'huge.out'), { force: true });
  rmSync(join(folder, 'huge.cms'), { force: true });
  for (const [i, damage] of DAMAGES.slice(0, isShort ? 2 : 4).entries()) {
    for (const out of isShort ? ([[' --out huge.out'], ['']][i] ?? []) : ['', ' --out huge.out']) {
      begin = performance.now();
      const { output } = start(write, { input: 'huge' });
      const refused = await stream(`${read}${out}`, { input: output.pipe(damaged(damage)) });
      const what = `${read}${out} of ${JSON.stringify(damage)}`;
      check(
        refused.code === 1 && refused.stderr.startsWith(`error: ${code}: `),
        `${what}: ${refused.code} ${refused.stderr}`,
      );
      check(refused.length === 0 && !existsSync(join(folder, 'huge.out')), `${what}: something came out`);
      check(refused.memory < MEMORY_BOUND, `${what}: ${refused.memory / MIB} MiB`);
      check(leftovers().length === 0, `${what}: left ${leftovers().join(' ')}`);
    }
  }
}

for (const failure of failures) console.log(failure);
console.log(failures.length === 0 ? 'streams: all as it must be' : `streams: ${failures.length} things are not`);
process.exitCode = failures.length === 0 ? 0 : 1;

function tell(what: string, begin: number, ...runs: readonly Run[]): void {
  const seconds = (performance.now() - begin) / 1000;
  const memory = runs.map((each) => `${(each.memory / MIB).toFixed(0)} MiB`).join(' and ');
  console.log(`${what}: ${(length / 1e6 / seconds).toFixed(0)} MB/s, ${memory}`);
  for (const { code, stderr, memory } of runs)
    check(code === 0 && stderr === '' && memory < MEMORY_BOUND, `${what}: ${code} ${stderr} ${memory / MIB} MiB`);
}

function check(holds: boolean, what: string): void {
  if (!holds) failures.push(`FAILED: ${what}`);
}

/** MB/s over 1 GiB in pieces of 64 KiB. */
function rawSpeed(): number {
  const piece = new Uint8Array(65536);
  const begin = performance.now();
  const cipher = createCipheriv('aes-256-gcm', new Uint8Array(32), new Uint8Array(12));
  for (let at = 0; at < 1024 * MIB; at += piece.length) cipher.update(piece);
  cipher.final();
  return (1024 * MIB) / 1000 / (performance.now() - begin);
}
