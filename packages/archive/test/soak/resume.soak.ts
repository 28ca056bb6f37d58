// Rewraps and erasures that are killed at random moments, for each engine: fifty archives of each, two in the short form.
import { available, stopEverything } from '@stanzaseal/testkit/servers';
import type { Place } from '../fixture.js';
import { killRewraps, killShred, type Resumed } from '../resuming.js';
import { startPlace } from '../servers/postgresPlace.js';
import { octetsOf, sqlitePlace } from '../sqlitePlace.js';

const rounds = process.env.SOAK === 'long' ? 50 : 2;

await tell('SQLite', sqlitePlace, octetsOf);
const place = available('postgres') ? await startPlace() : undefined;
if (place === undefined) console.log('SKIPPED: no postgres');
else await tell('PostgreSQL', place);
stopEverything();

async function tell(name: string, place: Place, octets?: (url: string) => Buffer): Promise<void> {
  const told = { rewraps: { killed: 0, between: 0 }, erasures: { killed: 0, between: 0 } };
  const add = (sum: Resumed, { killed, between }: Resumed) => {
    sum.killed += killed;
    sum.between += between;
  };
  for (let round = 0; round < rounds; round++) {
    add(told.rewraps, await killRewraps(place, 1024, 4));
    add(told.erasures, await killShred(place, 400, 4, octets));
  }
  const { rewraps, erasures } = told;
  console.log(
    `${name}: ${rounds} rewraps, killed ${rewraps.killed} times, ${rewraps.between} in the middle; ` +
      `${rounds} erasures, killed ${erasures.killed} times, ${erasures.between} in the middle`,
  );
  if (rewraps.between + erasures.between === 0) process.exitCode = 1;
}
