/**
 * The openssl command as a peer. OpenSSL 3.0 knows no Ed25519 in CMS and no X25519 recipients, so it checks signatures over
 * our signed attributes, parses everything, and verifies what is in P-256. It is no judge of what to refuse: it takes forgeries.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSignedData, encodePem, exportPrivateKey, exportPublicKey, ID_DATA, toHex } from '@stanzaseal/cms';
import { at, changed, GOLDEN_TIME, goldenWorld, SIGNED_PATH } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sign } from '../src/index.js';

const test = suite('openssl interoperability');
const world = await goldenWorld();
const { crypto, keys } = world;
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-openssl-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Standard output of openssl with files written beforehand, or `undefined` where it fails. */
function openssl(
  args: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string | undefined {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  try {
    return execFileSync('openssl', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    });
  } catch {
    return undefined;
  }
}
const version = openssl(['version']);
function missing(): boolean {
  if (version === undefined) console.log('SKIPPED: no openssl');
  return version === undefined;
}

for (const [name, key, args] of [
  [
    'signed',
    keys.julietDevice,
    ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', 'key.pem', '-in', 'attributes', '-sigfile', 'signature'],
  ],
  [
    'signed on first contact',
    keys.julietDevice,
    ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', 'key.pem', '-in', 'attributes', '-sigfile', 'signature'],
  ],
  ['signed with P-256', keys.nurse, ['dgst', '-sha256', '-verify', 'key.pem', '-signature', 'signature', 'attributes']],
  [
    'signed with P-256',
    keys.nurse,
    [
      'pkeyutl',
      '-verify',
      '-rawin',
      '-digest',
      'sha256',
      '-pubin',
      '-inkey',
      'key.pem',
      '-in',
      'attributes',
      '-sigfile',
      'signature',
    ],
  ],
] as const) {
  test(`${name}: openssl ${args[0]} verifies the signature over the DER of the signed attributes`, () => {
    if (missing()) return;
    const [signerInfo] = decodeSignedData(world.object(name).der).signerInfos;
    assert.ok(signerInfo !== undefined);
    const files = {
      'key.pem': encodePem('PUBLIC KEY', exportPublicKey(key.publicKey)),
      signature: signerInfo.signature,
      attributes: signerInfo.signedAttrsDer,
    };
    assert.ok(openssl(args, files) !== undefined, 'good');
    const other = signerInfo.signedAttrsDer.slice();
    other[other.length - 1] = (other[other.length - 1] as number) ^ 1;
    assert.is(openssl(args, { attributes: other }), undefined, 'changed');
  });
}

test('openssl asn1parse reads every golden object, to the depth and length it has', () => {
  if (missing()) return;
  for (const { name, der } of world.objects) {
    const listing = openssl(['asn1parse', '-inform', 'DER', '-in', 'object'], { object: der });
    assert.ok(listing !== undefined && !/Error/i.test(listing), name);
    const last = /^ *(\d+):d=\d+ +hl=(\d+) l= *(\d+)/.exec(listing.trimEnd().split('\n').at(-1) as string);
    assert.is(Number(last?.[1]) + Number(last?.[2]) + Number(last?.[3]), der.length, name);
  }
});

test('openssl cms -verify takes our P-256 SignedData by its 32-octet subjectKeyIdentifier, and refuses it changed', async () => {
  if (missing()) return;
  const identifier = toHex(keys.nurse.publicKey.keyIdentifier);
  const files = { 'private.pem': encodePem('PRIVATE KEY', exportPrivateKey(keys.nurse)) };
  const made = openssl(
    [
      'req',
      '-x509',
      '-new',
      '-key',
      'private.pem',
      '-subj',
      '/CN=nurse',
      '-days',
      '2',
      '-addext',
      `subjectKeyIdentifier=${identifier}`,
      '-out',
      'certificate.pem',
    ],
    files,
  );
  assert.ok(made !== undefined, 'certificate');
  const verify = [
    'cms',
    '-verify',
    '-binary',
    '-inform',
    'DER',
    '-in',
    'object',
    '-certfile',
    'certificate.pem',
    '-noverify',
    '-out',
    'content',
  ];
  const parameters = { signingTime: GOLDEN_TIME, signers: [await keys.nurse.signingKey(crypto)] as const, crypto };
  for (const object of [
    world.object('signed with P-256').der,
    (await sign(world.content, { ...parameters, contentType: ID_DATA })).der,
  ]) {
    assert.ok(openssl(verify, { object }) !== undefined);
    assert.equal(new Uint8Array(readFileSync(join(folder, 'content'))), world.content);
    const forged = changed(object, (root) => {
      at(root, ...SIGNED_PATH.eContent).content = world.content.subarray(1);
    });
    assert.is(openssl(verify, { object: forged }), undefined);
  }
  const { der } = await sign(world.content, { ...parameters, contentType: ID_DATA, detached: true });
  assert.ok(openssl([...verify, '-content', 'text'], { object: der, text: world.content }) !== undefined, 'detached');
  assert.is(
    openssl([...verify, '-content', 'text'], { text: world.content.subarray(1) }),
    undefined,
    'detached, of other content',
  );
});

test('openssl reads our private keys', () => {
  if (missing()) return;
  for (const key of Object.values(keys)) {
    const text = openssl(['pkey', '-in', 'private.pem', '-pubout'], {
      'private.pem': encodePem('PRIVATE KEY', exportPrivateKey(key)),
    });
    assert.is(text, encodePem('PUBLIC KEY', exportPublicKey(key.publicKey)));
  }
});

test.run();
