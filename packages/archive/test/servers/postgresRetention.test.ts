// What is kept, held, erased, scrubbed and repaired in PostgreSQL.
import { stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { coreOf } from '../../src/archive.js';
import { openRetention } from '../../src/index.js';
import { JULIET, opened, plain, START } from '../fixture.js';
import { addRetentionTests } from '../retentionTests.js';
import { recordKey } from '../rightsFixture.js';
import { addScrubTests } from '../scrubTests.js';
import { type PostgresPlace, startPlace, within } from './postgresPlace.js';

const test = suite('retention and scrubbing in PostgreSQL');

let made: PostgresPlace | undefined;
test.before(async () => {
  made = await startPlace();
});
test.after(stopEverything);

const wrap = within(() => made as PostgresPlace);
addRetentionTests(test, wrap);
addScrubTests(test, wrap);

test(
  'K7: a shred writes the table of keys anew, so that no page of it has what was destroyed',
  wrap(async (place) => {
    const { archive } = await opened(place);
    await archive.put(plain('x'), { owner: JULIET, receivedAt: START, stanzaId: 'a' });
    const { keys } = coreOf(archive);
    const fileOf = async () => (await keys.rows("SELECT pg_relation_filepath('keks') AS file"))[0]?.file;
    const before = await fileOf();
    const retention = await openRetention(archive, { recordKey });
    assert.is((await retention.shred({ owner: JULIET }, 'asked')).length, 1);
    assert.is.not(await fileOf(), before);
    await archive.close();
  }),
);

test.run();
