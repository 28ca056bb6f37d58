import { available, needing, startEjabberd, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addArrivalTests, addTransportTests } from './arrivalScenarios.js';

const test = suite('arrival on ejabberd');
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
addTransportTests(scene, 'tcp');
addTransportTests(scene, 'websocket');
addArrivalTests(scene);

test.run();
