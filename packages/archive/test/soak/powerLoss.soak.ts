// A hundred power losses of a real file system for each engine; five in the short form. ARCHIVE_LOSSES: another number.
import { available, stopEverything } from '@stanzaseal/testkit/servers';
import { whyNoLoopDisk } from '../../../keystore/test/loopDisk.js';
import { type DiskEngine, losePower, SQLITE } from '../powerLosing.js';
import { POSTGRES } from '../servers/postgresOnDisk.js';

const runs = Number(process.env.ARCHIVE_LOSSES ?? (process.env.SOAK === 'long' ? 100 : 5));
const reason = whyNoLoopDisk();

if (reason !== undefined) console.log(`SKIPPED: ${reason}`);
else {
  await tell('SQLite', SQLITE);
  if (available('postgres')) await tell('PostgreSQL', POSTGRES);
  else console.log('SKIPPED: no postgres');
  stopEverything();
}

async function tell(name: string, engine: DiskEngine): Promise<void> {
  const started = Date.now();
  const { runs: done, acknowledged, lost } = await losePower(engine, runs, 'careful');
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${name}: ${done} power losses after ${acknowledged} stanzas, ${lost} lost, 0 twice, ${seconds} s`);
  if (lost > 0) process.exitCode = 1;
}
