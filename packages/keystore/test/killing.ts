// Processes that work on a store of their own, and are killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { bundledProgram } from '@stanzaseal/testkit/programs';
import * as assert from 'uvu/assert';
import { createFileStorage } from '../src/fileStorage.js';
import { createAccount, createKeyStore, openKeyStore } from '../src/index.js';
import { clock, cost, crypto, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { type DiskKind, diskStorage } from './storageKinds.js';

/** What is in the directory of a store in a file that nobody holds. */
export const FILES: readonly string[] = ['erasure', 'keystore'];
const FILES_OF: Readonly<Record<DiskKind, readonly string[]>> = {
  file: FILES,
  sqlite: ['keystore.db', 'keystore.db-erasure'],
};

const child = await bundledProgram(new URL('./commitChild.ts', import.meta.url));
const peer = 'romeo@montague.example';

/** A directory with a new store in it, closed; in a file under the passphrase where no kind is said. */
export async function newStore(kind?: DiskKind): Promise<string> {
  const directory = temporaryDirectory();
  const storage = await (kind === undefined
    ? createFileStorage({ directory, passphrase, cost, random, crypto })
    : diskStorage(kind, directory).create());
  await (await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }))).close();
  return directory;
}

/** A process that works on a store. */
export interface Running {
  readonly process: ChildProcess;
  /** The next line it says; `undefined` at its end. */
  next(): Promise<string | undefined>;
  /** Every line it said until its end. */
  rest(): Promise<string[]>;
}

/** Starts `commitChild.ts`. @param shell a command before it, in its shell */
export function start(args: readonly string[], shell?: string): Running {
  const node = [process.execPath, child, ...args];
  const command = shell === undefined ? node : ['sh', '-c', `${shell} && exec "$@"`, 'sh', ...node];
  const started = spawn(command[0] as string, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  // Its output ends before it does, and until it has been waited for its number still names a process.
  const ended = new Promise((resolve) => started.once('exit', resolve));
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string | undefined;
  const rest = async () => {
    const said: string[] = [];
    for (let line = await next(); line !== undefined; line = await next()) said.push(line);
    await ended;
    return said;
  };
  return { process: started, next, rest };
}

/**
 * Kills processes amid commits that each change several records and, every second one, erase prekeys: the state before a
 * commit is there or the one after it, and nothing acknowledged is lost.
 */
export async function killAmidCommits(
  kind: DiskKind,
  lanes: number,
  rounds: number,
): Promise<{ kills: number; acknowledged: number; erased: number }> {
  const told = { kills: 0, acknowledged: 0, erased: 0 };
  const directories = await Promise.all(Array.from({ length: lanes }, () => newStore(kind)));
  await Promise.all(
    directories.map(async (directory) => {
      let last = 0;
      for (let round = 0; round < rounds; round++) {
        const committing = start([directory, 'commit', `${last + 1}`, kind]);
        assert.is(await committing.next(), 'open');
        await committing.next();
        await new Promise((resolve) => setTimeout(resolve, ((random(1)[0] as number) / 256) * 40));
        committing.process.kill('SIGKILL');
        const said = await committing.rest();
        const store = await openKeyStore(await diskStorage(kind, directory, 5000).open());
        const { counter = 0 } = (await store.get('conversations', peer)) ?? {};
        const seen = (await store.entries('seen')).map(([key]) => key);
        const prekeys = (await store.entries('prekeys')).map(([key]) => key).filter((key) => key.length < 64);
        await store.close();
        assert.equal(seen, [`${counter}`]); // all records of one commit, or none
        prekeys.sort((a, b) => Number(a) - Number(b));
        assert.equal(prekeys, counter % 2 === 0 || counter === 1 ? [`${counter}`] : [`${counter - 1}`, `${counter}`]);
        const known = Number(said.at(-1) ?? last + 1);
        assert.ok(counter === known || counter === known + 1, `told ${known}, found ${counter}`);
        assert.equal(readdirSync(directory).sort(), FILES_OF[kind]);
        told.kills++;
        told.acknowledged += counter - last;
        told.erased += 2 * (Math.floor(counter / 2) - Math.floor(last / 2));
        last = counter;
      }
    }),
  );
  return told;
}
