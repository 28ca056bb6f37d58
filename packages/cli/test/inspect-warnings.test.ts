/** Warnings of `cms inspect`: each from an object that was well-formed until one thing in it was changed; and what parts stand under. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ID_DATA, oid } from '@stanzaseal/cms';
import {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  childrenOf,
  goldenWorld,
  repositoryRoot,
  SEALED_PATH,
  SIGNED_PATH,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Protection as Named } from '../src/inspect/protection.js';
import type { Warning } from '../src/inspect/warnings.js';
import { codesOf, inspected } from './inspected.js';
import { hasOpenssl, read, run, write } from './shell.js';

type Protection = Named & { readonly path: string };

const test = suite('warnings of stanzaseal cms inspect');
const world = await goldenWorld();
const sealed = world.object('sealed').der;
const signed = world.object('signed').der;
const forged = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(repositoryRoot, 'test-vectors', 'openssl-forgeries', `${name}.der`)));

/** A list of the tree for tools. */
function jsonOf<T>(der: Uint8Array, member: 'protection' | 'warnings'): T[] {
  const found = inspected(der);
  assert.ok(found);
  return found.json[member] as T[];
}

test('what we make has none', () => {
  for (const { name, der } of world.objects) assert.equal(codesOf(der), [], name);
});

test('what OpenSSL 3.0.19 opens and should not: cipher without a tag, cut tags, the nonce of CVE-2025-15467', () => {
  // All five agree by a key derivation with SHA-1, which is OpenSSL's default.
  assert.equal(codesOf(forged('e')), ['weak-digest']);
  assert.equal(codesOf(forged('ofb')), ['weak-digest', 'not-an-aead']);
  assert.equal(codesOf(forged('tag1')), ['weak-digest', 'tag-length']);
  assert.equal(codesOf(forged('tag4')), ['weak-digest', 'tag-length']);
  assert.equal(codesOf(forged('iv64')), ['weak-digest', 'nonce-length']);
});

/** The value of one octet more or less, or of others. */
const set = (value: BadPeerValue, content: Uint8Array): void => void (value.content = content);
const twice = (values: BadPeerValue[], index: number): void => void values.push(values[index] as BadPeerValue);
const octets = (value: BadPeerValue): Uint8Array => value.content as Uint8Array;
const sort = (value: BadPeerValue): void => void childrenOf(value).sort((a, b) => hex(a).localeCompare(hex(b)));
const hex = (value: BadPeerValue): string =>
  value.content instanceof Uint8Array ? Buffer.from(value.content).toString('hex') : value.content.map(hex).join();

const cases: [title: string, from: Uint8Array, change: (root: BadPeerValue) => void, expected: string[]][] = [
  ['indefinite length', sealed, (root) => void (root.length = 'indefinite'), ['ber', 'indefinite-length']],
  ['long length', sealed, (root) => void (at(root, 0).length = 2), ['ber', 'non-minimal-length']],
  ['trailing octets', sealed, (root) => void (root.trailing = Uint8Array.of(1, 2, 3)), ['trailing-octets']],
  [
    'long integer',
    sealed,
    (root) => set(at(root, ...SEALED_PATH.version), Uint8Array.of(0, 0)),
    ['ber', 'non-minimal-integer'],
  ],
  [
    'chunks',
    sealed,
    (root) => {
      const content = at(root, ...SEALED_PATH.encryptedContent);
      const chunk = badPeerValue(0x04, octets(content));
      Object.assign(content, badPeerValue(0xa0, [chunk]));
    },
    ['constructed-string'],
  ],
  ['set out of order', sealed, (root) => void childrenOf(at(root, ...SEALED_PATH.authAttrs)).reverse(), ['set-order']],
  ['tag cut to 12', sealed, (root) => set(at(root, ...SEALED_PATH.mac), new Uint8Array(12)), ['tag-length-differs']],
  [
    'ICVlen left out',
    sealed,
    (root) => void childrenOf(at(root, ...SEALED_PATH.innerAlgorithm, 1)).pop(),
    ['tag-length-default', 'tag-length', 'tag-length-differs'],
  ],
  [
    'nonce of 16',
    sealed,
    (root) => set(at(root, ...SEALED_PATH.innerAlgorithm, 1, 0), new Uint8Array(16)),
    ['nonce-length'],
  ],
  [
    'no authAttrs',
    sealed,
    (root) => void childrenOf(at(root, ...SEALED_PATH.data)).splice(3, 1),
    ['no-authenticated-attributes'],
  ],
  [
    'unauthAttrs',
    sealed,
    (root) => {
      const attributes = structuredClone(at(root, ...SEALED_PATH.authAttrs));
      childrenOf(at(root, ...SEALED_PATH.data)).push({ ...attributes, tag: 0xa2 });
    },
    ['unauthenticated-attributes'],
  ],
  [
    'an attribute twice',
    sealed,
    (root) => {
      const attributes = at(root, ...SEALED_PATH.authAttrs);
      childrenOf(attributes).splice(1, 0, structuredClone(at(attributes, 0)));
    },
    ['duplicate-attribute'],
  ],
  [
    'a recipient twice',
    sealed,
    (root) => twice(childrenOf(at(root, ...SEALED_PATH.recipientEncryptedKeys)), 0),
    ['duplicate-recipient', 'recipients-digest-differs'],
  ],
  [
    'another recipient',
    sealed,
    (root) => set(at(root, ...SEALED_PATH.recipientEncryptedKeys, 0, 0, 0), new Uint8Array(32)),
    ['recipients-digest-differs'],
  ],
  [
    'no recipients',
    sealed,
    (root) => void (at(root, ...SEALED_PATH.recipientInfos).content = []),
    ['no-recipients', 'recipients-digest-differs'],
  ],
  [
    'key agreement without key wrap',
    sealed,
    (root) => void childrenOf(at(root, ...SEALED_PATH.keyEncryptionAlgorithm)).pop(),
    ['missing-parameters'],
  ],
  [
    'content changed',
    signed,
    (root) => void octets(at(root, ...SIGNED_PATH.eContent)).fill(0x20, 0, 1),
    ['digest-differs'],
  ],
  [
    'id-data',
    signed,
    (root) => set(at(root, ...SIGNED_PATH.eContentType), ID_DATA),
    ['id-data', 'content-type-differs'],
  ],
  ['no signer', signed, (root) => void (at(root, ...SIGNED_PATH.signerInfos).content = []), ['no-signers']],
  [
    'no signedAttrs',
    signed,
    (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(3, 1),
    ['no-signed-attributes'],
  ],
  [
    'unsignedAttrs',
    signed,
    (root) => {
      const attributes = structuredClone(at(root, ...SIGNED_PATH.signedAttrs));
      childrenOf(at(root, ...SIGNED_PATH.signerInfo)).push({ ...attributes, tag: 0xa1 });
    },
    ['unsigned-attributes'],
  ],
  [
    'message-digest gone',
    signed,
    (root) => {
      const attributes = at(root, ...SIGNED_PATH.signedAttrs);
      const digest = Buffer.from(oid('1.2.840.113549.1.9.4'));
      attributes.content = childrenOf(attributes).filter((each) => !digest.equals(octets(at(each, 0))));
    },
    ['missing-attribute'],
  ],
  [
    'signing-time with two values',
    signed,
    (root) => {
      const time = Buffer.from(oid('1.2.840.113549.1.9.5'));
      const attributes = childrenOf(at(root, ...SIGNED_PATH.signedAttrs));
      const found = attributes.find((each) => time.equals(octets(at(each, 0))));
      assert.ok(found);
      twice(childrenOf(at(found, 1)), 0);
      sort(at(found, 1));
    },
    ['ber', 'set-order', 'attribute-values'],
  ],
  [
    'certificates',
    signed,
    (root) => void childrenOf(at(root, ...SIGNED_PATH.data)).splice(3, 0, badPeerValue(0xa0, [])),
    ['certificates'],
  ],
  [
    'a signer twice',
    signed,
    (root) => twice(childrenOf(at(root, ...SIGNED_PATH.signerInfos)), 0),
    ['ber', 'duplicate-signer'],
  ],
  [
    'SHA-1',
    signed,
    (root) => set(at(root, ...SIGNED_PATH.digestAlgorithm, 0), oid('1.3.14.3.2.26')),
    ['weak-digest', 'digest-differs'],
  ],
];
for (const [title, from, change, expected] of cases) {
  test(title, () => assert.equal(codesOf(changed(from, change)), expected));
}

test('what OpenSSL writes: CBC, RSA v1.5, a password, without attributes', () => {
  if (!hasOpenssl()) return;
  write('letter.txt', 'Parting is such sweet sorrow\n');
  run('openssl req -x509 -newkey rsa:1024 -nodes -keyout rsa.pem -subj /CN=juliet -out rsa.crt'.split(' '));
  const cms = (args: string): readonly string[] => {
    const { code, stderr } = run(`openssl cms -in letter.txt -binary -outform DER -out out.der ${args}`.split(' '));
    assert.is(code, 0, stderr);
    return codesOf(new Uint8Array(read('out.der')));
  };
  assert.equal([...cms('-encrypt -des3 rsa.crt')].sort(), [
    'no-authentication',
    'rsa-v1.5',
    'small-key',
    'weak-cipher',
  ]);
  assert.equal(cms('-encrypt -aes256 -pwri_password secret'), ['weak-cost', 'no-authentication']);
  const bare = cms('-sign -noattr -nocerts -nodetach -md sha256 -inkey rsa.pem -signer rsa.crt');
  assert.equal([...bare].sort(), ['id-data', 'no-signed-attributes', 'rsa-v1.5', 'small-key']);
  const streamed = cms('-sign -stream -nodetach -md sha1 -inkey rsa.pem -signer rsa.crt');
  for (const code of ['ber', 'indefinite-length', 'constructed-string', 'certificates', 'weak-digest'] as const) {
    assert.ok(streamed.includes(code), `${code} in ${streamed}`);
  }
  assert.ok(!streamed.includes('digest-differs'), 'chunks are put together before they are digested');
});

test('which part stands under what', () => {
  const under = (der: Uint8Array): Map<string, string> =>
    new Map(jsonOf<Protection>(der, 'protection').map(({ path, by }) => [path, by]));
  const ours = under(sealed);
  assert.is(ours.get('content.recipientInfos'), 'recipients-digest');
  assert.is(ours.get('content.authAttrs'), 'tag');
  assert.is(ours.get('content.authEncryptedContentInfo.encryptedContent'), 'tag');
  assert.is(ours.get('content.authEncryptedContentInfo.contentType'), 'content-type');
  assert.is(ours.get('content.authEncryptedContentInfo.contentEncryptionAlgorithm'), 'key-derivation');
  assert.is(ours.get('content.recipientInfos[0].kari.recipientEncryptedKeys[0].encryptedKey'), 'key-wrap');
  assert.is(under(world.object('general').der).get('content.recipientInfos'), 'nothing');
  assert.is(under(forged('ofb')).get('content.authEncryptedContentInfo.encryptedContent'), 'nothing');

  const letter = under(signed);
  assert.is(letter.get('content.encapContentInfo.eContent'), 'digest');
  assert.is(letter.get('content.encapContentInfo.eContentType'), 'content-type');
  assert.is(letter.get('content.signerInfos[0].signedAttrs'), 'signature');
  const direct = under(changed(signed, (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(3, 1)));
  assert.is(direct.get('content.encapContentInfo.eContent'), 'signature');
  assert.is(direct.get('content.encapContentInfo.eContentType'), 'nothing');
  const nobody = under(changed(signed, (root) => void (at(root, ...SIGNED_PATH.signerInfos).content = [])));
  assert.is(nobody.get('content.encapContentInfo.eContent'), 'nothing');
});

test('prekeys in a bundle go by the identifiers that objects name them by', () => {
  const { keyIdentifier } = world.keys.prekeyA.publicKey;
  assert.match(inspected(world.object('prekey bundle').der)?.shown ?? '', Buffer.from(keyIdentifier).toString('hex'));
});

test('ten thousand of a kind are counted, not listed', () => {
  const root = badPeerValue(
    0x30,
    Array.from({ length: 10_000 }, () => ({ tag: 0x05, content: new Uint8Array(0), length: 1 })),
  );
  const der = changed(Uint8Array.of(0x30, 0), (value) => void Object.assign(value, root));
  const warnings = jsonOf<Warning>(der, 'warnings');
  assert.is(warnings.length, 33);
  assert.match(warnings.at(-1)?.message ?? '', 'and 9968 more of this kind');
});

test.run();
