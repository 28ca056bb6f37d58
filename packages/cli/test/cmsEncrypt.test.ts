/** `stanzaseal cms encrypt` and `decrypt`: there and back, by every name a key goes by, and everything that must be refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DerTree, decodeDerTree, decodePem, encodeDerTree, ID_DATA } from '@stanzaseal/cms';
import { systemRandom } from '@stanzaseal/cms/provider';
import { vectorsDirectory } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { flipped, LETTER, makeKeys, refused, TYPE } from './cmsFixture.js';
import { hasOpenssl, read, run, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal cms encrypt');

test.before(makeKeys);

test('encrypted to two, decrypted by each, in DER and PEM, with and without RFC 9709', () => {
  const first = stanzaseal(`cms encrypt --recipient agree.pub --recipient foreign.pub ${TYPE} --in letter.txt`);
  assert.equal([first.code, first.stderr], [0, '']);
  for (const key of ['agree', 'foreign']) {
    assert.equal(stanzaseal(`cms decrypt --key ${key}.pem`, first.stdout), {
      code: 0,
      stdout: Buffer.from(LETTER),
      stderr: '',
    });
  }
  const second = stanzaseal(
    'cms encrypt --recipient agree.pub --cek-hkdf --pem --content-encryption aes-256-gcm',
    LETTER,
  );
  assert.match(second.stdout.toString(), /^-----BEGIN CMS-----\n/);
  assert.is(stanzaseal('cms decrypt --key agree.pem', second.stdout).stdout.toString(), LETTER);
  assert.is(stanzaseal('cms encrypt --recipient agree.pub --out empty.cms').code, 0, 'empty content is content');
  assert.equal(stanzaseal('cms decrypt --key agree.pem --in empty.cms'), {
    code: 0,
    stdout: Buffer.alloc(0),
    stderr: '',
  });
});

test('decrypt refuses everything that is wrong in the same words', () => {
  const sealed = stanzaseal(`cms encrypt --recipient agree.pub ${TYPE} --out sealed.cms`, LETTER);
  assert.is(sealed.code, 0);
  const octets = read('sealed.cms');
  const inputs = [
    '',
    'no object',
    octets.subarray(0, -1),
    flipped(octets, octets.length - 1),
    flipped(octets, octets.length - 40),
    stanzaseal('cms sign --key sign.pem', LETTER).stdout,
  ];
  for (const input of inputs)
    refused(stanzaseal('cms decrypt --key agree.pem', input), /^error: ERR_OPEN: object is not for us, or damaged\n$/);
  refused(
    stanzaseal('cms decrypt --key foreign.pem --in sealed.cms --out never.txt'),
    /^error: ERR_OPEN: object is not for us, or damaged\n$/,
  );
  assert.throws(() => read('never.txt'));
  refused(stanzaseal('cms decrypt --key sign.pem --in sealed.cms'), /^error: ERR_UNSUPPORTED: sign\.pem is of Ed25519/);
});

test('a recipient goes by SHA-256, by RFC 5280 SHA-1, or by the name given', () => {
  const octets = Buffer.from(stanzaseal(`cms encrypt --recipient agree.pub ${TYPE}`, LETTER).stdout);
  const spki = Buffer.from(
    read('agree.pub')
      .toString()
      .replace(/-----.*-----/g, ''),
    'base64',
  );
  const sha1 = run(['openssl', 'dgst', '-sha1', '-binary'], spki.subarray(-32)).stdout;
  const named = (name: Buffer): Uint8Array => {
    // recipientEncryptedKeys[0].rid stands outside of what the tag covers.
    const tree = decodeDerTree(octets);
    return encodeDerTree(replaced(tree, [1, 0, 1, 0, 3, 0, 0, 0], { tag: 0x04, content: name }));
  };
  if (hasOpenssl()) assert.is(stanzaseal('cms decrypt --key agree.pem', named(sha1)).stdout.toString(), LETTER);
  const own = named(Buffer.from('key one'));
  assert.is(stanzaseal('cms decrypt --key agree.pem --key-id 6b6579206f6e65', own).stdout.toString(), LETTER);
  refused(stanzaseal('cms decrypt --key agree.pem', own), /^error: ERR_OPEN: /);
});

test('P-256 with a certificate that carries our key identifier: OpenSSL opens ours, and we open what it writes, with a warning', () => {
  if (!hasOpenssl()) return;
  certify('p256');
  const ours = stanzaseal('cms encrypt --recipient p256.pub --out ours.cms', LETTER);
  assert.equal([ours.code, ours.stderr], [0, '']);
  const opened = run(
    'openssl cms -decrypt -inform DER -in ours.cms -inkey p256.pem -recip p256.crt -binary'.split(' '),
  );
  assert.equal([opened.code, opened.stdout.toString()], [0, LETTER]);

  const write = 'openssl cms -encrypt -aes-256-gcm -keyid -binary -in letter.txt -recip p256.crt';
  const theirs = stanzaseal('cms decrypt --key p256.pem', run(`${write} -outform DER`.split(' ')).stdout);
  assert.equal([theirs.code, theirs.stdout.toString()], [0, LETTER]);
  assert.match(theirs.stderr, /^warning: the key was agreed with SHA-1, .*ecdh_kdf_md:sha256'\n$/);
  const better = run(`${write} -outform PEM -keyopt ecdh_kdf_md:sha256`.split(' ')).stdout;
  assert.equal(stanzaseal('cms decrypt --key p256.pem', better), { code: 0, stdout: Buffer.from(LETTER), stderr: '' });
});

test('RSA, P-384, ML-KEM, shared keys and passwords in one object: each opens it', () => {
  const keys = hasOpenssl() ? ['p384', 'rsa', 'agree', 'p256'] : ['agree', 'p256'];
  if (keys.includes('rsa')) {
    run('openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem'.split(' '));
    run('openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem'.split(' '));
    for (const name of ['p384', 'rsa']) run(`openssl pkey -in ${name}.pem -pubout -out ${name}.pub`.split(' '));
  }
  write('kek', Buffer.alloc(32, 7));
  write('kek.hex', `${'07'.repeat(32)}\n`);
  write('words', 'wherefore art thou\n');
  write('others', 'another\n');
  const recipients = keys.map((name) => `--recipient ${name}.pub`).join(' ');
  const all = `${recipients} --kek-file kek --kek-id c0ffee --password-file words --password-file others`;
  const made = stanzaseal(
    `cms encrypt ${all} --content-encryption chacha20-poly1305 --cek-hkdf ${TYPE} --out all.cms`,
    LETTER,
  );
  assert.equal([made.code, made.stderr], [0, '']);
  for (const own of [
    ...keys.map((name) => `--key ${name}.pem`),
    '--kek-file kek --kek-id c0ffee',
    '--kek-file kek.hex --kek-id c0ffee',
    '--password-file words',
    '--password-file others',
  ])
    assert.equal(
      stanzaseal(`cms decrypt ${own} --in all.cms`),
      { code: 0, stdout: Buffer.from(LETTER), stderr: '' },
      own,
    );
  const short = stanzaseal('cms encrypt --recipient agree.pub --content-encryption aes-128-gcm', LETTER).stdout;
  assert.is(stanzaseal('cms decrypt --key agree.pem', short).stdout.toString(), LETTER);
  write('wrong', 'wherefore\n');
  for (const other of ['--key foreign.pem', '--password-file wrong', '--kek-file kek --kek-id c0ffef'])
    refused(stanzaseal(`cms decrypt ${other} --in all.cms`), /^error: ERR_OPEN: object is not for us, or damaged\n$/);
  write('short', Buffer.alloc(20));
  refused(
    stanzaseal('cms decrypt --kek-file short --kek-id 00 --in all.cms'),
    /^error: ERR_UNSUPPORTED: short is not a key of 16/,
  );
});

test('EnvelopedData, PKCS #1 v1.5 and a password that costs nothing: refused, the last unless asked for', () => {
  if (!hasOpenssl()) return;
  certify('p256');
  const cbc = run(
    'openssl cms -encrypt -aes-256-cbc -keyid -binary -in letter.txt -outform DER -recip p256.crt'.split(' '),
  );
  refused(
    stanzaseal('cms decrypt --key p256.pem', cbc.stdout),
    /^error: ERR_UNSUPPORTED: content type id-envelopedData is not supported\n$/,
  );
  const folder = vectorsDirectory();
  if (folder === undefined) return;
  const sample = readFileSync(join(folder, 'gnupg-gpgsm', 'pwri-sample.gcm.p7m'));
  write('abc', 'abc\n');
  refused(stanzaseal('cms decrypt --password-file abc', sample), /^error: ERR_OPEN: /);
  const opened = stanzaseal('cms decrypt --password-file abc --allow-weak-password-cost', sample);
  assert.equal([opened.code, opened.stderr], [0, '']);
  assert.match(opened.stdout.toString(), /^The police/);
});

test('AuthenticatedData: verified and its content written; a changed bit is refused', async () => {
  const { createGeneralCrypto } = await import('@stanzaseal/cms/general/provider');
  const { authenticate } = await import('@stanzaseal/envelope/general');
  const crypto = createGeneralCrypto();
  const key = await crypto.importPublicKey(decodePem(read('agree.pub').toString(), 'PUBLIC KEY'));
  const der = await authenticate(Buffer.from(LETTER), {
    profile: 'general',
    recipients: [{ kind: 'key', key }],
    contentType: ID_DATA,
    macAlgorithm: 'HMAC-SHA-256',
    random: systemRandom,
    crypto,
  });
  assert.equal(stanzaseal('cms decrypt --key agree.pem', der), { code: 0, stdout: Buffer.from(LETTER), stderr: '' });
  refused(
    stanzaseal('cms decrypt --key agree.pem', flipped(der, Buffer.from(der).indexOf('sweet'))),
    /^error: ERR_OPEN: /,
  );
});

/** Makes NAME.crt for a key, with our key identifier in it. */
function certify(name: string): void {
  const id = stanzaseal(`key id --in ${name}.pub`)
    .stdout.toString()
    .trim()
    .replace(/..(?=.)/g, '$&:');
  write(`${name}.cnf`, `[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectKeyIdentifier=${id}\n`);
  const { code, stderr } = run(
    `openssl req -x509 -new -key ${name}.pem -subj /CN=${name} -config ${name}.cnf -extensions ext -out ${name}.crt`.split(
      ' ',
    ),
  );
  assert.is(code, 0, stderr);
}

function replaced(tree: DerTree, [first, ...rest]: readonly number[], by: DerTree): DerTree {
  if (first === undefined) return by;
  return {
    ...tree,
    content: (tree.content as readonly DerTree[]).map((child, i) => (i === first ? replaced(child, rest, by) : child)),
  };
}

test.run();
