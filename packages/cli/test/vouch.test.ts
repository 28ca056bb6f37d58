/** A domain's certificate endorses the key that vouches, at the shell; and what `vouch serve` says where it cannot begin. */
import { readFileSync, writeFileSync } from 'node:fs';
import { decodePem, encodePem, generatePrivateKey, importPrivateKey } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { signVouch } from '@stanzaseal/trust/vouching';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { certificatesIn, has } from './certificates.js';
import { type Outcome, stanzaseal, workspace } from './stanzaseal.js';

const test = suite('vouch at the shell');
const { path, passphrase, remove } = workspace();
const hasOpenssl = has('openssl', 'version');
const { authority, issue } = certificatesIn(path('.'));
test.after(remove);

function failed({ code, stderr, stdout }: Outcome, expected: RegExp, exit = 1): void {
  assert.is(code, exit, stderr);
  assert.match(stderr, expected);
  assert.is(stdout, '');
}

test('a statement about the key of a domain', async () => {
  if (!hasOpenssl) return;
  authority('root');
  issue('domain', 'subjectAltName=DNS:capulet.example');
  await stanzaseal(['key', 'generate', '--algorithm', 'ed25519', '--out', path('vouching.pem')]);
  const by = ['--key', path('domain.key'), '--certificate', path('domain.crt')];
  const endorse = ['vouch', 'endorse', '--domain-key', path('vouching.pem'), ...by];
  const made = await stanzaseal([...endorse, '--domain', 'capulet.example', '--out', path('domain.cms')]);
  assert.is(made.code, 0, made.stderr);
  const statement = readFileSync(path('domain.cms'), 'utf8');
  const shown = await stanzaseal(['trust', 'endorse', '--check', '--root', path('root.crt')], statement);
  assert.match(shown.stdout, /^capulet\.example: endorsed by CN=domain \(CN=root\)/);
  const person = 'juliet@capulet.example';
  failed(await stanzaseal([...endorse, '--domain', person]), /^error: ERR_USAGE: 'juliet@capulet.example' is not a/, 2);
  // It is about the domain, and vouches for nobody.
  const vouch = ['trust', 'vouch', '--check', '--root', path('root.crt')];
  failed(await stanzaseal(vouch, statement), /^error: ERR_VERIFY: the statement does not hold\n$/);
});

test('two vouches that overlap are both shown, neither is taken in, and nobody is blamed', async () => {
  if (!hasOpenssl) return;
  const crypto = createCryptoProvider();
  const romeo = ['--store', path('romeo'), ...passphrase];
  await stanzaseal(['store', 'create', '--owner', 'romeo@montague.example', ...romeo]);
  const secret = decodePem(readFileSync(path('vouching.pem'), 'utf8'), 'PRIVATE KEY');
  const key = await (await importPrivateKey(secret, crypto)).signingKey(crypto);
  const domainStatement = decodePem(readFileSync(path('domain.cms'), 'utf8'), 'CMS');
  const vouched = async (): Promise<string> => {
    const identity = (await generatePrivateKey('Ed25519', systemRandom, crypto)).publicKey;
    const terms = { jid: 'juliet@capulet.example', identity, listVersion: 1, now: Date.now() };
    const notAfter = terms.now + 86_400_000;
    return encodePem('CMS', await signVouch({ ...terms, notAfter }, key, domainStatement, crypto));
  };
  const [first, second] = [await vouched(), await vouched()];
  const check = ['trust', 'vouch', '--check', '--root', path('root.crt'), ...romeo];
  const taken = await stanzaseal(check, first);
  assert.is(taken.code, 0, taken.stderr);
  const { code, stdout, stderr } = await stanzaseal(check, second);
  assert.is(code, 1);
  assert.match(
    stderr,
    /^error: ERR_VERIFY: not taken in: capulet\.example vouches for two keys of juliet@capulet\.example /,
  );
  assert.match(stderr, /A contact who took a new key within the week looks like this too: compare the fingerprint\n$/);
  assert.ok(stdout.includes(first) && stdout.includes(second));
  assert.not.match(stdout, /level: /);
});

test('a component that cannot begin says why, and ends', async () => {
  if (!hasOpenssl) return;
  writeFileSync(path('secret'), 'secret\n');
  const serve = ['vouch', 'serve', '--component', 'vouch.capulet.example', '--secret-file', path('secret')];
  const files = ['--domain-key', path('vouching.pem'), '--statement', path('domain.cms')];
  const nowhere = [...serve, ...files, '--service', 'xmpp://127.0.0.1:1'];
  failed(await stanzaseal([...nowhere, '--domain', 'capulet.example']), /^error: ERR_OFFLINE: /);
  failed(await stanzaseal([...nowhere, '--domain', 'montague.example']), /^error: ERR_ADDRESS: .* is about capulet/);
});

test.run();
