// Power losses of a real file system in an image: the short form. The long one is soak/realPowerLoss.soak.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whyNoLoopDisk } from './loopDisk.js';
import { losePowerForReal } from './realPowerLoss.js';

const test = suite('power loss of a real file system');
const reason = whyNoLoopDisk();

for (const kind of ['file', 'sqlite'] as const) {
  test(`${kind}: every acknowledged commit is there, whole (I7)`, async () => {
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const { runs, acknowledged, lost, broken } = await losePowerForReal(kind, 5, 'careful');
    console.log(`${kind}: ${runs} power losses after ${acknowledged} commits`);
    assert.equal([runs, lost, broken], [5, 0, 0]);
    assert.ok(acknowledged > 5);
  });

  test(`${kind}: one that synchronises nothing loses them, so that this test would see it`, async () => {
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const { lost, broken } = await losePowerForReal(kind, 2, 'careless');
    assert.ok(lost + broken > 0);
  });
}

test.run();
