/** `stanzaseal cms`: there and back, and everything that must be refused. */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type DerTree, decodeDerTree, encodeDerTree } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { flipped, LETTER, makeKeys, refused, TYPE } from './cmsFixture.js';
import { cli, folder, hasOpenssl, read, run, stanzaseal, write } from './shell.js';

const test = suite('stanzaseal cms');

test.before(makeKeys);

for (const key of ['sign', 'p256']) {
  test(`${key}: signed, verified, and verified by OpenSSL over the signed attributes`, () => {
    assert.is(stanzaseal(`cms sign --key ${key}.pem ${TYPE} --in letter.txt --out ${key}.cms`).code, 0);
    assert.equal(stanzaseal(`cms verify --signer ${key}.pub`, read(`${key}.cms`)), {
      code: 0,
      stdout: Buffer.from(LETTER),
      stderr: '',
    });
    if (!hasOpenssl()) return;
    const signerInfo = descend(decodeDerTree(read(`${key}.cms`)), 1, 0, 3, 0);
    write('attrs.der', encodeDerTree({ tag: 0x31, content: descend(signerInfo, 3).content }));
    write('attrs.sig', descend(signerInfo, 5).content as Uint8Array);
    const command =
      key === 'sign'
        ? 'openssl pkeyutl -verify -pubin -inkey sign.pub -rawin -in attrs.der -sigfile attrs.sig'
        : 'openssl dgst -sha256 -verify p256.pub -signature attrs.sig attrs.der';
    const theirs = run(command.split(' '));
    assert.is(theirs.code, 0, theirs.stderr);
    assert.is(run(`openssl asn1parse -inform DER -in ${key}.cms`.split(' ')).code, 0);
  });
}

test('detached and in PEM; id-data with a warning; a signer by name', () => {
  assert.is(stanzaseal(`cms sign --key sign.pem ${TYPE} --detached --pem --in letter.txt --out letter.sig`).code, 0);
  assert.match(read('letter.sig').toString(), /^-----BEGIN CMS-----\n/);
  assert.is(stanzaseal('cms verify --signer sign.pub --content letter.txt --in letter.sig').stdout.toString(), LETTER);
  refused(
    stanzaseal('cms verify --signer sign.pub --in letter.sig'),
    /^error: ERR_VERIFY: signed data does not verify\n$/,
  );
  write('other.txt', 'another letter');
  refused(stanzaseal('cms verify --signer sign.pub --content other.txt --in letter.sig'), /^error: ERR_VERIFY: /);

  const unnamed = stanzaseal('cms sign --key sign.pem', LETTER);
  assert.is(unnamed.code, 0);
  assert.match(unnamed.stderr, /^warning: content type is id-data, .*\n$/);
  const verified = stanzaseal('cms verify --signer sign.pub', unnamed.stdout);
  assert.equal([verified.code, verified.stdout.toString()], [0, LETTER]);
  assert.match(verified.stderr, /^warning: content type is id-data/);

  const id = stanzaseal('key id --in sign.pub').stdout.toString().trim();
  assert.is(stanzaseal(`cms verify --signer sign.pub --key-id ${id} --in sign.cms`).code, 0);
  refused(stanzaseal(`cms verify --signer sign.pub --key-id 00${id.slice(2)} --in sign.cms`), /^error: ERR_VERIFY: /);
});

test('verify refuses everything that is wrong in the same words', () => {
  const signed = read('sign.cms');
  const inputs: Record<string, Uint8Array | string> = {
    empty: '',
    garbage: 'no object at all',
    truncated: signed.subarray(0, signed.length - 1),
    longer: Buffer.concat([signed, Buffer.of(0)]),
    'bit of the content': flipped(signed, signed.indexOf('sweet')),
    'bit of the signature': flipped(signed, signed.length - 1),
    'bad base64': `-----BEGIN CMS-----\n?${signed.toString('base64')}\n-----END CMS-----\n`,
    'another label': `-----BEGIN CERTIFICATE-----\n${signed.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
  for (const [name, input] of Object.entries(inputs)) {
    refused(stanzaseal('cms verify --signer sign.pub', input), /^error: ERR_VERIFY: signed data does not verify\n$/);
    assert.ok(name);
  }
  refused(
    stanzaseal('cms verify --signer other.pub --in sign.cms'),
    /^error: ERR_VERIFY: signed data does not verify\n$/,
  );
  refused(
    stanzaseal('cms verify --signer agree.pub --in sign.cms'),
    /^error: ERR_UNSUPPORTED: agree\.pub is of X25519, which does not sign\n$/,
  );
});

test('options of later work and bad values are exit 2, by name', () => {
  const cases: [args: string, line: RegExp][] = [
    [
      'cms encrypt --in letter.txt',
      /name at least one '--recipient', '--kek-file' with '--kek-id', or '--password-file'\n$/,
    ],
    ['cms encrypt --kek-file kek', /give each '--kek-file' its '--kek-id', in the same order\n$/],
    ['cms encrypt --recipient agree.pub --content-encryption aes-256-cbc', /unknown content encryption 'aes-256-cbc'/],
    ['cms decrypt', /give one of '--key', '--kek-file' and '--password-file'\n$/],
    ['cms decrypt --key agree.pem --password-file pw', /give one of '--key', '--kek-file' and '--password-file'\n$/],
    ['cms decrypt --kek-file kek', /'--kek-file' and '--kek-id' go together\n$/],
    ['cms decrypt --password-file pw --key-id 00', /'--key-id' goes with '--key'\n$/],
    ['cms encrypt --recipient agree.pub --recipient agree.pub', /recipient agree\.pub is named twice\n$/],
    ['cms sign --key sign.pem --content-type data', /'data' is not an object identifier/],
    [`cms sign --key sign.pem --content-type 1.2.${'9'.repeat(100)}`, /is not an object identifier/],
    ['cms verify --signer sign.pub --key-id 0', /'0' is not a key identifier/],
  ];
  for (const [args, line] of cases) refused(stanzaseal(args), line, 2);
  refused(stanzaseal('cms encrypt --recipient sign.pub', LETTER), /^error: ERR_UNSUPPORTED: sign\.pub is of Ed25519/);
  const attributes = Buffer.from('310b300906035504033102050 0'.replace(' ', ''), 'hex');
  refused(
    stanzaseal(`cms sign --key sign.pem ${TYPE}`, attributes),
    /^error: ERR_UNSUPPORTED: content would pass as the signed attributes/,
  );
});

test('100 MB to be held in memory, by file or by pipe, is one clear line', () => {
  write('huge.bin', '');
  truncateSync(join(folder, 'huge.bin'), 100_000_000);
  refused(
    stanzaseal(`cms sign --key sign.pem ${TYPE} --pem --in huge.bin`),
    /^error: ERR_TOO_LARGE: input is longer than 64 MiB\n$/,
  );
  const piped = run([
    'sh',
    '-c',
    `head -c 100000000 /dev/zero | ${quote(cli)} cms encrypt --recipient agree.pub ${TYPE} --pem`,
  ]);
  refused(piped, /^error: ERR_TOO_LARGE: input is longer than 64 MiB\n$/);
});

test('a reader that goes away is no reason for a word', () => {
  const { stderr } = run([
    'sh',
    '-c',
    `${quote(cli)} cms inspect --json --in sign.cms | head -c 1 > /dev/null; head -c 3000000 /dev/zero | ${quote(cli)} cms sign --key sign.pem ${TYPE} | head -c 1 > /dev/null`,
  ]);
  assert.is(stderr, '');
});

function descend(tree: DerTree, ...path: number[]): DerTree {
  return path.reduce((node, i) => (node.content as readonly DerTree[])[i] as DerTree, tree);
}

function quote(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

test.run();
