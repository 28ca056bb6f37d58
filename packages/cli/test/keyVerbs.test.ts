/** `stanzaseal key`: our keys in OpenSSL, OpenSSL's keys in ours, and every way to ask for what is not there. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodePem, encodePem } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conformsTo } from './jsonSchema.js';
import { folder, hasOpenssl, read, run, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal key');

const ALGORITHMS = {
  ed25519: 'ED25519',
  x25519: 'X25519',
  p256: 'EC -pkeyopt ec_paramgen_curve:P-256',
  p384: 'EC -pkeyopt ec_paramgen_curve:P-384',
  rsa: 'RSA -pkeyopt rsa_keygen_bits:2048',
};
/** Not known to OpenSSL before 3.5. Lengths of public keys: FIPS 203 §8, FIPS 204 §4. */
const LATTICE = { 'ml-kem-768': 1184, 'ml-kem-1024': 1568, 'ml-dsa-44': 1312, 'ml-dsa-65': 1952, 'ml-dsa-87': 2592 };

for (const [algorithm, opensslAlgorithm] of Object.entries(ALGORITHMS)) {
  test(`${algorithm}: OpenSSL reads our keys, we read OpenSSL's, and all agree on the public half and the identifier`, () => {
    assert.equal(stanzaseal(`key generate --algorithm ${algorithm} --out ${algorithm}.pem`), {
      code: 0,
      stdout: Buffer.alloc(0),
      stderr: '',
    });
    assert.is(statSync(join(folder, `${algorithm}.pem`)).mode & 0o777, 0o600, 'nobody else reads a private key');
    if (!hasOpenssl()) return;
    const theirKey = run(`openssl genpkey -algorithm ${opensslAlgorithm} -out their-${algorithm}.pem`.split(' '));
    assert.is(theirKey.code, 0, theirKey.stderr);
    for (const key of [`${algorithm}.pem`, `their-${algorithm}.pem`]) {
      const theirs = run(['openssl', 'pkey', '-in', key, '-pubout']);
      const ours = stanzaseal(`key public --in ${key}`);
      assert.equal([theirs.code, ours.code, ours.stderr], [0, 0, '']);
      assert.is(ours.stdout.toString(), theirs.stdout.toString(), key);
      const der = run(['openssl', 'pkey', '-in', key, '-pubout', '-outform', 'DER']).stdout;
      const id = stanzaseal('key id', ours.stdout);
      assert.is(id.stdout.toString(), `${createHash('sha256').update(der).digest('hex')}\n`);
    }
    const parsed = run(['openssl', 'asn1parse', '-in', `${algorithm}.pem`]);
    assert.is(parsed.code, 0, parsed.stderr);
  });
}

for (const [algorithm, length] of Object.entries(LATTICE)) {
  test(`${algorithm}: a key of its length, its public half, and SHA-256 of that`, async () => {
    const pem = stanzaseal(`key generate --algorithm ${algorithm}`);
    assert.equal([pem.code, pem.stderr], [0, '']);
    const { publicKey } = await createGeneralCrypto().importPrivateKey(decodePem(`${pem.stdout}`, 'PRIVATE KEY'));
    assert.is(publicKey.algorithm, algorithm.toUpperCase());
    assert.is(publicKey.subjectPublicKey.length, length);
    // A process for each verb takes its time; the verbs do not tell sizes apart.
    if (algorithm !== 'ml-kem-768' && algorithm !== 'ml-dsa-65') return;
    const ours = stanzaseal('key public', pem.stdout);
    assert.is(`${ours.stdout}`, encodePem('PUBLIC KEY', publicKey.spki));
    const id = JSON.parse(stanzaseal('key id --json', ours.stdout).stdout.toString());
    conformsTo('keyId')(id);
    assert.is(id.keyIdentifier, createHash('sha256').update(publicKey.spki).digest('hex'));
  });
}

test('what a file holds that is no such key is one line and exit 1, and nothing on standard output', () => {
  stanzaseal('key generate --algorithm ed25519 --out own.pem');
  const cases: [args: string, input: string, line: RegExp][] = [
    ['key id --in own.pem', '', /^error: ERR_DER: own\.pem is not one public key in PEM.*\n$/],
    ['key public', '', /^error: ERR_DER: input is not one private key in PEM.*\n$/],
    ['key public', read('own.pem').toString().slice(0, 60), /^error: ERR_DER: /],
    ['key public', read('own.pem').toString().repeat(2), /^error: ERR_DER: /],
    ['key public --in nowhere.pem', '', /^error: ERR_IO: nowhere\.pem: no such file or directory\n$/],
    ['key public --in .', '', /^error: ERR_IO: .*is a directory\n$/],
    ['key id', 'x'.repeat(70000), /^error: ERR_TOO_LARGE: input is longer than 64 KiB\n$/],
  ];
  for (const [args, input, line] of cases) {
    const { code, stdout, stderr } = stanzaseal(args, input);
    assert.is(code, 1, args);
    assert.is(stdout.length, 0, args);
    assert.match(stderr, line);
  }
  if (!hasOpenssl()) return;
  for (const algorithm of ['X448', 'RSA -pkeyopt rsa_keygen_bits:1024']) {
    run(`openssl genpkey -algorithm ${algorithm} -out other.pem`.split(' '));
    assert.match(
      stanzaseal('key public --in other.pem').stderr,
      /^error: ERR_UNSUPPORTED: other\.pem is a key of an algorithm or a size that is not supported\n$/,
    );
  }
});

test('command lines that cannot be carried out are exit 2', () => {
  const cases: [args: string, line: RegExp][] = [
    [
      'key generate --algorithm des',
      /^error: ERR_USAGE: unknown algorithm 'des'; supported now: ed25519, x25519, p256, p384, rsa, ml-kem-768, .*, ml-dsa-87\n$/,
    ],
    ['key generate', /^error: ERR_USAGE: required option '--algorithm <name>' not specified\n$/],
    ['key id --jsno', /^error: ERR_USAGE: unknown option '--jsno' \(Did you mean --json\?\)\n$/],
    ['key id more', /^error: ERR_USAGE: too many arguments/],
    ['key smith', /^error: ERR_USAGE: unknown command 'smith'\n$/],
    ['key', /^Usage: stanzaseal key /],
  ];
  for (const [args, line] of cases) {
    const { code, stdout, stderr } = stanzaseal(args);
    assert.is(code, 2, args);
    assert.is(stdout.length, 0, args);
    assert.match(stderr, line);
  }
});

test('help goes to standard output with examples; key id has a JSON form', () => {
  const help = stanzaseal('key generate --help');
  assert.equal([help.code, help.stderr], [0, '']);
  assert.match(help.stdout.toString(), /Examples:\n {2}stanzaseal key generate --algorithm ed25519 --out sign\.pem\n/);
  stanzaseal('key generate --algorithm p256 --out json.pem');
  const { stdout } = stanzaseal('key id --json', stanzaseal('key public --in json.pem').stdout);
  const id = JSON.parse(stdout.toString());
  conformsTo('keyId')(id);
  assert.is(id.algorithm, 'P-256');
});

test('--out leaves what was there, and no trace, unless all went well', () => {
  write('kept.txt', 'as it was');
  assert.is(stanzaseal('key public --in nowhere.pem --out kept.txt').code, 1);
  assert.is(read('kept.txt').toString(), 'as it was');
  assert.is(stanzaseal('key generate --algorithm ed25519 --out no/such/folder.pem').code, 1);
  assert.not(existsSync(join(folder, 'no')));
  assert.equal(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test.run();
