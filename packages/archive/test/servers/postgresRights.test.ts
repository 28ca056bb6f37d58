// Who may read an archive in PostgreSQL.
import { stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JULIET, START } from '../fixture.js';
import { agreementPair, openedRights, sealedTo, token } from '../rightsFixture.js';
import { addRightsTests } from '../rightsTests.js';
import { type PostgresPlace, startPlace, within } from './postgresPlace.js';

const test = suite('reading rights in PostgreSQL');

let made: PostgresPlace | undefined;
test.before(async () => {
  made = await startPlace();
});
test.after(stopEverything);

const wrap = within(() => made as PostgresPlace);
addRightsTests(test, wrap);

test(
  'two processes that rewrap at once leave each wrap under the new key, whoever moved it',
  wrap(async (place) => {
    const [epoch1, epoch2] = [await agreementPair(), await agreementPair()];
    const options = { privateKeys: token(epoch1, epoch2) };
    const one = await openedRights(place, options);
    const line = 'organisation' as const;
    await one.rights.addArchiveKey({ line, key: epoch1.publicKey, epoch: 1 });
    for (let i = 0; i < 20; i++) {
      const stanza = await sealedTo(`body ${i}`, [epoch1]);
      await one.archive.put(stanza, { owner: JULIET, receivedAt: START + i, stanzaId: `id${i}` });
    }
    assert.is((await one.rights.escrow()).checked, 20);
    await one.rights.addArchiveKey({ line, key: epoch2.publicKey, epoch: 2 });
    const two = await openedRights(place, options, one.url);
    await Promise.all([one.rights.rewrap(line), two.rights.rewrap(line)]);
    const { moved, count, left, mismatched } = await two.rights.rewrap(line);
    assert.equal([moved, count, left, mismatched], [0, 20, [], []]);
    assert.equal(await one.rights.counts(), { unchecked: 0, checked: 20, mismatch: 0 });
    for (const { archive } of [one, two]) await archive.close();
  }),
);

test.run();
