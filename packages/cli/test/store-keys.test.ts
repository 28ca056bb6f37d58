// The account's own keys in a token: made there with the store, found again by every later verb.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { folder, type Outcome, stanzaseal, write } from './shell.js';
import { LIBRARY, makeTokens, missingToken, PIN, tokens } from './shellToken.js';

const test = suite('cli keys in a token');
const JULIET = 'juliet@capulet.example';
const ROMEO = 'romeo@montague.example';
const pass = '--passphrase-file pass';
const token = `--pkcs11-module ${LIBRARY} --token juliet --pin-file pin`;
const juliet = `--store juliet ${pass} ${token}`;
const romeo = `--store romeo ${pass}`;
write('pin', `${PIN}\n`);
write('pass', 'wherefore art thou\n');
write('new', 'a rose by any other name\n');

const missing = missingToken();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);
const withToken = missing === undefined ? test : test.skip;

test.before(() => {
  if (missing !== undefined) return;
  makeTokens('juliet', 'empty');
  done(`store create ${juliet} --owner ${JULIET} --identity token --device token`);
  done(`store create ${romeo} --owner ${ROMEO}`);
});

/** What is written by a verb that must be carried out. */
function done(args: string, input?: string): string {
  const { code, stdout, stderr } = stanzaseal(args, input);
  assert.is(code, 0, `${args}: ${stderr}`);
  assert.not.match(stderr, PIN);
  return stdout.toString();
}

function refused({ code, stdout, stderr }: Outcome, exit: number, words: RegExp): void {
  assert.is(code, exit, stderr);
  assert.is(stdout.toString(), '');
  assert.match(stderr, words);
}

interface Shown {
  readonly device: string;
  readonly keys: { readonly [K in 'identity' | 'device']: { readonly in: string; readonly label?: string } };
}

function shown(options: string): Shown {
  const value = JSON.parse(done(`store show --json ${options}`));
  conformsTo('storeShow')(value);
  return value;
}

/** Objects in the tokens. */
function objects(): number {
  return readdirSync(tokens, { recursive: true }).filter((name) => `${name}`.endsWith('.object')).length;
}

withToken('both keys are there, by names that say nothing of the account; without the token the store is shut', () => {
  const { keys } = shown(juliet);
  assert.match(keys.identity.label ?? '', /^stanzaseal identity [0-9a-f]{16}$/);
  assert.match(keys.device.label ?? '', /^stanzaseal device [0-9a-f]{16}$/);
  assert.match(done(`store unlock-test ${juliet}`), 'passphrase');
  refused(stanzaseal(`store show --store juliet ${pass}`), 2, /ERR_USAGE: the store needs its PKCS#11 token/);
  const empty = stanzaseal(`store show --store juliet ${pass} ${token.replace('--token juliet', '--token empty')}`);
  refused(empty, 1, /ERR_PASSPHRASE: token has no private key called/);
  refused(stanzaseal(`store backup ${juliet} --password-file pass`), 1, /ERR_NO_KEYS: identity key is held elsewhere/);
  assert.equal(shown(romeo).keys, { identity: { in: 'store' }, device: { in: 'store' } });
  refused(stanzaseal(`store show ${romeo} ${token}`), 2, /ERR_USAGE: .* not for a store without a token/);
});

withToken('they sign what is published and sealed', () => {
  done(`bundle import ${romeo}`, done(`bundle export ${juliet}`));
  done(`bundle import ${juliet}`, done(`bundle export ${romeo}`));
  const message = `<message type='chat' to='${ROMEO}'><body>wherefore</body></message>`;
  assert.match(done(`open ${romeo}`, done(`seal ${juliet} --to ${ROMEO}`, message)), 'wherefore');
});

withToken('going on as a new device makes its key in the token; another device moves its own there', () => {
  const before = shown(juliet);
  const renewed = stanzaseal(`store devices renew ${juliet}`);
  assert.is(renewed.code, 0, renewed.stderr);
  assert.match(renewed.stderr, `'${before.keys.device.label}' is still in the token`);
  done(`store devices add ${juliet} --self`);
  const after = shown(juliet);
  assert.match(done(`store show ${juliet}`), `in token     device key, '${after.keys.device.label}'`);
  assert.is.not(after.keys.device.label, before.keys.device.label);
  assert.is.not(after.device, before.device);

  done(`store devices renew ${romeo} ${token} --device token`);
  const moved = shown(`${romeo} ${token}`).keys;
  assert.equal([moved.identity.in, moved.device.in], ['store', 'token']);
});

withToken('a device that joins and one that is restored begin with a key in the token', () => {
  write('invitation', done(`store devices invite ${juliet}`));
  const join = `store create --store tablet ${pass} ${token} --join invitation`;
  refused(stanzaseal(`${join} --identity token`), 2, /ERR_USAGE: '--identity token' is for a new account/);
  const admission = done(`store devices add ${juliet} --carried`, done(`${join} --device token`));
  done(`store devices join --store tablet ${pass} ${token}`, admission);
  done(`store passphrase --store tablet ${pass} --new-passphrase-file new`); // which asks nothing of the token
  assert.equal(shown(`--store tablet --passphrase-file new ${token}`).keys.identity, { in: 'none' });

  done(`store backup ${romeo} ${token} --password-file pass --out backup`);
  done(`store restore --store again ${pass} ${token} --device token --password-file pass --in backup`);
  const { keys } = shown(`--store again ${pass} ${token}`);
  assert.equal([keys.identity.in, keys.device.in], ['store', 'token']);
});

withToken('a store that does not come about leaves no key in the token', () => {
  const before = objects();
  const make = `--owner ${JULIET} --identity token --device token`;
  refused(stanzaseal(`store create ${juliet} ${make}`), 1, /ERR_IN_USE/);
  const wrong = `--store fresh ${pass} ${token} --device token --password-file new --in backup`;
  refused(stanzaseal(`store restore ${wrong}`), 1, /ERR_PASSPHRASE/);
  assert.is(objects(), before);
  assert.not.ok(existsSync(join(folder, 'fresh')));
  refused(stanzaseal(`store create --store fresh ${pass} ${make}`), 2, /ERR_USAGE/);
  refused(stanzaseal(`store create --store fresh ${pass} --owner ${JULIET} --device card`), 2, /ERR_USAGE/);
});

withToken('everything in one token: what opens the store, what erasure destroys, both keys', () => {
  const all = `--store whole ${token}`;
  done(`store create ${all} --owner ${JULIET} --secret pkcs11 --erasure token --identity token --device token`);
  const { keys } = shown(all);
  assert.equal([keys.identity.in, keys.device.in], ['token', 'token']);
});

test.run();
