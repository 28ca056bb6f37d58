// An archive in PostgreSQL: what it keeps and how it is asked, as every archive.
import { stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addKeepingTests } from '../keepingTests.js';
import { addQueryTests } from '../queryTests.js';
import { type PostgresPlace, startPlace, within } from './postgresPlace.js';

const test = suite('archive in PostgreSQL, pages');

let made: PostgresPlace | undefined;
test.before(async () => {
  made = await startPlace();
});
test.after(stopEverything);
const wrap = within(() => {
  assert.ok(made);
  return made as PostgresPlace;
});
addKeepingTests(test, wrap);
addQueryTests(test, wrap);

test.run();
