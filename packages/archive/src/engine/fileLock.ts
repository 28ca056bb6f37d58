/**
 * One process at a time has a database of SQLite open. Node has no lock that the kernel releases, so each process claims by a file
 * of its own name, `FILE.claim.PID.START.TOKEN.HOST`, and then looks for others: of two at once at least one sees the other and
 * withdraws. A claim of a dead process is anybody's to remove, since no name is used twice.
 * @module
 */
import { rmSync } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';

/** Claims a file until the function that it gives is called, or the process ends. @throws ArchiveError `ERR_STORE` where another has it */
export async function claimFile(file: string, random: RandomSource): Promise<() => Promise<void>> {
  const token = toHex(drawOctets(random, 8));
  const path = `${file}.claim.${process.pid}.${(await startOf(process.pid)) ?? 0}.${token}.${host()}`;
  await refuseOthers(file);
  const unlink = () => rmSync(path, { force: true });
  const release = async () => {
    process.off('exit', unlink);
    await rm(path, { force: true });
  };
  process.once('exit', unlink);
  try {
    await (await open(path, 'wx', 0o600)).close();
    await refuseOthers(file, basename(path));
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

async function refuseOthers(file: string, own?: string): Promise<void> {
  const prefix = `${basename(file)}.claim.`;
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(prefix) || name === own) continue;
    const [, pid, start, on] = /^(\d+)\.(\d+)\.[0-9a-f]{16}\.([\w-]*)$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined) continue;
    // Of another host nothing is known.
    if (on !== host() || (await isAlive(Number(pid), start as string)))
      throw new ArchiveError('ERR_STORE', `archive is in use: ${name} names the process and its host`);
    await rm(join(dirname(file), name), { force: true });
  }
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

/** When a living process started, where the system tells (proc(5): field 22 of `stat`); of one that died and was not waited for, a time that is nobody's. */
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
