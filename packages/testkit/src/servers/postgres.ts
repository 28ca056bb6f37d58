/**
 * PostgreSQL on the loopback.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { pathOf } from './available.js';
import { temporaryDirectory } from './leftovers.js';
import { freePort, HOST } from './ports.js';
import { connectPostgres } from './postgresConnection.js';
import { Program, sleep } from './program.js';

/** Where a database is; nobody is asked for a password on the loopback. */
export interface PostgresDatabase {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** A running PostgreSQL. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly pid: number | undefined;
  readonly readyMs: number;
  readonly directory: string;
  /** Makes an empty database. */
  createDatabase(name: string): Promise<PostgresDatabase>;
  /** A connection, which the caller ends. */
  connect(database?: string | PostgresDatabase): Promise<Client>;
  /** Ends it and keeps port and data. */
  halt(): Promise<void>;
  /** Ends it without warning (SIGKILL), likewise. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
  logTail(lines?: number): string;
}

/** How it is set up. */
export interface PostgresOptions {
  /** Whether a commit waits for the disk; only what tests durability wants it. `false` */
  readonly durable?: boolean;
  /** A directory for its cluster, which is gone on with where one is in it, and stays: for a disk of a test's own. A new one that goes with it */
  readonly directory?: string;
  /** Whether its write-ahead log is kept below 8 MiB: for a small disk. `false` */
  readonly small?: boolean;
}

/** Starts one with an empty cluster, in 1 to 2 s. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { durable = false, small = false } = options;
  const command = pathOf('postgres');
  const directory =
    options.directory === undefined
      ? temporaryDirectory('postgres')
      : { path: options.directory, remove: () => undefined };
  const user = serverUser();
  if (user !== undefined) chownSync(directory.path, user.uid, user.gid);
  const data = join(directory.path, 'data');
  const port = await freePort();
  if (!existsSync(data)) {
    const cluster = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    if (small) cluster.push('--wal-segsize=1');
    execFileSync(join(dirname(command), 'initdb'), [...cluster, '--no-instructions'], {
      ...user,
      cwd: directory.path,
      env: { PATH: process.env.PATH, HOME: directory.path },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
  const settings = [
    `listen_addresses=${HOST}`,
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
    ...(small ? ['min_wal_size=2MB', 'max_wal_size=8MB'] : []),
  ];
  const program = new Program({
    name: 'PostgreSQL',
    command,
    args: ['-D', data, '-p', String(port), '-k', directory.path, ...settings.flatMap((setting) => ['-c', setting])],
    directory: directory.path,
    env: { LC_ALL: 'C' },
    user,
    ports: [port],
    // Ends the sessions and itself; SIGTERM would wait for the sessions.
    endSignal: 'SIGINT',
  });
  const start = async () => {
    await program.start();
    await awake(port);
  };
  const stop = async () => {
    await program.end();
    directory.remove();
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const site = { host: HOST, port, user: 'postgres' };
  const connect = (database: string | PostgresDatabase = 'postgres') =>
    connectPostgres(typeof database === 'string' ? { ...site, database } : database);
  return {
    ...site,
    directory: directory.path,
    get pid() {
      return program.pid;
    },
    get readyMs() {
      return program.readyMs;
    },
    createDatabase: async (name) => {
      const client = await connect();
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`).finally(() => client.end());
      return { ...site, database: name };
    },
    connect,
    halt: () => program.end(),
    kill: () => program.kill(),
    restart: async () => {
      await program.end();
      await start();
    },
    stop,
    logTail: (lines) => program.logTail(lines),
  };
}

/** It refuses to run as root: then as the user that its package made. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (which: '-u' | '-g') => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** It accepts connections before it answers them ("the database system is starting up"), above all after a crash. */
async function awake(port: number): Promise<void> {
  const until = performance.now() + 30_000;
  for (;;) {
    try {
      const client = await connectPostgres({ host: HOST, port, user: 'postgres', database: 'postgres' });
      return await client.end();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(20);
    }
  }
}
