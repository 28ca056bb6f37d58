// What was verified on one device at the shell counts on the others.
import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stanzaseal } from './stanzaseal.js';
import { introduced, JULIET, levels, path, publish, remove, run, step } from './trustPeople.js';

const test = suite('trust tell at the shell');

test.before(introduced);
test.after(remove);

test('another device of one’s own hears of it, and of its being taken back', async () => {
  const file = async (name: string, store: string, args: readonly string[], input = ''): Promise<string> => {
    writeFileSync(path(name), (await run(store, args, input)).stdout);
    return path(name);
  };
  const invitation = await file('invitation', 'romeo', ['store', 'devices', 'invite']);
  const request = await file('request', 'tablet', ['store', 'create', '--join', invitation]);
  const challenge = (await stanzaseal(['store', 'devices', 'challenge'])).stdout.trim();
  const code = (await run('tablet', ['store', 'devices', 'code', '--challenge', challenge, '--in', request])).stdout;
  const add = ['store', 'devices', 'add', '--in', request, '--challenge', challenge, '--code', code.trim()];
  const admission = await file('admission', 'romeo', add);
  assert.is((await run('tablet', ['store', 'devices', 'join', '--in', admission])).code, 0);
  await publish('tablet', 'romeo');
  await publish('romeo', 'tablet');
  await publish('juliet', 'tablet');

  const nothing = await run('romeo', ['trust', 'tell']);
  assert.equal([nothing.code, nothing.stdout], [0, '']);
  const own = (await run('juliet', ['trust', 'fingerprint'])).stdout.trim();
  await run('romeo', ['trust', 'verify', '--jid', JULIET, '--fingerprint', own]);
  const told = await run('romeo', ['trust', 'tell', '--jid', JULIET.toUpperCase()]);
  assert.match(told.stdout, /^<message [^\n]*<sealed [^\n]*\n$/, told.stderr);
  const heard = await step('tablet', ['receive'], told.stdout);
  assert.equal([heard.status, heard.decided], ['told', [{ jid: JULIET, trust: 'verified' }]]);
  assert.match((await run('tablet', ['trust', 'receive'], told.stdout)).stderr, /^error: ERR_DUPLICATE: /);

  await run('romeo', ['trust', 'revoke', '--jid', JULIET]);
  const back = await run('tablet', ['trust', 'receive'], (await run('romeo', ['trust', 'tell'])).stdout);
  assert.equal([back.code, back.stdout], [0, '']);
  assert.match(back.stderr, /juliet@capulet\.example is unverified: another device of yours says so/);
  assert.equal(await levels('tablet'), [`${JULIET} unverified`]);
});

test.run();
