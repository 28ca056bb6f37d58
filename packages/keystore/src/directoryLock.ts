/**
 * A lock on a directory, held by one process at a time (I15).
 *
 * Node has no lock that the kernel releases, and one lock file cannot be taken over from a dead process safely: between
 * finding it stale and replacing it, another may have replaced it. So each process claims by a file of its own name,
 * `lock.PID.START.TOKEN.HOST`, and then looks for others: of two at once, at least one sees the other and withdraws. The
 * claim of a dead process can be removed by anybody at any time, since no name is used twice.
 * @module
 */
import { rmSync } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { KeyStoreError } from './keyStoreError.js';

/** A held lock. */
export interface DirectoryLock {
  /** Gives it up. */
  release(): Promise<void>;
}

/**
 * Locks a directory until `release`, or until this process ends in whatever way. Two that try at the very same moment may
 * both be refused; patience settles it.
 * @param patience how long to wait for another holder, in ms
 * @throws KeyStoreError `ERR_IN_USE`
 */
export async function lockDirectory(directory: string, patience: number, random: RandomSource): Promise<DirectoryLock> {
  for (let left = patience; ; ) {
    const claim = await tryToLock(directory, random);
    if (typeof claim !== 'string') return claim;
    if (left <= 0)
      throw new KeyStoreError('ERR_IN_USE', `key store is in use: ${claim} names the process and its host`);
    const pause = Math.min(left, 10 + (drawOctets(random, 1)[0] as number) / 8); // uneven, or two would meet for ever
    await setTimeout(pause);
    left -= pause;
  }
}

/** The lock, or the name of the claim in its way. */
async function tryToLock(directory: string, random: RandomSource): Promise<DirectoryLock | string> {
  const before = await findClaim(directory);
  if (before !== undefined) return before;
  const name = `lock.${process.pid}.${(await startOf(process.pid)) ?? 0}.${toHex(drawOctets(random, 8))}.${host()}`;
  const path = join(directory, name);
  const release = async () => {
    claims.delete(path);
    await rm(path, { force: true });
  };
  if (claims.size === 0) process.off('exit', unlinkClaims).once('exit', unlinkClaims);
  claims.add(path);
  try {
    await (await open(path, 'wx', 0o600)).close();
    const other = await findClaim(directory, name);
    if (other === undefined) return { release };
    await release();
    return other;
  } catch (error) {
    await release();
    throw error;
  }
}

/** The claims of this process, for its end: locks belong to a process, and it has one list of them. */
const claims = new Set<string>();

function unlinkClaims(): void {
  for (const path of claims) rmSync(path, { force: true });
}

/** The claim of another that lives; those of the dead are removed. */
async function findClaim(directory: string, own?: string): Promise<string | undefined> {
  for (const name of await readdir(directory)) {
    const [, pid, start, on] = /^lock\.(\d+)\.(\d+)\.[0-9a-f]{16}\.([\w-]*)$/.exec(name) ?? [];
    if (pid === undefined || name === own) continue;
    if (on !== host() || (await isAlive(Number(pid), start as string))) return name; // of another host nothing is known
    await rm(join(directory, name), { force: true });
  }
  return undefined;
}

async function isAlive(pid: number, start: string): Promise<boolean> {
  const started = await startOf(pid);
  if (started !== undefined && start !== '0') return started === start; // else the number was given to a later process
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a living process started, where the system tells (Linux, proc(5): field 22 of `stat`, in ticks); of one that died and was not waited for, a time that is nobody's. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : fields[19];
}

function host(): string {
  return hostname()
    .replace(/[^\w-]/g, '-')
    .slice(0, 64);
}
