// A thousand kills of what writes an archive, for each engine: of the archiver, and with PostgreSQL of a session and of the whole server too.
// Twenty in the short form. ARCHIVE_KILLS: another number; ARCHIVE_ENGINE: `sqlite` or `postgres` alone.
import { join } from 'node:path';
import { available, stopEverything } from '@stanzaseal/testkit/servers';
import { temporaryDirectory } from '../fixture.js';
import { type Kills, killWriters } from '../killing.js';
import { strikeAt } from '../servers/postgresKilling.js';
import { startPlace } from '../servers/postgresPlace.js';

const kills = Number(process.env.ARCHIVE_KILLS ?? (process.env.SOAK === 'long' ? 1000 : 20));

const { ARCHIVE_ENGINE: only } = process.env;

if (only !== 'postgres')
  await tell('SQLite', () => killWriters(`sqlite:${join(temporaryDirectory(), 'archive.db')}`, kills));
if (only !== 'sqlite' && available('postgres'))
  await tell('PostgreSQL', async () => {
    const place = await startPlace();
    return killWriters(place?.url() ?? '', kills, place && strikeAt(place.server));
  });
else if (only !== 'sqlite') console.log('SKIPPED: no postgres');
stopEverything();

async function tell(engine: string, work: () => Promise<Kills>): Promise<void> {
  const started = Date.now();
  const { kills, acknowledged, lost, unanswered } = await work();
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${engine}: ${kills} kills, ${acknowledged} stanzas acknowledged, ${lost} lost, 0 twice, ${unanswered} kept and not answered, ${seconds} s`,
  );
  if (lost > 0) process.exitCode = 1;
}
