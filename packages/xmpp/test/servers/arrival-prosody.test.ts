import { available, startProsody, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import { addArrivalTests, addTransportTests } from './arrivalScenarios.js';

const test = suite('arrival on Prosody');
let server: XmppServer;

test.before(async () => {
  if (available('prosody')) server = await startProsody();
});
test.after(stopEverything);

const scene = { test, program: 'prosody', server: () => server } as const;
addTransportTests(scene, 'tcp');
addTransportTests(scene, 'websocket');
addArrivalTests(scene);

test.run();
