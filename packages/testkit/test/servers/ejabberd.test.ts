import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { available, type EjabberdServer, needing, startEjabberd, stopEverything } from '../../src/servers/index.js';
import { addCommonTests } from './commonTests.js';

const test = suite('ejabberd of the harness');
let server: EjabberdServer;

test.before(async () => {
  if (!available('ejabberd')) return;
  server = await startEjabberd();
  await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
});
test.after(stopEverything);

test(
  'its commands answer',
  needing(['ejabberd'], async () => {
    assert.equal(await server.command('registered_users', { host: 'localhost' }), ['alice', 'bob']);
  }),
);

addCommonTests({ test, program: 'ejabberd', start: startEjabberd, server: () => server });

test.run();
