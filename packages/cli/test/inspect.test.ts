/** `stanzaseal cms inspect`: everything that was ever published, hostile text, and the form of its JSON. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorsDirectory } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CliFailure } from '../src/failure.js';
import { inspect } from '../src/inspection.js';
import { conformsTo } from './jsonSchema.js';
import { folder, hasOpenssl, run, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal cms inspect');

const check = conformsTo('inspect');

test('every published vector: a tree or one refusal, text and JSON, none a hang', async () => {
  const vectors = vectorsDirectory();
  if (vectors === undefined) return;
  const seen = { shown: 0, refused: 0 };
  for (const entry of readdirSync(vectors, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const start = performance.now();
    try {
      const text = await inspect(file, false);
      assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, file);
      check(JSON.parse(await inspect(file, true)));
      seen.shown++;
    } catch (thrown) {
      const { code } = thrown as CliFailure;
      assert.ok(code === 'ERR_DER' || code === 'ERR_UNSUPPORTED', `${file}: ${thrown}`);
      seen.refused++;
    }
    assert.ok(performance.now() - start < 5000, `${file} hangs`);
  }
  assert.ok(seen.shown > 350, JSON.stringify(seen));
});

test('names, secrets and files of several blocks, at the shell', () => {
  write('key.pem', stanzaseal('key generate --algorithm ed25519').stdout);
  const secret = Buffer.from(readFileSync(join(folder, 'key.pem'), 'utf8').split('\n')[1] as string, 'base64').subarray(
    -32,
  );
  const { code, stdout, stderr } = stanzaseal('cms inspect --in key.pem');
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout.toString(), /^# PEM PRIVATE KEY, OneAsymmetricKey, strict DER\n/);
  assert.match(stdout.toString(), /privateKey OCTET STRING \(not shown: part of a private key\)\n/);
  assert.not.match(stdout.toString(), secret.toString('hex').slice(0, 16));

  const object = stanzaseal('cms sign --key key.pem --content-type 2.25.1', 'letter').stdout;
  const shown = stanzaseal('cms inspect', object).stdout.toString();
  assert.match(shown, /\n +\d+ +2 +32 +sid\.subjectKeyIdentifier \[0\] [0-9a-f]{64}\n/);
  const { objects } = JSON.parse(stanzaseal('cms inspect --json', object).stdout.toString());
  assert.is(objects[0].root.children[1].children[0].structure, 'SignedData');

  const pem = readFileSync(join(folder, 'key.pem'), 'utf8');
  const both = stanzaseal('cms inspect --json', `Two keys:\n${pem}\n${pem}`);
  assert.is(JSON.parse(both.stdout.toString()).objects.length, 2);
});

test('an encrypted key, a private key of an unknown form, empty and truncated input, text', () => {
  const cases: [input: string | Uint8Array, line: RegExp][] = [
    ['', /^error: ERR_DER: input is empty\n$/],
    ['MIME-Version: 1.0\n', /^error: ERR_DER: input is not BER\n$/],
    [Buffer.from('30050201', 'hex'), /^error: ERR_DER: input is not BER\n$/],
    [
      '-----BEGIN ODD PRIVATE KEY-----\nMAMCAQU=\n-----END ODD PRIVATE KEY-----\n',
      /^error: ERR_UNSUPPORTED: a private key of an unknown form/,
    ],
    ['-----BEGIN CMS-----\nMAMCAQU=\n', /^error: ERR_DER: PEM block without end\n$/],
  ];
  for (const [input, line] of cases) {
    const { code, stdout, stderr } = stanzaseal('cms inspect', input);
    assert.is(code, 1, stderr);
    assert.is(stdout.length, 0);
    assert.match(stderr, line);
  }
  if (!hasOpenssl()) return;
  run('openssl genpkey -algorithm ED25519 -aes256 -pass pass:x -out encrypted.pem'.split(' '));
  assert.match(
    stanzaseal('cms inspect --in encrypted.pem').stdout.toString(),
    /^# PEM ENCRYPTED PRIVATE KEY, EncryptedPrivateKeyInfo/,
  );
});

test('text inside an object cannot move the cursor or turn what is read around', async () => {
  const hostile = '\u001b[2J\u202eevil\u0007"\\';
  const octets = Buffer.from(hostile);
  write('hostile.der', Buffer.concat([Buffer.of(0x0c, octets.length), octets]));
  const text = await inspect(join(folder, 'hostile.der'), false);
  assert.match(text, 'UTF8String "\\u{1b}[2J\\u{202e}evil\\u{7}\\"\\\\"');
  assert.is(JSON.parse(await inspect(join(folder, 'hostile.der'), true)).objects[0].root.value.text, hostile);
});

test.run();
