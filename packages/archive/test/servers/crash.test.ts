// An archive in PostgreSQL whose archiver, session or server is killed. The long form is ../soak/kill.soak.ts.
import { stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { killWriters } from '../killing.js';
import { killRewraps, killShred } from '../resuming.js';
import { strikeAt } from './postgresKilling.js';
import { type PostgresPlace, startPlace, within } from './postgresPlace.js';

const test = suite('archive in PostgreSQL that is killed');

let made: PostgresPlace | undefined;
test.before(async () => {
  made = await startPlace();
});
test.after(stopEverything);
const wrap = within(() => made as PostgresPlace);

test(
  'K10: whoever is killed, nothing acknowledged is lost, nothing is there twice, and no history is another',
  wrap(async (place) => {
    const { server } = place as PostgresPlace;
    const { kills, acknowledged, lost } = await killWriters(place.url(), 6, strikeAt(server));
    console.log(`  ${kills} kills, ${acknowledged} stanzas acknowledged, ${lost} lost`);
    assert.equal([kills, lost], [6, 0]);
    assert.ok(acknowledged > 6);
  }),
);

test(
  'K5: a rewrap that is killed goes on; contents and leaves are never touched',
  wrap(async (place) => {
    const { killed, between } = await killRewraps(place, 768, 2);
    console.log(`  killed ${killed} times, ${between} times in the middle`);
    assert.ok(killed > 0 && between > 0, 'somebody was killed, and in the middle');
  }),
);

test(
  'K7: an erasure that is killed goes on to its end, and a backup of the contents yields nothing',
  wrap(async (place) => {
    const { killed, between } = await killShred(place, 400, 2);
    console.log(`  killed ${killed} times, ${between} times in the middle`);
    assert.ok(killed > 0);
  }),
);

test.run();
