// A client killed 500 times on each server in the long form; 5 times in the short one, for 35 and 15 of them are in test/servers.
import { available, startEjabberd, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { killClient } from '../servers/killing.js';

const kills = process.env.SOAK === 'long' ? 500 : 5;
for (const [program, start] of [
  ['prosody', startProsody],
  ['ejabberd', startEjabberd],
] as const) {
  if (!available(program)) {
    console.log(`SKIPPED: ${program} is not installed`);
    continue;
  }
  const server = await start();
  console.log(program);
  await killClient(server, kills);
  await server.stop();
}
stopEverything();
