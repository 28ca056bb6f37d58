// At the shell: codes that were scanned, and a contact whose key changes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Outcome } from './stanzaseal.js';
import { create, introduced, JULIET, levels, publish, remove, run } from './trustPeople.js';

const test = suite('trust verify and answer at the shell');

test.before(introduced);
test.after(remove);

test('what a code says is believed of whom it speaks, and of nobody else', async () => {
  const code = (await run('juliet', ['trust', 'qr', '--uri'])).stdout.trim();
  const verify = (jid: string, text: string) => run('romeo', ['trust', 'verify', '--jid', jid, '--fingerprint', text]);
  const other = await verify(JULIET, code.replace('juliet', 'nurse'));
  assert.is(other.stderr, `error: ERR_VERIFY: the code is that of nurse@capulet.example, not of ${JULIET}\n`);
  const wrong = await verify(JULIET, `${code.slice(0, -4)}0000`);
  assert.is(wrong.stderr, `error: ERR_VERIFY: the fingerprint of ${JULIET} is another one\n`);
  assert.is((await verify(JULIET, 'xmpp:juliet@capulet.example')).code, 2);
  assert.equal(await levels('romeo'), [`${JULIET} unverified`]);
  assert.is((await verify('Juliet@Capulet.example', code)).code, 0);
  assert.equal(await levels('romeo'), [`${JULIET} verified`]);
  assert.match(
    (await run('romeo', ['trust', 'list'])).stdout,
    /^verified {4}juliet@capulet\.example .* by fingerprint\n$/,
  );
});

test('a changed key: nothing is sealed to them before the answer', async () => {
  const seal = (): Promise<Outcome> => run('romeo', ['seal', '--to', JULIET], '<message><body>Ay me</body></message>');
  const answer = (...how: string[]): Promise<Outcome> => run('romeo', ['trust', 'answer', '--jid', JULIET, ...how]);
  const early = await answer('--take');
  assert.equal([early.code, early.stderr.slice(0, 20)], [1, 'error: ERR_NO_KEYS: ']);
  assert.equal([(await answer()).code, (await answer('--take', '--keep')).code], [2, 2]);
  await create('juliet2', JULIET);
  assert.match((await publish('juliet2', 'romeo')).stderr, /shows another identity key; .*'trust answer'/);
  assert.match((await seal()).stderr, /^error: ERR_KEY_CHANGED: /);
  const kept = await answer('--keep');
  assert.match(kept.stderr, /^juliet@capulet\.example is verified: [0-9a-f ]{71}\n$/);
  assert.is((await run('juliet', ['open'], (await seal()).stdout)).code, 0);

  await publish('juliet2', 'romeo');
  const own = (await run('juliet2', ['trust', 'fingerprint'])).stdout.trim();
  assert.match((await run('romeo', ['trust', 'list'])).stdout, new RegExp(`CHANGED TO ${own}`));
  const taken = await answer('--take');
  assert.is(taken.code, 0, taken.stderr);
  assert.ok(taken.stderr.includes(`is unverified: ${own}\n`), taken.stderr);
  await publish('juliet2', 'romeo');
  const sealed = await seal();
  assert.is((await run('juliet2', ['open'], sealed.stdout)).code, 0, sealed.stderr);
});

test.run();
