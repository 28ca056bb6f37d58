/**
 * OpenSSL's command as a peer of the general profile: P-256 by a certificate that carries our key identifier, shared keys, RSA-OAEP,
 * passwords. It is no judge of what to refuse: it takes forgeries (test-vectors/openssl-forgeries).
 */
import { execFileSync } from 'node:child_process';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  concat,
  constructed,
  DerReader,
  decodePem,
  encodeDer,
  encoded,
  fromHex,
  ID_DATA,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  toHex,
} from '@stanzaseal/cms';
import { encodeRecipientInfo, type GeneralPrivateKey, type GeneralRecipientInfo } from '@stanzaseal/cms/general';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCek } from '../src/general/findCek.js';
import { GENERAL_POLICY, type GeneralPolicy, readRecipients } from '../src/general/index.js';
import { infoOf, KEK, LETTER, make, openWith, PASSWORD, parts, refusedWith, rewritten } from './generalWorld.js';
import { generalCrypto } from './world.js';

const test = suite('general profile: openssl');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-openssl-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs openssl in the folder; throws where it fails. */
function openssl(args: string, files: Readonly<Record<string, string | Uint8Array>> = {}): Uint8Array {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return new Uint8Array(execFileSync('openssl', args.split(' '), { cwd: folder, stdio, timeout: 30_000 }));
}
const isHere = (() => {
  try {
    openssl('version');
    return true;
  } catch {
    console.log('SKIPPED: no openssl');
    return false;
  }
})();

/** A key that openssl makes, and a certificate of it whose subjectKeyIdentifier is our identifier of the key. */
async function certified(name: string, ...generate: string[]): Promise<GeneralPrivateKey> {
  openssl(`${generate.join(' ')} -out ${name}.pem`);
  const key = await generalCrypto.importPrivateKey(
    decodePem(readFileSync(join(folder, `${name}.pem`), 'utf8'), 'PRIVATE KEY'),
  );
  const identifier = toHex(key.publicKey.keyIdentifier).replace(/..(?=.)/g, '$&:');
  const config = `[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectKeyIdentifier=${identifier}\n`;
  openssl(`req -x509 -new -key ${name}.pem -subj /CN=${name} -config ${name}.cnf -extensions ext -out ${name}.crt`, {
    [`${name}.cnf`]: config,
  });
  return key;
}
const curve = (name: string) => ['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
const WITH_SHA1: GeneralPolicy = { ...GENERAL_POLICY, agreementHashes: ['SHA-1'], oaepHashes: ['SHA-1'] };

for (const [name, group, kdf] of [
  ['P-256', 'P-256', 'sha256'],
  ['P-384', 'P-384', 'sha384'],
] as const) {
  test(`RFC 5753: ${name} by our key identifier: OpenSSL opens ours, and we open OpenSSL's`, async () => {
    if (!isHere) return;
    const key = await certified(name, ...curve(group));
    for (const contentEncryption of ['AES-128-GCM', 'AES-192-GCM', 'AES-256-GCM'] as const) {
      const { der } = await make([{ kind: 'key', key: key.publicKey }, KEK], { contentEncryption });
      assert.equal(
        openssl(`cms -decrypt -inform DER -in ours.cms -inkey ${name}.pem -recip ${name}.crt -binary`, {
          'ours.cms': der,
        }),
        LETTER,
      );
    }
    const theirs = openssl(
      `cms -encrypt -aes-256-gcm -keyid -binary -in letter -outform DER -recip ${name}.crt -keyopt ecdh_kdf_md:${kdf}`,
      { letter: LETTER },
    );
    const opened = await openWith(theirs, [{ kind: 'key', key }]);
    assert.equal(opened.content, LETTER);
    assert.equal(opened.by.name, { kind: 'subjectKeyIdentifier', keyIdentifier: key.publicKey.keyIdentifier });
    const cofactor = openssl(
      `cms -encrypt -aes-128-gcm -keyid -binary -in letter -outform DER -recip ${name}.crt -keyopt ecdh_kdf_md:${kdf} -keyopt ecdh_cofactor_mode:1`,
    );
    assert.equal((await openWith(cofactor, [{ kind: 'key', key }])).content, LETTER);
  });

  test(`${name}: what OpenSSL writes by itself has SHA-1 in its derivation: opened by a policy that lists it, and by no other`, async () => {
    if (!isHere) return;
    const key = await certified(`${name}-1`, ...curve(group));
    const theirs = openssl(`cms -encrypt -aes-256-gcm -keyid -binary -in letter -outform DER -recip ${name}-1.crt`, {
      letter: LETTER,
    });
    const opened = await openWith(theirs, [{ kind: 'key', key }], { policy: WITH_SHA1 });
    assert.equal([opened.content, opened.by.hash], [LETTER, 'SHA-1']);
    await refusedWith('ERR_OPEN', theirs, [{ kind: 'key', key }], 'SHA-1');
    const byIssuer = openssl(`cms -encrypt -aes-256-gcm -binary -in letter -outform DER -recip ${name}-1.crt`);
    const nameOf = () => key.publicKey.sha1KeyIdentifier;
    assert.equal((await openWith(byIssuer, [{ kind: 'key', key }], { policy: WITH_SHA1, nameOf })).content, LETTER);
    await refusedWith('ERR_OPEN', byIssuer, [{ kind: 'key', key }], 'by issuer', { policy: WITH_SHA1 });
  });
}

test('KEKRI: OpenSSL opens ours, and we open its, for keys of 16, 24 and 32 octets', async () => {
  if (!isHere) return;
  for (const length of [16, 24, 32]) {
    const kek = { ...KEK, key: new Uint8Array(length).fill(length) };
    const names = `-secretkey ${toHex(kek.key)} -secretkeyid ${toHex(kek.keyIdentifier)}`;
    const { der } = await make([kek]);
    assert.equal(openssl(`cms -decrypt -inform DER -in ours.cms -binary ${names}`, { 'ours.cms': der }), LETTER);
    const theirs = openssl(`cms -encrypt -aes-256-gcm -binary -in letter -outform DER ${names}`, { letter: LETTER });
    assert.equal((await openWith(theirs, [kek])).content, LETTER);
  }
});

test('RFC 4055: RSA-OAEP by our key identifier, both ways; SHA-1 by policy; PKCS #1 v1.5 is a clean refusal', async () => {
  if (!isHere) return;
  const key = await certified('rsa', 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
  const { der } = await make([{ kind: 'key', key: key.publicKey }]);
  assert.equal(
    openssl('cms -decrypt -inform DER -in ours.cms -inkey rsa.pem -recip rsa.crt -binary', {
      'ours.cms': der,
      letter: LETTER,
    }),
    LETTER,
  );
  const write = (options: string) =>
    openssl(`cms -encrypt -aes-256-gcm -keyid -binary -in letter -outform DER -recip rsa.crt ${options}`.trim());
  const oaep = '-keyopt rsa_padding_mode:oaep';
  for (const hash of ['sha256', 'sha384', 'sha512'])
    assert.equal(
      (await openWith(write(`${oaep} -keyopt rsa_oaep_md:${hash} -keyopt rsa_mgf1_md:${hash}`), [{ kind: 'key', key }]))
        .content,
      LETTER,
    );
  const sha1 = write(oaep);
  assert.equal((await openWith(sha1, [{ kind: 'key', key }], { policy: WITH_SHA1 })).by.hash, 'SHA-1');
  await refusedWith('ERR_OPEN', sha1, [{ kind: 'key', key }], 'SHA-1 that is not listed');
  await refusedWith('ERR_UNSUPPORTED', write(''), [{ kind: 'key', key }], 'PKCS #1 v1.5');
  await refusedWith(
    'ERR_UNSUPPORTED',
    openssl('cms -encrypt -aes-256-cbc -keyid -binary -in letter -outform DER -recip rsa.crt'),
    [{ kind: 'key', key }],
    'EnvelopedData',
  );
});

test('RFC 3211: OpenSSL 3.0 takes passwords with EnvelopedData alone: its entry gives us its key, and ours gives it our key', async () => {
  if (!isHere) return;
  const password = new TextDecoder().decode(PASSWORD.password).replaceAll(' ', '-');
  const ours = { ...PASSWORD, password: new TextEncoder().encode(password) };
  const theirs = openssl(`cms -encrypt -aes-256-cbc -binary -in letter -outform DER -pwri_password ${password}`, {
    letter: LETTER,
  });
  // EnvelopedData: version, RecipientInfos, EncryptedContentInfo (RFC 5652 §6.1).
  const outer = new DerReader(theirs).sequence();
  outer.objectIdentifier();
  const data = outer.constructed(0xa0).sequence();
  data.integer();
  const pwri = data.constructed(0x31).any();
  const content = data.sequence();
  content.objectIdentifier();
  const algorithm = content.sequence();
  algorithm.objectIdentifier();
  const iv = algorithm.octetString();
  const encrypted = content.primitive(0x80);
  const { der } = await make([ours]);
  const { recipientInfos } = parts(rewritten(der, () => ({ recipientInfos: [{ kind: 'other', der: pwri }] })));
  const policy = {
    ...GENERAL_POLICY,
    password: { ...GENERAL_POLICY.password, pbkdf2Iterations: { least: 1, most: 10_000 } },
  };
  const find = (infos: readonly GeneralRecipientInfo[]) =>
    findCek(infos, (length) => length === 32, { keys: [ours], policy, crypto: generalCrypto });
  const { cek } = await find(recipientInfos);
  assert.ok(cek !== undefined);
  const decipher = createDecipheriv('aes-256-cbc', cek, iv);
  assert.equal(concat(decipher.update(encrypted), decipher.final()), LETTER);

  const made = await make([ours]);
  const cipher = createCipheriv('aes-256-cbc', made.cek, iv);
  const aes256Cbc = sequence(objectIdentifier(fromHex('60864801650304012a')), octetString(iv));
  const info = encodeRecipientInfo(infoOf(made.der, 'pwri'));
  const enveloped = sequence(
    integer(3),
    setOf([encoded(info)]),
    sequence(objectIdentifier(ID_DATA), aes256Cbc, octetString(concat(cipher.update(LETTER), cipher.final()), 0x80)),
  );
  const whole = encodeDer(sequence(objectIdentifier(fromHex('2a864886f70d010703')), constructed(0xa0, [enveloped])));
  assert.equal(
    openssl(`cms -decrypt -inform DER -in ours.cms -binary -pwri_password ${password}`, { 'ours.cms': whole }),
    LETTER,
  );
});

test('several recipients of OpenSSL, in BER: each opens, and all are listed', async () => {
  if (!isHere) return;
  const first = await certified('first', ...curve('P-256'));
  const second = await certified('second', ...curve('P-384'));
  const names = `-secretkey ${toHex(KEK.key)} -secretkeyid ${toHex(KEK.keyIdentifier)}`;
  const theirs = openssl(
    `cms -encrypt -aes-256-gcm -keyid -stream -binary -in letter -outform DER ${names} first.crt second.crt`,
    { letter: LETTER },
  );
  assert.is(toHex(theirs.subarray(0, 2)), '3080');
  assert.equal(
    readRecipients(theirs, GENERAL_POLICY.limits)
      .recipients.map(({ kind }) => kind)
      .sort(),
    ['kari', 'kari', 'kekri'],
  );
  for (const key of [KEK, { kind: 'key', key: first } as const, { kind: 'key', key: second } as const])
    assert.equal((await openWith(theirs, [key], { policy: WITH_SHA1 })).content, LETTER);
});

test.run();
