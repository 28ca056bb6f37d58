import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  available,
  connectClient,
  needing,
  type PostgresDatabase,
  type PostgresServer,
  startEjabberd,
  startPostgres,
  startProsody,
  stopEverything,
  type XmppServer,
} from '../../src/servers/index.js';

const test = suite('PostgreSQL of the harness');
let postgres: PostgresServer;

test.before(async () => {
  if (available('postgres')) postgres = await startPostgres();
});
test.after(stopEverything);

test(
  'what was committed is there after a kill and a restart',
  needing(['postgres'], async () => {
    const database = await postgres.createDatabase('kept "here"');
    const before = await postgres.connect(database);
    await before.query('CREATE TABLE kept (words text)');
    await before.query('INSERT INTO kept VALUES ($1)', ['for good']);
    const { port, pid } = postgres;
    const lost = new Promise((resolve) => before.once('end', resolve));
    await postgres.kill();
    await lost;
    await postgres.restart();
    assert.is(postgres.port, port);
    assert.is.not(postgres.pid, pid);
    const after = await postgres.connect(database);
    assert.equal((await after.query('SELECT words FROM kept')).rows, [{ words: 'for good' }]);
    await after.end();
  }),
);

/** One message each way between alice and bob, and how many rows the archive has then. */
async function archivedRows(server: XmppServer, database: PostgresDatabase, table: string): Promise<number> {
  await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
  const alice = await connectClient(server, { username: 'alice' });
  const bob = await connectClient(server, { username: 'bob' });
  const there = await alice.say(bob.jid, 'there');
  await bob.waitFor((stanza) => stanza.attrs.id === there);
  const back = await bob.say(alice.jid, 'and back');
  await alice.waitFor((stanza) => stanza.attrs.id === back);
  await Promise.all([alice.stop(), bob.stop()]);
  const client = await postgres.connect(database);
  const { rows } = await client.query(`SELECT count(*)::int AS count FROM ${table}`);
  await client.end();
  return rows[0].count;
}

test(
  "Prosody's archive lies in it: a row for each side of a message",
  needing(['postgres', 'prosody'], async () => {
    const archive = await postgres.createDatabase('prosody');
    const server = await startProsody({ archive });
    assert.is(await archivedRows(server, archive, 'prosodyarchive'), 4);
    await server.stop();
  }),
);

test(
  "ejabberd's archive lies in it: a row for each side of a message",
  needing(['postgres', 'ejabberd'], async () => {
    const archive = await postgres.createDatabase('ejabberd');
    const server = await startEjabberd({ archive });
    assert.is(await archivedRows(server, archive, 'archive'), 4);
    await server.stop();
  }),
);

test(
  'nothing is left of it when it was stopped',
  needing(['postgres'], async () => {
    const { pid, directory } = postgres;
    const connected = await postgres.connect();
    await postgres.stop();
    assert.is(postgres.pid, undefined);
    assert.not(existsSync(`/proc/${pid}`), 'its process still runs');
    assert.not(existsSync(directory), 'its directory is still there');
    await connected.end().catch(() => undefined);
  }),
);

test.run();
