/** `stanzaseal cms inspect`: everything that was ever published, hostile text, the form of its JSON, colours. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorsDirectory } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CliFailure } from '../src/failure.js';
import { inspect } from '../src/inspection.js';
import { inspected } from './inspected.js';
import { conformsTo } from './jsonSchema.js';
import { cli, folder, hasOpenssl, run, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal cms inspect');

const check = conformsTo('inspect');

test('every published vector: a tree or one refusal, text and JSON, none a hang', async () => {
  const vectors = vectorsDirectory();
  if (vectors === undefined) return;
  const seen = { shown: 0, broken: 0, refused: 0 };
  const codes = new Set<string>();
  for (const entry of readdirSync(vectors, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const start = performance.now();
    try {
      const { text, failures } = await inspect(file, false);
      assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, file);
      if (text === '') {
        assert.ok(failures.length > 0, file);
        seen.refused++;
        continue;
      }
      const json = JSON.parse((await inspect(file, true)).text);
      check(json);
      for (const { warnings } of json.objects) for (const { code } of warnings) codes.add(code);
      for (const { code } of failures) assert.ok(code === 'ERR_DER' || code === 'ERR_UNSUPPORTED', file);
      if (failures.length > 0) seen.broken++;
      else seen.shown++;
    } catch (thrown) {
      const { code } = thrown as CliFailure;
      assert.ok(code === 'ERR_DER' || code === 'ERR_UNSUPPORTED', `${file}: ${thrown}`);
      seen.refused++;
    }
    assert.ok(performance.now() - start < 5000, `${file} hangs`);
  }
  assert.ok(seen.shown > 350, JSON.stringify(seen));
  assert.ok(codes.size > 20, `of the warnings, these occur: ${[...codes].sort()}`);
});

test('names, secrets and files of several blocks, at the shell', () => {
  write('key.pem', stanzaseal('key generate --algorithm ed25519').stdout);
  const secret = Buffer.from(readFileSync(join(folder, 'key.pem'), 'utf8').split('\n')[1] as string, 'base64').subarray(
    -32,
  );
  const { code, stdout, stderr } = stanzaseal('cms inspect --in key.pem');
  assert.equal([code, stderr], [0, '']);
  assert.match(stdout.toString(), /^# PEM PRIVATE KEY, OneAsymmetricKey, strict DER, 48 octets\n/);
  assert.match(stdout.toString(), /privateKey OCTET STRING \(not shown: part of a private key\) -- the secret\n/);
  assert.not.match(stdout.toString(), secret.toString('hex').slice(0, 16));

  const object = stanzaseal('cms sign --key key.pem --content-type 2.25.1', 'letter').stdout;
  const shown = stanzaseal('cms inspect', object).stdout.toString();
  assert.match(shown, /\n +\d+ +2 +32 +sid\.subjectKeyIdentifier \[0\] [0-9a-f]{64} -- who claims to have signed; /);
  const { objects } = JSON.parse(stanzaseal('cms inspect --json', object).stdout.toString());
  assert.is(objects[0].root.children[1].children[0].structure, 'SignedData');
  assert.equal(objects[0].warnings, []);

  const pem = readFileSync(join(folder, 'key.pem'), 'utf8');
  const both = stanzaseal('cms inspect --json', `Two keys:\n${pem}\n${pem}`);
  assert.is(JSON.parse(both.stdout.toString()).objects.length, 2);
  write('public.pem', stanzaseal('key public --in key.pem').stdout);
  const id = stanzaseal('key id --in public.pem').stdout.toString().trim();
  assert.match(stanzaseal('cms inspect --in public.pem').stdout.toString(), `-- key identifier ${id}\n`);
});

test('an encrypted key, a private key of an unknown form, empty input, text', () => {
  const cases: [input: string | Uint8Array, line: RegExp][] = [
    ['', /^error: ERR_DER: input is empty\n$/],
    ['MIME-Version: 1.0\n', /^error: ERR_DER: input is not BER\n$/],
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

test('a key in PKCS #12 without encryption stays a secret', () => {
  if (!hasOpenssl()) return;
  write('p12.pem', stanzaseal('key generate --algorithm ed25519').stdout);
  const secret = Buffer.from(readFileSync(join(folder, 'p12.pem'), 'utf8').split('\n')[1] as string, 'base64');
  run('openssl req -x509 -key p12.pem -subj /CN=juliet -out p12.crt'.split(' '));
  const exported =
    'openssl pkcs12 -export -inkey p12.pem -in p12.crt -keypbe NONE -certpbe NONE -passout pass: -out key.p12';
  assert.is(run(exported.split(' ')).code, 0);
  const octets = new Uint8Array(readFileSync(join(folder, 'key.p12')));
  assert.ok(Buffer.from(octets).includes(secret.subarray(-32)), 'the key stands in the clear there');
  const hidden = new RegExp(secret.toString('hex').slice(-64, -44));
  for (let end = 1; end <= octets.length; end++) {
    assert.not.match(inspected(octets.subarray(0, end))?.shown ?? '', hidden, `${end} octets`);
  }
});

test('text inside an object cannot move the cursor or turn what is read around', async () => {
  const hostile = '\u001b[2J\u202eevil\u0007"\\';
  const octets = Buffer.from(hostile);
  write('hostile.der', Buffer.concat([Buffer.of(0x0c, octets.length), octets]));
  const { text } = await inspect(join(folder, 'hostile.der'), false);
  assert.match(text, 'UTF8String "\\u{1b}[2J\\u{202e}evil\\u{7}\\"\\\\"');
  const { objects } = JSON.parse((await inspect(join(folder, 'hostile.der'), true)).text);
  assert.is(objects[0].root.value.text, hostile);
});

test('colours on a terminal alone, and not where they are not wanted', () => {
  write('null.der', Uint8Array.of(5, 0));
  const args = ['cms', 'inspect', '--in', join(folder, 'null.der')];
  assert.not.match(run([...cli, ...args]).stdout.toString(), '\u001b');
  // A terminal of Python's: Node has none to give.
  const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const found = run(['sh', '-c', 'command -v python3 && python3 -c "import pty"']);
  if (found.code !== 0) return void console.log('SKIPPED: no python3 with pty');
  // What else says something of colours: CI machines count as no terminals.
  const silent = ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'COLORTERM', 'TMUX', 'CI'].flatMap((name) => [
    '-u',
    name,
  ]);
  const coloured = run(['env', ...silent, 'TERM=xterm', 'python3', '-c', terminal, ...cli, ...args]);
  assert.match(coloured.stdout.toString(), '\u001b[1m');
  for (const setting of ['NO_COLOR=1', 'TERM=dumb']) {
    const without = run(['env', ...silent, 'TERM=xterm', setting, 'python3', '-c', terminal, ...cli, ...args]);
    assert.match(without.stdout.toString(), 'NULL', without.stderr);
    assert.not.match(without.stdout.toString(), '\u001b[1m', setting);
  }
});

test.run();
