import { available, startEjabberd, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import { addArrivalTests, addTransportTests } from './arrivalScenarios.js';

const test = suite('arrival on ejabberd');
let server: XmppServer;

test.before(async () => {
  if (available('ejabberd')) server = await startEjabberd();
});
test.after(stopEverything);

const scene = { test, program: 'ejabberd', server: () => server } as const;
addTransportTests(scene, 'tcp');
addTransportTests(scene, 'websocket');
addArrivalTests(scene);

test.run();
