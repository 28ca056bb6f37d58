// Short; test/soak/figures.soak.ts has the long form, with 10,000 waiting.
import { needing, startEjabberd, startPostgres, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Figures } from './figures.js';
import { printFigures } from './figuresInWords.js';

const test = suite('what sealing costs on a real server');
const AMOUNTS = { live: 40, waiting: 100 };

test.after(stopEverything);

function areFigures(figures: readonly Figures[]): void {
  for (const { perSecond, octets, p50, p99 } of figures)
    assert.ok(perSecond > 0 && octets > 0 && p50 > 0 && p99 >= p50);
}

test(
  'Prosody: messages a second and latency against the same unsealed; from login to caught up',
  needing(['prosody'], async () => {
    const server = await startProsody();
    areFigures(await printFigures(server, AMOUNTS));
    await server.stop();
  }),
);

test(
  'ejabberd, with its archive in PostgreSQL: its own is no match for many messages',
  needing(['ejabberd', 'postgres'], async () => {
    const postgres = await startPostgres();
    const server = await startEjabberd({ archive: await postgres.createDatabase('archive') });
    areFigures(await printFigures(server, AMOUNTS));
    await server.stop();
    await postgres.stop();
  }),
);

test.run();
