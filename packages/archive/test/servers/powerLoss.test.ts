// Power losses under an archive in PostgreSQL: the short form. The long one is ../soak/powerLoss.soak.ts.
import { needing, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whyNoLoopDisk } from '../../../keystore/test/loopDisk.js';
import { losePower } from '../powerLosing.js';
import { POSTGRES } from './postgresOnDisk.js';

const test = suite('archive in PostgreSQL that loses power');
const reason = whyNoLoopDisk();
test.after(stopEverything);

test(
  'K10: what was acknowledged is there, once, and the log goes on from every checkpoint that was shown',
  needing(['postgres'], async () => {
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const { runs, acknowledged, lost } = await losePower(POSTGRES, 3, 'careful');
    console.log(`  ${runs} power losses after ${acknowledged} stanzas, ${lost} lost`);
    assert.equal([runs, lost], [3, 0]);
    assert.ok(acknowledged > 3);
  }),
);

test(
  'a server that does not wait for its disk loses them, so that this test would see it',
  needing(['postgres'], async () => {
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const { lost, broken } = await losePower(POSTGRES, 1, 'careless');
    assert.ok(lost + broken > 0);
  }),
);

test.run();
