/**
 * The openssl command as a peer of the general profile, both ways: P-256, P-384 and RSA-PSS, named by our 32-octet key identifier.
 * OpenSSL wants a certificate, so it gets one that carries the identifier.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem, ID_DATA, toHex } from '@stanzaseal/cms';
import { at, changed, refusal, SIGNED_PATH } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GeneralVerifyParameters, sign, verify } from '../src/general/index.js';
import {
  certified,
  content,
  crypto,
  keyOf,
  laxPolicy,
  mailPolicy,
  naming,
  random,
  signingTime,
} from './generalWorld.js';

const test = suite('general SignedData: openssl');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-openssl-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs openssl, words apart by spaces, in the folder of the files; `undefined` where it fails. */
function openssl(args: string, files: Readonly<Record<string, string | Uint8Array>> = {}): string | undefined {
  for (const [name, octets] of Object.entries(files)) writeFileSync(join(folder, name), octets);
  try {
    return execFileSync('openssl', args.split(' '), {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    });
  } catch {
    return undefined;
  }
}
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
const version = openssl('version');
if (version === undefined) console.log('SKIPPED: no openssl');

const PSS = '-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32';
for (const [algorithm, options] of [
  ['P-256', '-md sha256'],
  ['P-256', '-md sha512'],
  ['P-384', '-md sha384'],
  // What it takes unless told.
  ['P-384', ''],
  ['RSA', `-md sha256 ${PSS}`],
  ['RSA', '-md sha512 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-2'],
] as const) {
  test(`${algorithm} ${options}: what openssl cms -sign writes, attached, detached, streamed, without attributes`, async () => {
    if (version === undefined) return;
    const key = await certify(algorithm);
    const common: GeneralVerifyParameters = { profile: 'general', signers: [{ key }], policy: mailPolicy, crypto };
    const signing = `cms -sign -binary -in text -signer certificate.pem -inkey private.pem -outform DER -out object ${options}`;
    const run = (more: string): Uint8Array => {
      const command = `${signing} ${more}`.replace(/ +/g, ' ').trim();
      assert.ok(openssl(command, { text: content }) !== undefined, command);
      return read('object');
    };
    const attached = run('-keyid -nodetach');
    const verified = await verify(attached, common);
    assert.equal(verified.content, content);
    assert.equal(verified.contentType, ID_DATA);
    assert.equal(verified.signatures[0].signerInfo.sid, {
      kind: 'subjectKeyIdentifier',
      keyIdentifier: key.keyIdentifier,
    });
    assert.ok(Math.abs((verified.signatures[0].signingTime as number) - Date.now()) < 600_000);
    const other = changed(attached, (root) => {
      at(root, ...SIGNED_PATH.eContent).content = content.subarray(1);
    });
    assert.is((await refusal(() => verify(other, common)))?.code, 'ERR_VERIFY');

    assert.equal((await verify(run('-keyid'), { ...common, content })).content, content, 'detached');
    // OpenSSL 3.0 cannot stream with PSS: "illegal zero content".
    if (algorithm !== 'RSA') {
      const streamed = run('-keyid -nodetach -stream');
      assert.is(streamed[1], 0x80, 'of indefinite length');
      assert.equal((await verify(streamed, common)).content, content);
    }
    const own = run('-keyid -nodetach -econtent_type 2.25.1 -nocerts');
    assert.equal((await verify(own, { ...common, policy: { ...mailPolicy, idData: false } })).content, content);

    const bare = run('-keyid -nodetach -noattr');
    assert.is((await refusal(() => verify(bare, common)))?.code, 'ERR_VERIFY');
    assert.is((await verify(bare, { ...common, policy: laxPolicy })).signatures[0].signedAttrs, undefined);
    const bareOfOurs = run('-keyid -nodetach -noattr -econtent_type 2.25.190310237082559258561972166712186265384.1.1');
    assert.is((await refusal(() => verify(bareOfOurs, { ...common, policy: laxPolicy })))?.code, 'ERR_VERIFY');

    const byIssuer = run('-nodetach');
    assert.is((await refusal(() => verify(byIssuer, common)))?.code, 'ERR_VERIFY');
    const { issuerAndSerial } = await certified(byIssuer);
    await verify(byIssuer, { ...common, nameOf: naming(key, issuerAndSerial) });
  });
}

test('RSA PKCS#1 v1.5, which is what openssl writes unless told otherwise: ERR_UNSUPPORTED', async () => {
  if (version === undefined) return;
  const key = await certify('RSA');
  const command =
    'cms -sign -binary -nodetach -keyid -in text -signer certificate.pem -inkey private.pem -outform DER -out object';
  assert.ok(openssl(command, { text: content }) !== undefined);
  const common = { profile: 'general', signers: [{ key }], policy: laxPolicy, crypto } as const;
  assert.is((await refusal(() => verify(read('object'), common)))?.code, 'ERR_UNSUPPORTED');
});

test('two signers of openssl, one of them ours to know', async () => {
  if (version === undefined) return;
  const nurse = await certify('P-384');
  const files = { 'first.pem': read('certificate.pem'), 'firstKey.pem': read('private.pem') };
  const key = await certify('P-256');
  const command =
    'cms -sign -binary -nodetach -keyid -in text -signer certificate.pem -inkey private.pem -signer first.pem -inkey firstKey.pem -outform DER -out object';
  assert.ok(openssl(command, { text: content, ...files }) !== undefined);
  const common = { profile: 'general', policy: mailPolicy, crypto } as const;
  assert.is((await verify(read('object'), { ...common, signers: [{ key }] })).others.length, 1);
  assert.is((await verify(read('object'), { ...common, signers: [{ key }, { key: nurse }] })).others.length, 0);
});

for (const [algorithm, scheme] of [
  ['P-256', undefined],
  ['P-256', { name: 'ECDSA', hash: 'SHA-512' }],
  ['P-384', undefined],
  ['RSA', undefined],
  ['RSA', { name: 'RSA-PSS', hash: 'SHA-384', saltLength: 0 }],
] as const) {
  test(`${algorithm} ${scheme ? JSON.stringify(scheme) : ''}: openssl cms -verify takes what we write, and refuses it changed`, async () => {
    if (version === undefined) return;
    await certify(algorithm);
    const signer = { key: await keyOf(algorithm), ...(scheme === undefined ? {} : { scheme }) };
    const common = {
      profile: 'general',
      signers: [signer],
      contentType: ID_DATA,
      signingTime,
      random,
      crypto,
    } as const;
    const verifying = 'cms -verify -binary -inform DER -in object -certfile certificate.pem -noverify -out content';
    const object = await sign(content, common);
    assert.ok(openssl(verifying, { object }) !== undefined);
    assert.equal(read('content'), content);
    const detached = await sign(content, { ...common, detached: true });
    assert.ok(openssl(`${verifying} -content text`, { object: detached, text: content }) !== undefined);
    assert.is(openssl(`${verifying} -content text`, { text: content.subarray(1) }), undefined);
    const other = changed(object, (root) => {
      at(root, ...SIGNED_PATH.eContent).content = content.subarray(1);
    });
    assert.is(openssl(verifying, { object: other }), undefined);
  });
}

/** Puts `private.pem` and a certificate of ours, `certificate.pem`, into the folder. */
async function certify(algorithm: 'P-256' | 'P-384' | 'RSA'): Promise<Awaited<ReturnType<typeof keyOf>>['publicKey']> {
  const key = await keyOf(algorithm);
  const identifier = toHex(key.publicKey.keyIdentifier);
  const made = openssl(
    `req -x509 -new -key private.pem -subj /CN=nurse -days 2 -addext subjectKeyIdentifier=${identifier} -out certificate.pem`,
    { 'private.pem': encodePem('PRIVATE KEY', key.pkcs8()) },
  );
  assert.ok(made !== undefined, 'certificate');
  return key.publicKey;
}

test.run();
