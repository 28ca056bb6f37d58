import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cli, folder, type Outcome, run, stanzaseal, write } from './shell.js';
import { LIBRARY, makeTokens, missingToken, PIN } from './shellToken.js';

const test = suite('cli store secrets');
const module = `--pkcs11-module ${LIBRARY} --token juliet`;
const owner = 'juliet@capulet.example';
write('pin', `${PIN}\n`);
write('wrong', '1111\n');
write('pass', 'wherefore art thou\n');

test('a store whose key is in a token: made, shown, refused without it', () => {
  const missing = missingToken();
  if (missing !== undefined) return void console.log(`SKIPPED: ${missing}`);
  makeTokens('juliet');

  const make = `store create --store token --owner ${owner} --secret pkcs11 --erasure token`;
  assert.is(stanzaseal(`${make} ${module} --pin-file wrong`).code, 1);
  const made = stanzaseal(`${make} ${module} --pin-file pin`);
  assert.is(made.code, 0, made.stderr);
  const shown = stanzaseal(`store show --store token --json ${module} --pin-file pin`);
  assert.is(shown.code, 0, shown.stderr);
  assert.is(JSON.parse(shown.stdout.toString()).owner, owner);

  refused(stanzaseal(`store show --store token ${module} --pin-file wrong`), 1, 'ERR_PASSPHRASE');
  refused(stanzaseal('store show --store token --passphrase-file pass'), 2, 'ERR_USAGE');
  refused(stanzaseal(`store show --store token ${module} --pin-file pin --passphrase-file pass`), 2, 'ERR_USAGE');
  const nobody = stanzaseal(`store show --store token --pkcs11-module ${LIBRARY} --token nobody --pin-file pin`);
  refused(nobody, 1, 'ERR_LOCKED');
  const nothing = stanzaseal('store show --store token --pkcs11-module /nowhere.so --token juliet --pin-file pin');
  refused(nothing, 1, 'ERR_LOCKED');
  for (const { stderr } of [made, shown, nobody, nothing]) assert.not.match(stderr, PIN);
});

test('a store under a passphrase takes no options of a token', () => {
  const made = stanzaseal(`store create --store plain --owner ${owner} --passphrase-file pass`);
  assert.is(made.code, 0, made.stderr);
  assert.is(stanzaseal('store show --store plain --passphrase-file pass').code, 0);
  refused(stanzaseal('store show --store plain --passphrase-file pass --pin-file pin'), 2, 'ERR_USAGE');
  refused(stanzaseal(`store create --store x --owner ${owner} --passphrase-file pass --token-key k`), 2, 'ERR_USAGE');
  refused(stanzaseal(`store create --store x --owner ${owner} --secret pkcs11`), 2, 'ERR_USAGE');
  refused(stanzaseal(`store create --store x --owner ${owner} --secret somewhere`), 2, 'ERR_USAGE');
  assert.not.ok(existsSync(join(folder, 'x')));
});

test('a store whose key is in the keyring: made and shown in a session, refused without one', () => {
  const missing = ['dbus-run-session', 'gnome-keyring-daemon'].find(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  if (missing !== undefined) return void console.log(`SKIPPED: no ${missing} (apt-get install gnome-keyring dbus)`);
  mkdirSync(join(folder, 'run'), { mode: 0o700 });
  const command = cli.map((part) => `'${part}'`).join(' ');
  const session = (script: string) =>
    run([
      'env',
      `HOME=${folder}`,
      `XDG_RUNTIME_DIR=${join(folder, 'run')}`,
      'dbus-run-session',
      '--',
      'sh',
      '-c',
      `echo montague | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; ${script}`,
    ]);
  const made = session(`${command} store create --store ring --owner ${owner} --secret keyring`);
  assert.is(made.code, 0, made.stderr);
  const shown = session(`${command} store show --store ring --json`);
  assert.is(JSON.parse(shown.stdout.toString()).owner, owner, shown.stderr);
  refused(stanzaseal('store show --store ring --passphrase-file pass'), 2, 'ERR_USAGE');
  const alone = run([
    'env',
    'DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent',
    ...cli,
    'store',
    'show',
    '--store',
    'ring',
  ]);
  refused(alone, 1, 'ERR_LOCKED');
});

function refused({ code, stdout, stderr }: Outcome, exit: number, name: string): void {
  assert.is(code, exit, stderr);
  assert.is(stdout.toString(), '');
  assert.match(stderr, new RegExp(`^error: ${name}: [^\\n]+\\n$`));
}

test.run();
