import { available, needing, startProsody, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { byWebSocket, createActor } from './actors.js';
import { addArrivalTests } from './arrivalScenarios.js';
import { addKeyTests, addOutboxTests, addRoomTests } from './sendingScenarios.js';

const test = suite('everything over WebSocket on Prosody');
let server: XmppServer;

test.before(async () => {
  if (available('prosody')) server = byWebSocket(await startProsody());
});
test.after(stopEverything);

test(
  'people connect by WebSocket',
  needing(['prosody'], async () => {
    const { client, connection } = await createActor(server, 'wire');
    await connection.start();
    assert.match(String(client.options.service), /^ws:/);
    assert.ok(client.socket !== null && !('setNoDelay' in client.socket));
    await connection.stop();
  }),
);

const scene = { test, program: 'prosody', server: () => server } as const;
addArrivalTests(scene);
addKeyTests(scene);
addRoomTests(scene);
addOutboxTests(scene);

test.run();
