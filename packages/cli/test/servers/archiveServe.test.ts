// A served archive that reads what Prosody archives in PostgreSQL, from where it was.
import { needing, startPostgres, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JULIET, said } from '../archiveFixture.js';
import { type Served, serve } from '../servedArchive.js';
import { stanzaseal } from '../shell.js';

const test = suite('archive serve beside a server');
test.after(stopEverything);

const TABLE = `CREATE TABLE prosodyarchive (sort_id SERIAL PRIMARY KEY, host TEXT NOT NULL, "user" TEXT NOT NULL, store TEXT NOT NULL,
  key TEXT NOT NULL, "when" INTEGER NOT NULL, "with" TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL)`;
const INSERT = `INSERT INTO prosodyarchive (host, "user", store, key, "when", "with", type, value)
  VALUES ('capulet.example', 'juliet', 'archive', $1, 1793527200, '', 'xml', $2)`;

/** Asks for the proof of an entry until it is there. */
async function kept({ get }: Served, id: string): Promise<string> {
  for (;;) {
    const response = await get(`/proof/${JULIET}/${id}`);
    const text = await response.text();
    if (response.status === 200) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test(
  'what the server archived is kept, also what it archives while nobody serves; nothing is there twice',
  needing(['postgres'], async () => {
    const postgres = await startPostgres();
    const { user, host, port, database } = await postgres.createDatabase('prosody');
    const client = await postgres.connect(database);
    await client.query(TABLE);
    const insert = (id: string) => client.query(INSERT, [id, said(id, id)]);
    await insert('one');
    const url = `postgres://${user}@${host}:${port}/${database}`;
    const options = `--source prosody --from ${url}`;
    const first = await serve(options);
    await kept(first, 'one');
    await insert('two');
    await kept(first, 'two');
    first.process.kill('SIGTERM');
    assert.is((await first.ended).code, 0);
    await insert('three');
    const second = await serve(options);
    await kept(second, 'three');
    assert.match(await (await second.get('/metrics')).text(), /^stanzaseal_archive_leaves 3$/m);
    second.process.kill('SIGTERM');
    assert.is((await second.ended).code, 0);
    // The server's database is none of ours: a verb that only reads leaves it as it is.
    const wrong = stanzaseal(`archive page --archive ${url} --signing archive.db.signing --owner ${JULIET}`);
    assert.match(wrong.stderr, /^error: ERR_NOT_FOUND: there is no archive$/m);
    const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'stanzaseal%'");
    assert.equal(rows, []);
    await client.end();
    await postgres.stop();
  }),
);

test.run();
