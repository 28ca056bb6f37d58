/** What a clumsy or hostile user gives: refused in one line that says what is wrong, at once, with nothing changed or left behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createProgram, run as runHere } from '../src/program.js';
import { createSystem } from '../src/system.js';
import { cli, folder, run, stanzaseal, write } from './shell.js';
import { isPkcs11Compiled } from './shellToken.js';
import { stateOf } from './stanzaseal.js';

const test = suite('bad input at the shell');
const SECRET = 'wherefore art thou';
const STORE = '--store romeo --passphrase-file pass';
const ARCHIVE = 'archive ingest --owner juliet@capulet.example --in stanza.xml --archive';

write('pass', `${SECRET}\n`);
write('empty', '');
write('one', 'x');
write('latin1', Buffer.from('caf\xe9 au lait\n', 'latin1'));
write('big', '');
truncateSync(join(folder, 'big'), 100_000_000);
write('stanza.xml', "<message xmlns='jabber:client' id='1' type='chat'><body>soft</body></message>");
mkdirSync(join(folder, 'directory'));
symlinkSync('/dev/zero', join(folder, 'endless'));

/** Every name below the folder, with the state of the store. */
function everything(): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return `${names.join('\n')} ${stateOf(join(folder, 'romeo'))}`;
}

/** Refused in one line of this code and sentence, without the passphrase; nothing is written. */
function refused(args: string | readonly string[], line: RegExp, exit = 1): void {
  const before = everything();
  const began = performance.now();
  const { code, stdout, stderr } = run([...cli, ...(typeof args === 'string' ? args.split(' ') : args)]);
  const told = `${args}: ${stderr}`;
  assert.is(code, exit, told);
  assert.match(stderr, line, told);
  assert.match(stderr, /^error: ERR_[A-Z_]+: [^\n]+\n$/, told);
  assert.not.match(stderr, /ERR_INTERNAL/, told);
  assert.ok(stderr.length < 1200, told);
  assert.is(stdout.toString(), '', told);
  assert.not.match(stderr, new RegExp(SECRET), told);
  assert.is(everything(), before, told);
  assert.ok(performance.now() - began < 20_000, told);
}

function done(args: string): void {
  const { code, stderr } = stanzaseal(args);
  assert.is(code, 0, stderr);
}

test('every verb refuses an option that it does not know', async () => {
  const verbsOf = ({ commands }: Command, before: readonly string[] = []): string[][] =>
    commands.flatMap((each) => [[...before, each.name()], ...verbsOf(each, [...before, each.name()])]);
  const [write, exitCode] = [process.stderr.write, process.exitCode];
  let errors = '';
  process.stderr.write = (text: unknown) => {
    errors += String(text);
    return true;
  };
  try {
    const verbs = verbsOf(createProgram(createSystem()));
    assert.ok(verbs.length > 60);
    for (const verb of verbs) {
      errors = '';
      assert.is(await runHere([...verb, '--no-such-option'], createSystem()), 2, verb.join(' '));
      assert.match(errors, /^error: ERR_USAGE: (unknown|required) option [^\n]+\n$/, verb.join(' '));
    }
  } finally {
    process.stderr.write = write;
    process.exitCode = exitCode;
  }
});

test('files of secrets that are none', () => {
  done(`store create --owner romeo@montague.example ${STORE}`);
  const open = 'trust list --store romeo --passphrase-file';
  const hello = `trust handshake begin --to juliet@capulet.example ${STORE} --secret-file`;
  for (const [given, passphrase, secret] of [
    ['empty', /ERR_PASSPHRASE: the passphrase is empty/, /ERR_UNSUPPORTED: empty is not 64 hexadecimal digits/],
    ['one', /ERR_PASSPHRASE: passphrase or key does not open/, /ERR_UNSUPPORTED: one is not 64 hexadecimal digits/],
    ['latin1', /ERR_PASSPHRASE: the passphrase is not UTF-8/, /ERR_DER: latin1 is not text/],
    ['big', /ERR_TOO_LARGE: big is longer than 1 KiB/, /ERR_TOO_LARGE: big is longer than 1 KiB/],
    // Its length is unknown: no more of it is read than may be.
    ['endless', /ERR_TOO_LARGE: endless is longer than 1 KiB/, /ERR_TOO_LARGE: endless is longer than 1 KiB/],
    ['directory', /ERR_IO: directory: is a directory/, /ERR_IO: directory: is a directory/],
    ['missing', /ERR_IO: missing: no such file/, /ERR_IO: missing: no such file/],
  ] as const) {
    refused(`${open} ${given}`, passphrase);
    refused(`${hello} ${given}`, secret);
  }
  refused([...open.split(' '), ''], /ERR_IO: '': no such file/);
});

test('a directory and a file that is too long are named, wherever they are read', () => {
  refused(`trust policy ${STORE} --set directory`, /ERR_IO: directory: is a directory/);
  refused(`trust policy ${STORE} --set latin1`, /ERR_DER: latin1 is not text/);
  refused(`trust receive ${STORE} --in directory`, /ERR_IO: directory: is a directory/);
  refused('cms inspect --in directory', /ERR_IO: directory: is a directory/);
  refused('key id --in big', /ERR_TOO_LARGE: big is longer than 64 KiB/);
  refused('cms inspect --in big', /ERR_TOO_LARGE: big is longer than 91 MiB/);
  truncateSync(join(folder, 'big'), 70_000_000);
  refused('cms inspect --in big', /ERR_TOO_LARGE: big is longer than 64 MiB/);
});

test('what was given is quoted, but not for pages', () => {
  const long = `${'x'.repeat(100_000)}@capulet.example`;
  refused(['trust', 'log', '--jid', long, ...STORE.split(' ')], /ERR_ADDRESS: 'x+ \.\.\.\n$/);
  for (const fingerprint of ['', 'zz', '0'.repeat(63), '\u0416'.repeat(64), '0'.repeat(100_000)])
    refused(
      ['trust', 'verify', '--jid', 'juliet@capulet.example', '--fingerprint', fingerprint, ...STORE.split(' ')],
      /ERR_USAGE: '--fingerprint' is neither/,
      2,
    );
});

test('a store that does not come about leaves no directory', () => {
  const token = '--pkcs11-module pass --token x --pin-file pass';
  const create = 'store create --owner juliet@capulet.example --store deep/er/juliet';
  refused(`${create} --passphrase-file missing`, /ERR_IO: missing/);
  refused(`${create} --passphrase-file empty --storage sqlite`, /ERR_PASSPHRASE/);
  const unloadable = isPkcs11Compiled()
    ? /ERR_LOCKED: PKCS#11 library cannot be loaded/
    : /ERR_LOCKED: the package pkcs11js is not installed, or was not compiled/;
  refused(`${create} --secret pkcs11 ${token}`, unloadable);
  for (const key of ['device', 'identity']) {
    refused(`${create} --passphrase-file pass --${key} token`, /ERR_USAGE: .*'--pkcs11-module' and '--token'/, 2);
    refused(`${create} --passphrase-file pass --${key} token ${token}`, unloadable);
  }
});

test('addresses of services and databases that are none', () => {
  const chat = `chat --jid romeo@montague.example --to juliet@capulet.example ${STORE} --password-file pass --service`;
  for (const service of ['nonsense', 'xmpp://127.0.0.1:99999'])
    refused(`${chat} ${service}`, /ERR_USAGE: '.*' is not a service like/, 2);
  for (const url of ['nonsense', 'sqlite:', 'postgres://127.0.0.1:99999/x'])
    refused(`archive stats --archive ${url}`, /ERR_USAGE: '.*' is neither sqlite:FILE nor postgres/, 2);
  refused(`archive stats --archive postgres://u:${SECRET.replaceAll(' ', '')}@h:99999/x`, /'postgres:\/\/\.\.\.@h:/, 2);
  refused(`${ARCHIVE} sqlite:new.db --keys nonsense`, /ERR_USAGE: 'nonsense' is neither/, 2);
});

test('a database that is no archive is not made one by who wants to read it', () => {
  done(`${ARCHIVE} sqlite:kept.db`);
  const like = (name: string, data: Uint8Array | string): string => {
    write(name, data);
    execFileSync('cp', ['-r', join(folder, 'kept.db.signing'), join(folder, `${name}.signing`)]);
    return `--archive sqlite:${name}`;
  };
  // Another program's: the store of a device.
  done('store create --owner nurse@capulet.example --store nurse --passphrase-file pass --storage sqlite');
  const other = execFileSync('cat', [join(folder, 'nurse', 'keystore.db')]);
  const [emptied, foreign, garbage] = [like('emptied', ''), like('foreign', other), like('garbage', 'x'.repeat(9000))];
  for (const verb of ['stats', 'verify', 'scrub', 'export', 'hold --list', 'page --owner juliet@capulet.example']) {
    refused(`archive ${verb} ${emptied}`, /ERR_NOT_FOUND: there is no archive in sqlite:emptied/);
    refused(`archive ${verb} ${foreign}`, /ERR_STORE: there are no owners' keys of sqlite:foreign/);
    refused(`archive ${verb} ${garbage}`, /ERR_STORE/);
  }
  assert.is(existsSync(join(folder, 'foreign.keys')), false);
});

test.run();
