// A hundred power losses of a real file system for each storage on a disk; five in the short form, as in realPowerLoss.test.ts.
import { whyNoLoopDisk } from '../loopDisk.js';
import { losePowerForReal } from '../realPowerLoss.js';

const reason = whyNoLoopDisk();
if (reason !== undefined) console.log(`SKIPPED: ${reason}`);
else {
  for (const kind of ['file', 'sqlite'] as const) {
    const started = Date.now();
    const { runs, acknowledged, lost, broken } = await losePowerForReal(
      kind,
      process.env.SOAK === 'long' ? 100 : 5,
      'careful',
    );
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(
      `${kind}: ${runs} power losses, ${acknowledged} commits, ${lost} lost, ${broken} not opened, ${seconds} s`,
    );
    if (lost + broken > 0) process.exitCode = 1;
  }
}
