// PostgreSQL with its whole cluster on a disk of the test's own.
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PostgresServer, startPostgres } from '@stanzaseal/testkit/servers';
import type { LoopDisk } from '../../../keystore/test/loopDisk.js';
import type { DiskEngine, OnDisk } from '../powerLosing.js';
import { childrenOf } from './postgresKilling.js';

const DATABASE = 'archive';

/** An archive in PostgreSQL. */
export const POSTGRES: DiskEngine = {
  size: 128,
  begin: async (disk, how) => {
    const server = await startPostgres({ directory: directoryOn(disk), small: true, durable: how === 'careful' });
    await server.createDatabase(DATABASE);
    disk.synchronise(); // whoever made the cluster did not
    return placeOf(server);
  },
  resume: async (disk) => {
    const directory = directoryOn(disk);
    rmSync(join(directory, 'data', 'postmaster.pid'), { force: true }); // nobody runs after a power loss
    return placeOf(await startPostgres({ directory, small: true }));
  },
};

function placeOf(server: PostgresServer): OnDisk {
  const { user, host, port } = server;
  return {
    url: `postgres://${user}@${host}:${port}/${DATABASE}`,
    processes: () => (server.pid === undefined ? [] : [server.pid, ...childrenOf(server.pid)]),
    stop: server.stop,
  };
}

function directoryOn(disk: LoopDisk): string {
  chmodSync(dirname(disk.path), 0o755); // the server is another user
  const directory = join(disk.path, 'postgres');
  if (!existsSync(directory)) mkdirSync(directory);
  return directory;
}
