/** What nobody knows to be on the disk is not gone on with (K10): after a commit that failed, and in the log of a process that was killed. */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '@stanzaseal/cms/provider';
import sqlite from 'node-sqlite3-wasm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArchiveError } from '../src/archiveError.js';
import type { Table } from '../src/engine/database.js';
import { openSqliteDatabase } from '../src/engine/sqliteDatabase.js';

const test = suite('archive: the file of SQLite');
const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-archive-'));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const LINES: Table = { name: 'lines', columns: { number: 'int', line: 'text' }, key: ['number'] };
const { exec } = sqlite.Database.prototype;
test.after.each(() => {
  sqlite.Database.prototype.exec = exec;
});

/** What a promise is rejected with. */
function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing',
    (reason: unknown) => reason,
  );
}

test('a commit that fails ends what the database says; opening it anew tells', async () => {
  const path = join(directory, 'archive.db');
  const database = await openSqliteDatabase(path, systemRandom);
  await database.createTables([LINES]);
  await database.insert(LINES, [[1, 'kept']]);
  sqlite.Database.prototype.exec = function (sql: string) {
    if (sql === 'COMMIT') throw new Error('disk I/O error');
    return exec.call(this, sql);
  };
  const failure = await refusal(database.insert(LINES, [[2, 'lost']]));
  assert.instance(failure, ArchiveError);
  sqlite.Database.prototype.exec = exec;
  assert.is(await refusal(database.rows('SELECT * FROM lines')), failure);
  assert.is(await refusal(database.insert(LINES, [[3, 'refused']])), failure);
  await database.close();

  const again = await openSqliteDatabase(path, systemRandom);
  assert.equal(await again.rows('SELECT line FROM lines ORDER BY number'), [{ line: 'kept' }]);
  await again.insert(LINES, [[2, 'written']]);
  await again.close();
});

test('what a process that was killed left in the log is brought into the database before anything is answered', async () => {
  const [path, left] = [join(directory, 'killed.db'), join(directory, 'left.db')];
  const database = await openSqliteDatabase(path, systemRandom);
  await database.createTables([LINES]);
  await database.insert(LINES, [[1, 'kept']]);
  for (const part of ['', '-wal']) copyFileSync(path + part, left + part);
  await database.close();
  const before = statSync(left).size;
  assert.ok(statSync(`${left}-wal`).size > 0);
  const again = await openSqliteDatabase(left, systemRandom);
  assert.is(statSync(`${left}-wal`).size, 0);
  assert.ok(statSync(left).size > before);
  assert.equal(await again.rows('SELECT line FROM lines'), [{ line: 'kept' }]);
  await again.close();
});

test.run();
