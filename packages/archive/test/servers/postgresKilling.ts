// What can be killed of a PostgreSQL that an archive is in: the archiver, the process of the server that writes for it, and the whole server.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { PostgresServer } from '@stanzaseal/testkit/servers';
import { killWriter, type Strike } from '../killing.js';

/** Kills the one or the other by its number: of twenty, three times the session and once the server. */
export function strikeAt(server: PostgresServer): Strike {
  return async (writer, number) => {
    if (number % 20 === 4) return killServer(server);
    // Between two transactions no process writes: then it is the archiver's turn after all.
    if (number % 7 !== 2 || !(await killSession(server))) return killWriter(writer);
  };
}

/** The process that just writes for the archiver: the server then ends every session, and recovers by itself. */
async function killSession(server: PostgresServer): Promise<boolean> {
  const client = await server.connect();
  const sql =
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'stanzaseal' AND state <> 'idle' ORDER BY query_start";
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      const [session] = (await client.query(sql)).rows as { pid: number }[];
      if (session !== undefined && killed(session.pid)) return true;
    }
  } finally {
    await client.end().catch(() => undefined);
  }
  return false;
}

function killed(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/** The first process of the server and every other at once; then it is started again. */
async function killServer(server: PostgresServer): Promise<void> {
  const all = [server.pid as number, ...childrenOf(server.pid as number)];
  for (const pid of all) killed(pid);
  while (all.some(isThere)) await setTimeout(5);
  await server.kill();
  await server.restart();
}

/** Processes of a server: its own children. */
export function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => statOf(pid)?.[1] === `${parent}`);
}

function isThere(pid: number): boolean {
  const [state] = statOf(pid) ?? [];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** State and parent: fields 3 and 4 of `/proc/PID/stat`. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ', 2);
  } catch {
    return undefined;
  }
}
