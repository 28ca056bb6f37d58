// Sources read into an archive in SQLite.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { follow, readSources } from '../src/index.js';
import { countingSource } from './countingSource.js';
import { codeOf, opened } from './fixture.js';
import { addSourceTests } from './sourceTests.js';
import { sqlitePlace } from './sqlitePlace.js';

const test = suite('sources');

addSourceTests(test, (body) => () => body(sqlitePlace));

test('a source without a name leaves no place behind and is read anew each time; a name that is none is refused', async () => {
  const { archive } = await opened(sqlitePlace);
  assert.equal(await readSources(archive), []);
  for (const _ of [1, 2]) assert.is((await follow(archive, { ...countingSource(3), name: undefined })).kept, 3);
  assert.equal(await readSources(archive), []);
  for (const name of ['', 'x'.repeat(256)])
    assert.is(await codeOf(follow(archive, { ...countingSource(1), name })), 'RangeError');
  await archive.close();
});

test.run();
