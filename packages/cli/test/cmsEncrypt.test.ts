/** `stanzaseal cms encrypt` and `decrypt`: there and back, by every name a key goes by, and everything that must be refused. */
import { type DerTree, decodeDerTree, encodeDerTree } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { flipped, LETTER, makeKeys, refused, TYPE } from './cmsFixture.js';
import { hasOpenssl, read, run, stanzaseal } from './shell.js';

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

function replaced(tree: DerTree, [first, ...rest]: readonly number[], by: DerTree): DerTree {
  if (first === undefined) return by;
  return {
    ...tree,
    content: (tree.content as readonly DerTree[]).map((child, i) => (i === first ? replaced(child, rest, by) : child)),
  };
}

test.run();
