// What a user does with levels at the shell: rules, taking a word back, the log, the own code.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { stanzaseal, workspace } from './stanzaseal.js';

const test = suite('trust policy, revoke, log and qr at the shell');
const { path, passphrase, remove } = workspace();
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';
const STORES = { romeo: path('romeo'), juliet: path('juliet') };
const checkLog = conformsTo('trustLog');

async function levels(): Promise<string[]> {
  const { stdout } = await stanzaseal(['trust', 'list', '--store', STORES.romeo, ...passphrase, '--json']);
  return JSON.parse(stdout).map((contact: { jid: string; trust: string; evidence?: string }) =>
    [contact.jid, contact.trust, contact.evidence ?? ''].join(' '),
  );
}

test.before(async () => {
  for (const [store, owner] of [
    [STORES.romeo, ROMEO],
    [STORES.juliet, JULIET],
  ] as const) {
    await stanzaseal(['store', 'create', '--store', store, '--owner', owner, ...passphrase]);
  }
  const { stdout } = await stanzaseal(['bundle', 'export', '--store', STORES.juliet, ...passphrase]);
  await stanzaseal(['bundle', 'import', '--store', STORES.romeo, ...passphrase], stdout);
  const fingerprint = (await stanzaseal(['trust', 'fingerprint', '--store', STORES.juliet, ...passphrase])).stdout;
  const verify = ['trust', 'verify', '--jid', JULIET, '--fingerprint', fingerprint.trim()];
  assert.is((await stanzaseal([...verify, '--store', STORES.romeo, ...passphrase])).code, 0);
});

test.after(remove);

test('a policy holds seal back until the contact is known well enough', async () => {
  writeFileSync(path('rules.json'), '[{"accept":["endorsed"]}]');
  const set = await stanzaseal([
    'trust',
    'policy',
    '--set',
    path('rules.json'),
    '--store',
    STORES.romeo,
    ...passphrase,
  ]);
  assert.is(set.stdout, '[{"accept":["endorsed"]}]\n');
  const sealed = await stanzaseal(
    ['seal', '--to', JULIET, '--store', STORES.romeo, ...passphrase],
    '<message><body>Ay me</body></message>',
  );
  assert.is(sealed.code, 1);
  assert.match(
    sealed.stderr,
    /^error: ERR_TRUST: stanza 1: juliet@capulet\.example is verified; the policy asks for endorsed\n$/,
  );
  writeFileSync(path('rules.json'), '[{"accept":["sure"]}]');
  const wrong = await stanzaseal([
    'trust',
    'policy',
    '--set',
    path('rules.json'),
    '--store',
    STORES.romeo,
    ...passphrase,
  ]);
  assert.equal([wrong.code, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /policy\[0\]\.accept/);
});

test('the own code: on the terminal, as a picture, as a URI', async () => {
  const qr = (...more: string[]) => stanzaseal(['trust', 'qr', '--store', STORES.juliet, ...passphrase, ...more]);
  assert.match((await qr()).stdout, /[▀▄█]/);
  assert.match((await qr('--svg')).stdout, /^<svg /);
  assert.match(
    (await qr('--uri')).stdout,
    /^xmpp:juliet@capulet\.example\?trust-message;encryption=urn:xmpp:sealed:0;trust=[0-9a-f]{64}\n$/,
  );
  const out = path('juliet.svg');
  assert.equal((await qr('--svg', '--out', out)).stdout, '');
  assert.match(readFileSync(out, 'utf8'), /<\/svg>/);
});

test('taking it back: unverified again, and what was known stays in the log', async () => {
  const back = await stanzaseal(['trust', 'revoke', '--store', STORES.romeo, '--jid', JULIET, ...passphrase]);
  assert.is(back.code, 0);
  assert.match(back.stderr, /juliet@capulet\.example is unverified/);
  assert.equal(await levels(), [`${JULIET} unverified `]);
  const json = await stanzaseal(['trust', 'log', '--store', STORES.romeo, '--jid', JULIET, ...passphrase, '--json']);
  checkLog(JSON.parse(json.stdout));
  const log = await stanzaseal(['trust', 'log', '--store', STORES.romeo, '--jid', JULIET, ...passphrase]);
  assert.match(log.stdout, /fingerprint\s+\(taken back\)/);
});

test.run();
