import { available, startProsody, stopEverything, type XmppServer } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import { addKeyTests, addOutboxTests, addRoomTests } from './sendingScenarios.js';

const test = suite('keys, outbox and rooms on Prosody');
let server: XmppServer;

test.before(async () => {
  if (available('prosody')) server = await startProsody();
});
test.after(stopEverything);

const scene = { test, program: 'prosody', server: () => server } as const;
addKeyTests(scene);
addRoomTests(scene);
addOutboxTests(scene);

test.run();
