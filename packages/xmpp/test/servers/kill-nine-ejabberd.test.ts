import { needing, startEjabberd, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { killClient } from './killing.js';

const test = suite('a client that is killed at any moment, on ejabberd');
const KILLS = Number(process.env.STANZASEAL_KILLS ?? 15);

test.after(stopEverything);

test(
  `${KILLS} kills: every message in both directions is given, accepted and shown, once`,
  needing(['ejabberd'], async () => {
    const server = await startEjabberd();
    const { there, back } = await killClient(server, KILLS);
    assert.ok(there >= KILLS && back > 0, `${there} there, ${back} back`);
    await server.stop();
  }),
);

test.run();
