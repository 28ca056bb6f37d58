/** Recipients of every kind: there and back, and computed again by node:crypto alone, step by step. */
import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  privateDecrypt,
} from 'node:crypto';
import { concat, equal, fromHex, ID_DATA, ID_SIGNED_DATA, toHex, toUtf8 } from '@stanzaseal/cms';
import type { AeadName } from '@stanzaseal/cms/general';
import { systemRandom } from '@stanzaseal/cms/provider';
import { refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GENERAL_POLICY, type GeneralRecipient, readRecipients } from '../src/general/index.js';
import {
  ALGORITHMS,
  by,
  infoOf,
  KEK,
  LETTER,
  make,
  openWith,
  own,
  PASSWORD,
  parts,
  refusedWith,
  rewritten,
  to,
} from './generalWorld.js';
import { hkdf } from './rebuilt.js';
import { generalCrypto } from './world.js';

const test = suite('general profile: recipients');
const AEADS: readonly AeadName[] = ['AES-128-GCM', 'AES-192-GCM', 'AES-256-GCM', 'ChaCha20-Poly1305'];
const ID_CEK_HKDF = '2a864886f70d010910031f';

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: there and back in every cipher, with and without RFC 9709, under each of its names`, async () => {
    for (const contentEncryption of AEADS) {
      for (const cekHkdf of [false, true]) {
        const { der, cek } = await make([to(algorithm)], { contentEncryption, cekHkdf, contentType: ID_SIGNED_DATA });
        const opened = await openWith(der, [by(algorithm)]);
        assert.equal(opened.content, LETTER);
        assert.equal(opened.cek, cek);
        assert.equal(opened.contentType, ID_SIGNED_DATA);
        assert.is(toHex(parts(der).contentEncryptionAlgorithm.oid) === ID_CEK_HKDF, cekHkdf);
      }
    }
    const { publicKey } = own[algorithm];
    for (const [name, identifier] of [
      ['sha256', publicKey.keyIdentifier],
      ['sha1', publicKey.sha1KeyIdentifier],
      [{ keyIdentifier: toUtf8('mercutio') }, toUtf8('mercutio')],
    ] as const) {
      const { der } = await make([{ ...to(algorithm), name }]);
      const listed = readRecipients(der, GENERAL_POLICY.limits).recipients[0]?.name;
      assert.equal(listed, { kind: 'subjectKeyIdentifier', keyIdentifier: identifier });
      const isGiven = typeof name === 'object';
      if (isGiven) await refusedWith('ERR_OPEN', der, [by(algorithm)], 'a name that the key was not said to have');
      const names = isGiven ? [toUtf8('tybalt'), identifier] : [];
      assert.equal((await openWith(der, [{ ...by(algorithm), names }])).content, LETTER);
    }
  });

  test(`${algorithm}: another key of the algorithm is not a recipient, and under its name does not open`, async () => {
    const { der } = await make([to(algorithm)]);
    const key = await generalCrypto.generatePrivateKey(algorithm, systemRandom);
    await refusedWith('ERR_OPEN', der, [{ kind: 'key', key }], 'a stranger');
    const names = [own[algorithm].publicKey.keyIdentifier];
    await refusedWith('ERR_OPEN', der, [{ kind: 'key', key, names }], 'a stranger under the name');
  });
}

test('KEKRI and PWRI: there and back, for keys of 16, 24 and 32 octets, PBKDF2 and scrypt', async () => {
  for (const length of [16, 24, 32]) {
    const kek = { ...KEK, key: new Uint8Array(length).fill(length) };
    const { der } = await make([kek]);
    assert.equal((await openWith(der, [kek])).content, LETTER);
    await refusedWith('ERR_OPEN', der, [{ ...kek, key: new Uint8Array(length) }], 'another key');
    await refusedWith('ERR_OPEN', der, [{ ...kek, keyIdentifier: toUtf8('mantua') }], 'another name');
  }
  const scrypt = { ...PASSWORD, cost: { kind: 'scrypt', n: 2 ** 15, r: 8, p: 1 } } as const;
  for (const password of [PASSWORD, scrypt]) {
    for (const contentEncryption of AEADS) {
      const { der } = await make([password], { contentEncryption });
      const opened = await openWith(der, [password]);
      assert.equal(opened.content, LETTER);
      assert.equal(opened.by, { kind: 'pwri', name: undefined, index: 0, hash: undefined });
    }
    const { der } = await make([password]);
    await refusedWith('ERR_OPEN', der, [{ ...password, password: toUtf8('wherefore') }], 'another password');
  }
});

test('one object for all kinds at once: each opens it, one KeyAgreeRecipientInfo a curve, sorted names (D7)', async () => {
  const second = await generalCrypto.generatePrivateKey('P-256', systemRandom);
  const all: GeneralRecipient[] = [...ALGORITHMS.map(to), { kind: 'key', key: second.publicKey }, KEK, PASSWORD];
  const { der } = await make(all);
  for (const key of [...ALGORITHMS.map(by), { kind: 'key', key: second } as const, KEK, PASSWORD])
    assert.equal((await openWith(der, [key])).content, LETTER);
  const karis = parts(der).recipientInfos.flatMap((info) => (info.kind === 'kari' ? [info] : []));
  assert.equal(karis.map(({ recipientEncryptedKeys: { length } }) => length).sort(), [1, 1, 2]);
  const two = karis.find(({ recipientEncryptedKeys: { length } }) => length === 2)?.recipientEncryptedKeys ?? [];
  const names = two.map(({ rid }) => (rid.kind === 'subjectKeyIdentifier' ? toHex(rid.keyIdentifier) : ''));
  assert.equal(names, [...names].sort());
  assert.is(readRecipients(der, GENERAL_POLICY.limits).recipients.length, all.length);
  const reversed = readRecipients((await make([...all].reverse())).der, GENERAL_POLICY.limits);
  assert.equal(reversed.recipients.map(({ kind }) => kind).sort(), [
    'kari',
    'kari',
    'kari',
    'kari',
    'kekri',
    'kemri',
    'kemri',
    'kemri',
    'ktri',
    'pwri',
  ]);
});

test('drawn in the documented order: ephemeral secrets by curve, ML-KEM, passwords, CEK, nonce', async () => {
  const lengthsOf = async (recipients: readonly GeneralRecipient[], contentEncryption: AeadName = 'AES-256-GCM') => {
    const lengths: number[] = [];
    const random = (length: number) => {
      lengths.push(length);
      return systemRandom(length);
    };
    await make(recipients, { random, contentEncryption });
    return lengths;
  };
  assert.equal(await lengthsOf([to('X25519')]), [32, 32, 12]);
  assert.equal(await lengthsOf([to('X25519')], 'AES-128-GCM'), [32, 16, 12]);
  assert.equal(await lengthsOf([to('RSA'), KEK]), [32, 12]);
  assert.equal(await lengthsOf([PASSWORD]), [16, 16, 12, 32, 12]);
  assert.equal(
    await lengthsOf([PASSWORD, to('ML-KEM-768'), to('P-384'), to('X25519')]),
    [32, 48, 16, 16, 12, 32, 32, 12],
  );
});

const secretOf = (der: Uint8Array, algorithm: 'X25519' | 'P-256' | 'P-384') => {
  const { originatorKey } = infoOf(der, 'kari');
  const { spki } = own[algorithm].publicKey;
  const point = originatorKey?.publicKey ?? new Uint8Array(0);
  const peer = Buffer.from(concat(spki.subarray(0, spki.length - point.length), point));
  return new Uint8Array(
    diffieHellman({
      privateKey: createPrivateKey({ key: Buffer.from(own[algorithm].pkcs8()), format: 'der', type: 'pkcs8' }),
      publicKey: createPublicKey({ key: peer, format: 'der', type: 'spki' }),
    }),
  );
};
const unwrapped = (kek: Uint8Array, wrapped: Uint8Array) =>
  new Uint8Array(createDecipheriv(`id-aes${kek.length * 8}-wrap`, kek, Buffer.alloc(8, 0xa6)).update(wrapped));
/** ECC-CMS-SharedInfo for AES-256 key wrap without ukm, written out (RFC 5753 §7.2). */
const SHARED_INFO = fromHex('3015300b060960864801650304012da206040400000100');

test('RFC 8418 §2: X25519: HKDF-SHA-256 without salt over ECC-CMS-SharedInfo, AES-256 key wrap, no ukm', async () => {
  const { der, cek } = await make([to('X25519')]);
  const { ukm, keyEncryptionAlgorithm, originatorKey, recipientEncryptedKeys, version } = infoOf(der, 'kari');
  assert.is(version, 3);
  assert.is(ukm, undefined);
  assert.is(toHex(keyEncryptionAlgorithm.der), '301a060b2a864886f70d0109100313300b060960864801650304012d');
  assert.is(toHex(originatorKey?.algorithm.der ?? cek), '300506032b656e');
  const kek = hkdf(secretOf(der, 'X25519'), '', SHARED_INFO);
  assert.equal(unwrapped(kek, recipientEncryptedKeys[0]?.encryptedKey ?? cek), cek);
});

test('RFC 5753 §7.1.4, §7.2: P-256 and P-384: X9.63 with SHA-256 and SHA-384, stdDH, the curve named', async () => {
  for (const [algorithm, hash, scheme, curve] of [
    ['P-256', 'sha256', '2b8104010b01', '06082a8648ce3d030107'],
    ['P-384', 'sha384', '2b8104010b02', '06052b81040022'],
  ] as const) {
    const { der, cek } = await make([to(algorithm)]);
    const { keyEncryptionAlgorithm, originatorKey, recipientEncryptedKeys } = infoOf(der, 'kari');
    assert.is(toHex(keyEncryptionAlgorithm.oid), scheme);
    assert.is(toHex(originatorKey?.algorithm.parameters ?? cek), curve);
    const kek = createHash(hash)
      .update(concat(secretOf(der, algorithm), fromHex('00000001'), SHARED_INFO))
      .digest()
      .subarray(0, 32);
    assert.equal(unwrapped(kek, recipientEncryptedKeys[0]?.encryptedKey ?? cek), cek);
  }
});

test('RFC 4055 §4.1: RSA: OAEP with SHA-256 in both places', async () => {
  const { der, cek } = await make([to('RSA')]);
  const { keyEncryptionAlgorithm, encryptedKey, version } = infoOf(der, 'ktri');
  assert.is(version, 2);
  assert.is(toHex(keyEncryptionAlgorithm.oid), '2a864886f70d010107');
  const sha256 = '300d06096086480165030402010500';
  assert.is(
    toHex(keyEncryptionAlgorithm.parameters ?? cek),
    `302fa00f${sha256}a11c301a06092a864886f70d010108${sha256}`,
  );
  const key = createPrivateKey({ key: Buffer.from(own.RSA.pkcs8()), format: 'der', type: 'pkcs8' });
  assert.equal(new Uint8Array(privateDecrypt({ key, oaepHash: 'sha256' }, encryptedKey)), cek);
});

test('RFC 9629 §5, RFC 9936 §2: ML-KEM: HKDF-SHA-256 over CMSORIforKEMOtherInfo, AES-256 key wrap', async () => {
  for (const [algorithm, last, length] of [
    ['ML-KEM-512', '01', 768],
    ['ML-KEM-768', '02', 1088],
    ['ML-KEM-1024', '03', 1568],
  ] as const) {
    const { der, cek } = await make([to(algorithm)]);
    const info = infoOf(der, 'kemri');
    assert.is(info.version, 0);
    assert.is(toHex(info.kem.der), `300b06096086480165030404${last}`);
    assert.is(info.kemct.length, length);
    assert.is(toHex(info.kdf.der), '300d060b2a864886f70d010910031c');
    assert.is(info.kekLength, 32);
    assert.is(info.ukm, undefined);
    const secret = await generalCrypto.decapsulate(own[algorithm], info.kemct);
    const kek = hkdf(secret, '', fromHex('3010300b060960864801650304012d020120'));
    assert.equal(unwrapped(kek, info.encryptedKey), cek);
  }
});

test('RFC 5083 §2.1: content-type where it must be, no attributes for id-data; the AAD is their DER', async () => {
  const plain = await make([KEK]);
  assert.is(parts(plain.der).authAttrs, undefined);
  const typed = await make([KEK], { contentType: ID_SIGNED_DATA });
  const data = parts(typed.der);
  const { cek } = typed;
  assert.is(data.authAttrs?.attributes.length, 1);
  assert.is(toHex(data.authAttrs?.der ?? cek), '311a301806092a864886f70d010903310b06092a864886f70d010702');
  const nonce = (data.contentEncryptionAlgorithm.parameters ?? cek).subarray(4, 16);
  const decipher = createDecipheriv('aes-256-gcm', cek, nonce, { authTagLength: 16 });
  decipher.setAAD(data.authAttrs?.der ?? cek).setAuthTag(data.mac);
  const content = concat(decipher.update(data.encryptedContent ?? cek), decipher.final());
  assert.ok(equal(content, LETTER));
  const more = { attrType: fromHex('2a0304'), value: fromHex('0500') };
  const opened = await openWith((await make([KEK], { authAttrs: [more] })).der, [KEK]);
  assert.is(opened.authAttrs?.attributes.length, 2, 'content-type beside them, with id-data as well');
});

test('issuerAndSerialNumber opens only where the caller says which key the certificate is for', async () => {
  const { der } = await make([{ ...to('P-256'), name: 'sha256' }]);
  const issuer = fromHex('300e310c300a06035504030c03783231');
  const name = { kind: 'issuerAndSerialNumber', issuer, serialNumber: Uint8Array.of(7) } as const;
  const rid = { ...name, der: concat(fromHex('3013'), issuer, fromHex('020107')) };
  const info = infoOf(der, 'kari');
  const recipientEncryptedKeys = info.recipientEncryptedKeys.map((each) => ({ ...each, rid }));
  const named = rewritten(der, () => ({ recipientInfos: [{ ...info, recipientEncryptedKeys }] }));
  await refusedWith('ERR_OPEN', named, [by('P-256')], 'without a word');
  await refusedWith('ERR_OPEN', named, [by('P-256')], 'not known', { nameOf: () => undefined });
  let asked = '';
  const nameOf = (certificate: { serialNumber: Uint8Array }) => {
    asked = toHex(certificate.serialNumber);
    return own['P-256'].publicKey.keyIdentifier;
  };
  const opened = await openWith(named, [by('P-256')], { nameOf });
  assert.equal(opened.content, LETTER);
  assert.is(opened.by.name?.kind, 'issuerAndSerialNumber');
  assert.is(asked, '07');
  await refusedWith('ERR_OPEN', named, [by('P-256')], 'a lookup that fails', {
    nameOf: () => {
      throw new Error('directory is down');
    },
  });
});

test('arguments: none, twice, 513, a key that signs, names of two that are one, costs, lengths, attributes that are ours', async () => {
  const attempt = (recipients: readonly GeneralRecipient[], more = {}) => refusal(() => make(recipients, more));
  const signing = await generalCrypto.generatePrivateKey('Ed25519', systemRandom);
  assert.instance(await attempt([]), RangeError);
  assert.instance(await attempt([to('X25519'), to('X25519')]), RangeError);
  assert.instance(await attempt([to('X25519'), { ...to('X25519'), name: 'sha1' }]), RangeError);
  const keyIdentifier = own.RSA.publicKey.keyIdentifier;
  assert.instance(await attempt([to('RSA'), { ...to('P-256'), name: { keyIdentifier } }]), RangeError);
  assert.instance(await attempt([KEK, { ...KEK, key: new Uint8Array(16) }]), RangeError);
  assert.instance(await attempt(Array.from({ length: 513 }, () => PASSWORD)), RangeError);
  assert.instance(await attempt([{ kind: 'key', key: signing.publicKey }]), TypeError);
  assert.instance(await attempt([{ ...KEK, key: new Uint8Array(20) }]), RangeError);
  for (const cost of [
    { kind: 'pbkdf2', iterations: 99_999 },
    { kind: 'pbkdf2', iterations: 2_500_001 },
    { kind: 'pbkdf2', iterations: 200_000.5 },
    { kind: 'scrypt', n: 2 ** 14, r: 8, p: 1 },
    { kind: 'scrypt', n: 2 ** 15 + 1, r: 8, p: 1 },
    { kind: 'scrypt', n: 2 ** 15, r: 8, p: 100 },
  ] as const)
    assert.instance(await attempt([{ ...PASSWORD, cost }]), RangeError);
  const contentTypeAttr = { attrType: fromHex('2a864886f70d010903'), value: fromHex('06092a864886f70d010701') };
  assert.instance(await attempt([KEK], { authAttrs: [contentTypeAttr], contentType: ID_DATA }), RangeError);
});

test('E8: a random source that fails encrypts nothing', async () => {
  for (const recipients of [[to('X25519')], [to('ML-KEM-768')], [PASSWORD], [KEK]]) {
    assert.ok((await refusal(() => make(recipients, { random: (length) => new Uint8Array(length) }))) !== undefined);
    assert.ok(
      (await refusal(() => make(recipients, { random: (length) => new Uint8Array(length - 1).fill(1) }))) !== undefined,
    );
  }
});

test.run();
