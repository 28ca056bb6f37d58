import { available, needing, startProsody, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addKeyTests, addOutboxTests, addRoomTests } from './sendingScenarios.js';

const test = suite('keys, outbox and rooms on Prosody');
let server: XmppServer;

test.before(async () => {
  if (available('prosody')) server = await startProsody();
});
test.after(stopEverything);

test(
  'the server is the one meant',
  needing(['prosody'], async () => assert.is(server.name, 'prosody')),
);

const scene = { test, program: 'prosody', server: () => server } as const;
addKeyTests(scene);
addRoomTests(scene);
addOutboxTests(scene);

test.run();
