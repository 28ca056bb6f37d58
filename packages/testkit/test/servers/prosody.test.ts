import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { available, needing, startProsody, stopEverything, type XmppServer } from '../../src/servers/index.js';
import { addCommonTests } from './commonTests.js';

const test = suite('Prosody of the harness');
let server: XmppServer;

test.before(async () => {
  if (!available('prosody')) return;
  server = await startProsody();
  await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
});
test.after(stopEverything);

test(
  'modules and settings of a test come into its configuration, and a module that is missing into its log',
  needing(['prosody'], async () => {
    const other = await startProsody({ modules: ['no_such_module'], settings: 'pep_max_items = 7' });
    assert.match(
      readFileSync(`${other.directory}/prosody.cfg.lua`, 'utf8'),
      /pep_max_items = 10000[^]*pep_max_items = 7/,
    );
    // It opens its ports first, and answers when it has loaded everything.
    await other.register('alice');
    assert.match(other.logTail(), /no_such_module/);
    await other.stop();
  }),
);

test(
  'a configuration that it cannot read is an error with its words',
  needing(['prosody'], async () => {
    const error = await startProsody({ settings: 'this is no Lua' }).then(() => '', String);
    assert.match(error, /Prosody ended when it was started:[^]*prosody\.cfg\.lua/);
  }),
);

addCommonTests({ test, program: 'prosody', start: startProsody, server: () => server });

test.run();
