// kill -9 amid the work of a device whose store is on a disk: the short form. The long one is soak/kill.soak.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { killAtSpool } from './spoolKilling.js';

const test = suite('killed at work');

for (const kind of ['file', 'sqlite'] as const) {
  test(`${kind}: what was accepted stays so, every stanza that was not opens, and what was published opens (I7)`, async () => {
    const { kills, accepted, openedAfter, erased } = await killAtSpool(kind, 8);
    console.log(`${kills} kills, ${accepted} accepted, ${openedAfter} opened after, ${erased} prekeys erased`);
    assert.is(kills, 8);
    assert.ok(accepted > 8);
  });
}

test.run();
