// What is to be done at the shell when a run stops.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { introduced, JULIET, remove, run, step } from './trustPeople.js';

const test = suite('trust show, resend and cancel at the shell');

test.before(introduced);
test.after(remove);

test('a run: shown again on another day, said again where it was lost, declined', async () => {
  const begun = await step('romeo', ['sas', 'begin', '--to', JULIET]);
  const lost = await step('romeo', ['resend', '--run', begun.run]);
  assert.is(lost.status, 'waiting');
  assert.is((await step('juliet', ['receive'], lost.stanza)).status, 'requested');
  assert.is((await step('juliet', ['receive'], begun.stanza)).status, 'ignored');
  const shown = await step('juliet', ['show', '--run', begun.run]);
  assert.equal([shown.status, shown.protocol, shown.stanza], ['requested', 'sas', '']);
  const answered = await step('juliet', ['sas', 'accept', '--run', begun.run]);
  const compared = await step('romeo', ['receive'], answered.stanza);
  const again = await step('romeo', ['show', '--run', begun.run]);
  assert.equal([again.status, again.value], ['compare', compared.value]);

  const declined = await step('romeo', ['cancel', '--run', begun.run]);
  assert.equal([declined.status, declined.reason, declined.by, declined.code], ['ended', 'declined', 'us', 0]);
  const told = await step('juliet', ['receive'], declined.stanza);
  assert.equal([told.status, told.reason, told.by], ['ended', 'declined', 'them']);
  for (const verb of ['show', 'resend', 'cancel']) {
    const nothing = await run('romeo', ['trust', verb, '--run', '0'.repeat(32)]);
    assert.equal([nothing.code, nothing.stdout], [1, '']);
    assert.match(nothing.stderr, /^error: ERR_RUN: [^\n]+\n$/);
  }
});

test('a handshake is given up by its name, and nobody is told', async () => {
  const { stdout } = await run('romeo', ['trust', 'handshake', 'begin', '--to', JULIET, '--json']);
  const name = ['--run', JSON.parse(stdout).run];
  assert.equal((await step('romeo', ['cancel', ...name])).stanza, '');
  assert.match((await run('romeo', ['trust', 'cancel', ...name])).stderr, /^error: ERR_RUN: /);
});

test.run();
