import { needing, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { killClient } from './killing.js';

const test = suite('a client that is killed at any moment, on Prosody');
const KILLS = Number(process.env.STANZASEAL_KILLS ?? 35);

test.after(stopEverything);

test(
  `${KILLS} kills: every message in both directions is given, accepted and shown, once`,
  needing(['prosody'], async () => {
    const server = await startProsody();
    const { there, back } = await killClient(server, KILLS);
    assert.ok(there >= KILLS && back > 0, `${there} there, ${back} back`);
    await server.stop();
  }),
);

test.run();
