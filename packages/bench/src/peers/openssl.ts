/**
 * OpenSSL's CMS in C, compiled when it is asked for and run in a process of its own, which times itself.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';

const SOURCE = fileURLToPath(new URL('../../src/peers/openssl.c', import.meta.url));
let program: { folder: string; version: string } | undefined;

/** OpenSSL by its own C program, or `undefined` where there is no compiler or no header of it. */
export async function opensslPeer(content: Uint8Array, count: number): Promise<Peer | undefined> {
  program ??= compile();
  if (program === undefined) return undefined;
  const { folder, version } = program;
  const file = join(folder, `content${content.length}`);
  writeFileSync(file, content);
  const run = (verb: 'seal' | 'open', runs: number): number =>
    Number(execFileSync(join(folder, 'openssl'), [file, String(count), verb, String(runs)], { encoding: 'utf8' }));
  return {
    name: `${version}, from C`,
    note: 'P-256 under certificates; CMS_sign, CMS_encrypt',
    isNative: true,
    seal: () => run('seal', 1),
    open: () => run('open', 1),
    time: async (verb) => run(verb, Math.max(5, Math.round(200 / count))),
  };
}

function compile(): typeof program {
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync('cc', ['-O2', '-o', join(folder, 'openssl'), SOURCE, '-lcrypto'], { stdio: 'ignore' });
    const version = execFileSync('openssl', ['version'], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' ');
    return { folder, version };
  } catch {
    return undefined;
  }
}
