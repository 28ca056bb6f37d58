/** A certificate by openssl and an OpenPGP key by gpg endorse identity keys at the shell. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificatesIn, has } from './certificates.js';
import { conformsTo } from './jsonSchema.js';
import { type Outcome, stanzaseal, workspace } from './stanzaseal.js';

const test = suite('trust endorse at the shell');
const { path, passphrase, remove } = workspace();
const [JULIET, ROMEO] = ['juliet@capulet.example', 'romeo@montague.example'];
const juliet = ['--store', path('juliet'), ...passphrase];
const romeo = ['--store', path('romeo'), ...passphrase];
const isStatement = conformsTo('trustStatement');
const hasOpenssl = has('openssl', 'version');
const hasGpg = has('gpg', '--version');
const { run, authority, issue } = certificatesIn(path('.'));

test.before(async () => {
  await stanzaseal(['store', 'create', '--owner', JULIET, ...juliet]);
  await stanzaseal(['store', 'create', '--owner', ROMEO, ...romeo]);
  const { stdout } = await stanzaseal(['bundle', 'export', ...juliet]);
  assert.is((await stanzaseal(['bundle', 'import', ...romeo], stdout)).code, 0);
  if (!hasOpenssl) return;
  authority('root');
  issue('juliet', `subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:${JULIET}`);
  const files = ['-inkey', 'juliet.key', '-in', 'juliet.crt'];
  run('openssl', 'pkcs12', '-export', ...files, '-out', 'juliet.p12', '-passout', 'pass:wherefore art thou');
});
test.after(() => {
  if (existsSync(path('gnupg'))) spawnSync('gpgconf', ['--homedir', path('gnupg'), '--kill', 'gpg-agent']);
  remove();
});

function failed({ code, stderr, stdout }: Outcome, expected: RegExp, exit = 1): void {
  assert.is(code, exit, stderr);
  assert.match(stderr, expected);
  assert.is(stdout, '');
}

const BY = ['--key', path('juliet.key'), '--certificate', path('juliet.crt')];
let statement = '';

test('a certificate endorses, another store takes it in, and the certificate takes it back', async () => {
  if (!hasOpenssl) return;
  const made = await stanzaseal(['trust', 'endorse', ...juliet, ...BY, '--days', '10']);
  assert.is(made.code, 0, made.stderr);
  assert.match(made.stdout, /^-----BEGIN CMS-----\n/);
  statement = made.stdout;
  const check = ['trust', 'endorse', '--check', '--root', path('root.crt'), ...romeo];
  const taken = await stanzaseal(check, statement);
  assert.is(taken.code, 0, taken.stderr);
  const [words = '', , level] = taken.stdout.split('\n');
  assert.match(words, /^juliet@capulet\.example: endorsed by CN=juliet \(CN=root\) until /);
  assert.is(level, 'level: endorsed');
  const revocation = await stanzaseal(['trust', 'endorse', ...juliet, ...BY, '--revoke', '--sequence', '9000000000']);
  const after = await stanzaseal(check, revocation.stdout);
  assert.match(after.stdout, /: no longer endorsed by .*\n.*\nlevel: unverified\n$/);
});

test('a PKCS #12 file endorses as well', async () => {
  if (!hasOpenssl) return;
  const pkcs12 = ['--pkcs12', path('juliet.p12'), '--pkcs12-passphrase-file'];
  const made = await stanzaseal(['trust', 'endorse', ...juliet, ...pkcs12, path('passphrase')]);
  assert.is(made.code, 0, made.stderr);
  const shown = await stanzaseal(['trust', 'endorse', '--check', '--root', path('root.crt'), '--json'], made.stdout);
  assert.is(shown.code, 0, shown.stderr);
  const json = JSON.parse(shown.stdout);
  isStatement(json);
  assert.equal([json.jid, json.kind, json.by, json.revoked], [JULIET, 'x509', 'CN=juliet (CN=root)', false]);
  writeFileSync(path('false'), 'therefore\n');
  failed(await stanzaseal(['trust', 'endorse', ...juliet, ...pkcs12, path('false')]), /^error: ERR_PASSPHRASE: /);
});

test('what does not hold, and what cannot be done', async () => {
  if (!hasOpenssl) return;
  const check = ['trust', 'endorse', '--check'];
  const refused = /^error: ERR_VERIFY: the statement does not hold\n$/;
  failed(await stanzaseal([...check, '--root', path('root.crt'), '--jid', ROMEO], statement), refused);
  const noRoot = [...check, '--root', path('juliet.key')];
  failed(await stanzaseal(noRoot, statement), /^error: ERR_DER: .* holds no certificate\n$/);
  failed(await stanzaseal(check, statement), /^error: ERR_USAGE: give '--root'/, 2);
  failed(await stanzaseal(['trust', 'endorse', ...BY]), /^error: ERR_USAGE: give '--store'\n$/, 2);
  failed(
    await stanzaseal(['trust', 'endorse', ...romeo, ...BY]),
    /^error: ERR_UNSUPPORTED: the certificate does not name romeo@montague\.example\n$/,
  );
});

test('a revocation list is looked at where it is given', async () => {
  if (!hasOpenssl) return;
  writeFileSync(path('index'), '');
  writeFileSync(path('ca.cnf'), `[ca]\ndefault_ca=own\n[own]\ndatabase=${path('index')}\ndefault_md=sha256\n`);
  const ca = ['ca', '-config', 'ca.cnf', '-cert', 'root.crt', '-keyfile', 'root.key'];
  run('openssl', ...ca, '-gencrl', '-crldays', '2', '-out', 'clean.crl');
  run('openssl', ...ca, '-revoke', 'juliet.crt');
  run('openssl', ...ca, '-gencrl', '-crldays', '2', '-out', 'revoked.crl');
  const check = ['trust', 'endorse', '--check', '--root', path('root.crt'), '--crl'];
  assert.is((await stanzaseal([...check, path('clean.crl')], statement)).code, 0);
  failed(await stanzaseal([...check, path('revoked.crl')], statement), /^error: ERR_VERIFY/);
});

test('an OpenPGP key of gpg endorses', async () => {
  if (!hasGpg) return;
  run('mkdir', '-m', '700', 'gnupg');
  const gpg = (...args: string[]) =>
    run(
      'gpg',
      '--homedir',
      path('gnupg'),
      '--batch',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      'wherefore art thou',
      ...args,
    );
  gpg('--quick-generate-key', '--allow-freeform-uid', `xmpp:${JULIET}`, 'ed25519', 'sign', '1y');
  writeFileSync(path('juliet.gpg'), gpg('--export-secret-keys'));
  writeFileSync(path('juliet.asc'), gpg('--armor', '--export'));
  const secret = ['--openpgp', path('juliet.gpg'), '--openpgp-passphrase-file', path('passphrase')];
  const made = await stanzaseal(['trust', 'endorse', ...juliet, ...secret]);
  assert.is(made.code, 0, made.stderr);
  const check = ['trust', 'endorse', '--check', '--keyring', path('juliet.asc')];
  const taken = await stanzaseal([...check, ...romeo, '--json'], made.stdout);
  assert.is(taken.code, 0, taken.stderr);
  const json = JSON.parse(taken.stdout);
  isStatement(json);
  assert.equal([json.jid, json.kind, json.level], [JULIET, 'openpgp', 'endorsed']);
  assert.match(json.by, /^xmpp:juliet@capulet\.example \([0-9A-F]{40}\)$/);
});

test.run();
