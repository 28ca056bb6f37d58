// An archive in files of SQLite: everything that holds for every archive, and what is its own.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { coreOf } from '../src/archive.js';
import { codeOf, JULIET, opened, type Place, plain, START, temporaryDirectory } from './fixture.js';
import { addIntegrityTests } from './integrityTests.js';
import { addKeepingTests } from './keepingTests.js';
import { addQueryTests } from './queryTests.js';
import { addRetentionTests } from './retentionTests.js';
import { addRightsTests } from './rightsTests.js';
import { addScrubTests } from './scrubTests.js';
import { fileOf, sqlitePlace } from './sqlitePlace.js';

const test = suite('archive in SQLite');

const place = sqlitePlace;
const directory = dirname(fileOf(place.url()));
const wrap = (body: (place: Place) => Promise<void>) => () => body(place);
addKeepingTests(test, wrap);
addQueryTests(test, wrap);
addIntegrityTests(test, wrap);
addRightsTests(test, wrap);
addRetentionTests(test, wrap);
addScrubTests(test, wrap);

test('one process at a time has it open; closing gives it up', async () => {
  const { archive, url } = await opened(place);
  assert.is(await codeOf(opened(place, {}, url)), 'ERR_STORE');
  await archive.close();
  await (await opened(place, {}, url)).archive.close();
  assert.equal(
    readdirSync(directory).filter((name) => name.includes('claim')),
    [],
  );
});

test('the keys may be somewhere else', async () => {
  const keys = `sqlite:${join(temporaryDirectory(), 'keys.db')}`;
  const { archive, url } = await opened(place, { keys });
  await archive.put(plain('x'), { owner: JULIET, receivedAt: START, stanzaId: 'a' });
  await archive.close();
  assert.not.ok(existsSync(`${url.slice('sqlite:'.length)}.keys`));
  assert.is(await codeOf(opened(place, {}, url)), 'ERR_STORE', 'without the keys it is not opened');
  const again = await opened(place, { keys }, url);
  assert.is((await again.archive.page({ owner: JULIET })).entries.length, 1);
  await again.archive.close();
});

test('what must exist is opened, and where there is none nothing is made or changed', async () => {
  const mustExist = { mustExist: true };
  const missing = join(directory, 'missing.db');
  assert.is(await codeOf(opened(place, mustExist, `sqlite:${missing}`)), 'ERR_NOT_FOUND');
  assert.not.ok(existsSync(missing));
  const empty = join(directory, 'empty.db');
  for (const file of [empty, `${empty}.keys`]) writeFileSync(file, '');
  assert.is(await codeOf(opened(place, mustExist, `sqlite:${empty}`)), 'ERR_NOT_FOUND');
  assert.is(statSync(empty).size, 0);
  const { archive, url } = await opened(place);
  await archive.close();
  await (await opened(place, mustExist, url)).archive.close();
  const foreign = join(directory, 'foreign.db');
  writeFileSync(foreign, 'of somebody else');
  assert.is(await codeOf(opened(place, mustExist, `sqlite:${foreign}`)), 'ERR_STORE', 'it has no keys');
  assert.is(readFileSync(foreign, 'utf8'), 'of somebody else');
  rmSync(`${fileOf(url)}.keys`);
  assert.is(await codeOf(opened(place, mustExist, url)), 'ERR_STORE');
  assert.not.ok(existsSync(`${fileOf(url)}.keys`));
});

test('what is no database is ERR_STORE; what is no URL of one a RangeError', async () => {
  const file = join(directory, 'text.db');
  writeFileSync(file, 'not a database'.repeat(1000));
  assert.is(await codeOf(opened(place, {}, `sqlite:${file}`)), 'ERR_STORE');
  assert.is(await codeOf(opened(place, {}, `sqlite:${join(directory, 'missing', 'x.db')}`)), 'ERR_STORE');
  assert.is(await codeOf(opened(place, {}, 'mysql://localhost/x')), 'RangeError');
  assert.is(await codeOf(opened(place, {}, 'sqlite:')), 'RangeError');
});

test('every commit is synchronised: the settings are those of an archive', async () => {
  const { archive } = await opened(place);
  const { content, keys } = coreOf(archive);
  for (const database of [content, keys]) {
    assert.is((await database.rows('PRAGMA synchronous'))[0]?.synchronous, 2);
    assert.is((await database.rows('PRAGMA journal_mode'))[0]?.journal_mode, 'wal');
    assert.is((await database.rows('PRAGMA secure_delete'))[0]?.secure_delete, 1);
    assert.ok((await database.size()) > 0);
  }
  await archive.close();
});

test.run();
