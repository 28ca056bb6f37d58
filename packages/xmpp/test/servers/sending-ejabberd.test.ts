import { available, startEjabberd, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import { addKeyTests, addOutboxTests, addRoomTests } from './sendingScenarios.js';

const test = suite('keys, outbox and rooms on ejabberd');
let server: XmppServer;

test.before(async () => {
  if (available('ejabberd')) server = await startEjabberd();
});
test.after(stopEverything);

const scene = { test, program: 'ejabberd', server: () => server } as const;
addKeyTests(scene);
addRoomTests(scene);
addOutboxTests(scene);

test.run();
