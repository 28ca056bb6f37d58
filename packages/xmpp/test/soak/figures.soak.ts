// What sealing costs on real servers, with 10,000 messages waiting; the short form is test/servers/figures.test.ts, and does it here on Prosody.
import { available, startEjabberd, startPostgres, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { printFigures } from '../servers/figuresInWords.js';

const isLong = process.env.SOAK === 'long';
const amounts = isLong ? { live: 1000, waiting: 10_000 } : { live: 20, waiting: 50 };
if (available('prosody')) {
  // Its own limit is 10,000 for each account.
  const server = await startProsody({ settings: 'storage_archive_item_limit = 100000' });
  await printFigures(server, amounts);
  await server.stop();
} else console.log('SKIPPED: prosody is not installed');
if (isLong && available('prosody') && available('postgres')) {
  // Its own archive is read as a whole for each page: what a connection costs beside that shows here.
  const postgres = await startPostgres();
  const server = await startProsody({ archive: await postgres.createDatabase('archive') });
  await printFigures(server, amounts, 'prosody with PostgreSQL');
  await server.stop();
  await postgres.stop();
}
if (isLong && available('ejabberd') && available('postgres')) {
  const postgres = await startPostgres();
  const server = await startEjabberd({ archive: await postgres.createDatabase('archive') });
  await printFigures(server, amounts);
  await server.stop();
  await postgres.stop();
}
stopEverything();
