import { available, needing, startEjabberd, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addKeyTests, addOutboxTests, addRoomTests } from './sendingScenarios.js';

const test = suite('keys, outbox and rooms on ejabberd');
let server: XmppServer;

test.before(async () => {
  if (available('ejabberd')) server = await startEjabberd();
});
test.after(stopEverything);

test(
  'the server is the one meant',
  needing(['ejabberd'], async () => assert.is(server.name, 'ejabberd')),
);

const scene = { test, program: 'ejabberd', server: () => server } as const;
addKeyTests(scene);
addRoomTests(scene);
addOutboxTests(scene);

test.run();
