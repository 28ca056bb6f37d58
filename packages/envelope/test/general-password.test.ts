/** PasswordRecipientInfo: RFC 3211 octet by octet, what its check values refuse, and what a password may cost. */
import { createCipheriv, createDecipheriv, pbkdf2Sync, scryptSync } from 'node:crypto';
import { concat, fromHex, toHex, toUtf8 } from '@stanzaseal/cms';
import {
  generalAlgorithm,
  type PasswordDerivation,
  passwordDerivationAlgorithm,
  passwordWrapAlgorithm,
} from '@stanzaseal/cms/general';
import { fastest } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GENERAL_POLICY } from '../src/general/index.js';
import { unwrapByPassword, wrapByPassword } from '../src/general/passwordWrap.js';
import { countedGeneral } from './countedGeneral.js';
import { infoOf, LETTER, make, openWith, PASSWORD, parts, refusedWith, rewritten } from './generalWorld.js';
import { generalCrypto } from './world.js';

const test = suite('general profile: passwords');
const { der, cek } = await make([PASSWORD]);
const info = infoOf(der, 'pwri');
const salt = toUtf8('sixteen octets!!');
const iv = new Uint8Array(16).fill(9);
const cbc = (key: Uint8Array, vector: Uint8Array, octets: Uint8Array) =>
  new Uint8Array(
    createCipheriv(`aes-${key.length * 8}-cbc`, key, vector)
      .setAutoPadding(false)
      .update(octets),
  );
/** PWRI-KEK by the letter of RFC 3211 §2.3.1, over whatever block it is given. */
const twice = (key: Uint8Array, block: Uint8Array) => {
  const first = cbc(key, iv, block);
  return cbc(key, first.subarray(-16), first);
};
const checked = (key: Uint8Array) =>
  concat(
    Uint8Array.of(key.length),
    key.subarray(0, 3).map((octet) => ~octet),
    key,
  );
const padded = (octets: Uint8Array) =>
  concat(octets, new Uint8Array(Math.max(32, Math.ceil(octets.length / 16) * 16) - octets.length).fill(7));
const with_ = (change: Partial<typeof info>) => rewritten(der, () => ({ recipientInfos: [{ ...info, ...change }] }));
const derived = (derivation: PasswordDerivation, kek: Uint8Array) =>
  with_({
    keyDerivationAlgorithm: passwordDerivationAlgorithm(derivation),
    keyEncryptionAlgorithm: passwordWrapAlgorithm({ keyLength: 32, iv }),
    encryptedKey: twice(kek, padded(checked(cek))),
  });
const LOW = {
  ...GENERAL_POLICY,
  password: { ...GENERAL_POLICY.password, pbkdf2Iterations: { least: 1, most: 10_000 } },
};

test('RFC 3211 §2.3: what is written opens by node:crypto alone', () => {
  const derivation = info.keyDerivationAlgorithm?.parameters as Uint8Array;
  assert.is(
    toHex(derivation.subarray(-14)),
    '300c06082a864886f70d02090500',
    'the PRF is written: its DEFAULT is SHA-1',
  );
  const kek = pbkdf2Sync(PASSWORD.password, derivation.subarray(4, 20), 100_000, 32, 'sha256');
  const written = (info.keyEncryptionAlgorithm.parameters as Uint8Array).subarray(-16);
  const decipher = (vector: Uint8Array, octets: Uint8Array) =>
    new Uint8Array(createDecipheriv('aes-256-cbc', kek, vector).setAutoPadding(false).update(octets));
  const { encryptedKey } = info;
  assert.is(encryptedKey.length, 48);
  const inner = decipher(decipher(encryptedKey.subarray(16, 32), encryptedKey.subarray(32)), encryptedKey);
  assert.equal(decipher(written, inner).subarray(0, 36), checked(cek));
});

test('RFC 3211 §2.3: keys of every length that ciphers have, to whole blocks and two at least; a differential with node:crypto', async () => {
  const kek = new Uint8Array(32).fill(3);
  for (const length of [16, 24, 28, 32, 64, 128]) {
    const key = Uint8Array.from({ length }, (_, i) => i + 1);
    const block = padded(checked(key));
    const wrapped = await wrapByPassword(kek, iv, key, block.subarray(length + 4), generalCrypto);
    assert.equal(wrapped, twice(kek, block));
    assert.equal(await unwrapByPassword(kek, iv, wrapped, (each) => each === length, generalCrypto), key);
  }
});

test('CVE-2026-9076, CVE-2025-9230: blocks that are none, one, not whole, or endless; counts and check values that lie', async () => {
  const kek = new Uint8Array(32).fill(3);
  const unwrap = (octets: Uint8Array) => unwrapByPassword(kek, iv, octets, (length) => length === 32, generalCrypto);
  for (const length of [0, 1, 2, 15, 16, 17, 31, 33, 47, 288, 65_536])
    assert.is(await unwrap(new Uint8Array(length)), undefined, `${length} octets`);
  const good = padded(checked(cek));
  assert.equal(await unwrap(twice(kek, good)), cek);
  for (const [why, block] of [
    ['count 0', good.with(0, 0)],
    ['count 31', good.with(0, 31)],
    ['count beyond the block', good.with(0, 255)],
    ['check value 1', good.with(1, (good[1] as number) ^ 1)],
    ['check value 2', good.with(2, (good[2] as number) ^ 128)],
    ['check value 3', good.with(3, (good[3] as number) ^ 16)],
    ['a key of 16 octets', padded(checked(cek.subarray(0, 16)))],
    ['32 octets that end with the block', padded(checked(cek)).subarray(0, 32)],
  ] as const)
    assert.is(await unwrap(twice(kek, block)), undefined, why);
});

test('A11: no derivation, a stream mode, another block cipher, an IV of another length, a derivation not known', async () => {
  const { crypto, total } = countedGeneral();
  const refuse = (code: 'ERR_OPEN' | 'ERR_UNSUPPORTED', change: Partial<typeof info>, why: string) =>
    refusedWith(code, with_(change), [PASSWORD], why, { crypto });
  const kekWith = (hex: string, parameters: Uint8Array) =>
    generalAlgorithm(fromHex('2a864886f70d0109100309'), generalAlgorithm(fromHex(hex), parameters).der);
  const ivDer = concat(fromHex('0410'), iv);
  await refuse('ERR_OPEN', { keyDerivationAlgorithm: undefined }, 'no derivation');
  await refuse('ERR_UNSUPPORTED', { keyEncryptionAlgorithm: kekWith('60864801650304012b', ivDer) }, 'OFB');
  await refuse('ERR_UNSUPPORTED', { keyEncryptionAlgorithm: kekWith('60864801650304012e', ivDer) }, 'GCM');
  await refuse(
    'ERR_UNSUPPORTED',
    { keyEncryptionAlgorithm: kekWith('2a864886f70d0307', fromHex('04080000000000000000')) },
    '3DES',
  );
  await refuse('ERR_OPEN', { keyEncryptionAlgorithm: kekWith('60864801650304012a', fromHex('0408')) }, 'an IV cut');
  await refuse(
    'ERR_OPEN',
    { keyEncryptionAlgorithm: generalAlgorithm(fromHex('2a864886f70d0109100309')) },
    'no cipher',
  );
  await refuse(
    'ERR_UNSUPPORTED',
    { keyEncryptionAlgorithm: generalAlgorithm(fromHex('60864801650304012d')) },
    'AES key wrap, as PKI.js does',
  );
  await refuse(
    'ERR_UNSUPPORTED',
    { keyDerivationAlgorithm: generalAlgorithm(fromHex('2a0304')) },
    'another derivation',
  );
  await refuse(
    'ERR_OPEN',
    { keyDerivationAlgorithm: generalAlgorithm(fromHex('2a864886f70d01050c')) },
    'PBKDF2 without parameters',
  );
  assert.is(total(), 0);
});

test('G2, G3: costs below the floor and beyond the ceiling are refused before anything is derived', async () => {
  const { crypto, total } = countedGeneral();
  const kek = new Uint8Array(32);
  const common = { salt, keyLength: undefined };
  for (const iterations of [1, 2_048, 99_999, 2_500_001, 2 ** 31 - 1, 2 ** 40])
    await refusedWith(
      'ERR_OPEN',
      derived({ kdf: 'PBKDF2', hash: 'SHA-256', iterations, ...common }, kek),
      [PASSWORD],
      `${iterations}`,
      { crypto },
    );
  for (const [n, r, p] of [
    [2 ** 14, 8, 1],
    [2 ** 31, 8, 1],
    [2 ** 40, 8, 1],
    [2 ** 15, 2 ** 16, 1],
    [2 ** 15, 8, 2 ** 20],
    [2 ** 15 + 1, 8, 1],
    [1, 8, 1],
    [2 ** 20, 8, 1],
  ] as const)
    await refusedWith('ERR_OPEN', derived({ kdf: 'scrypt', n, r, p, ...common }, kek), [PASSWORD], `${n} ${r} ${p}`, {
      crypto,
    });
  const other = derived({ kdf: 'PBKDF2', hash: 'SHA-512', iterations: 100_000, ...common }, kek);
  const policy = { ...GENERAL_POLICY, password: { ...GENERAL_POLICY.password, pbkdf2Hashes: ['SHA-256'] as const } };
  await refusedWith('ERR_OPEN', other, [PASSWORD], 'a hash that is not listed', { crypto, policy });
  await refusedWith(
    'ERR_OPEN',
    derived({ kdf: 'PBKDF2', hash: 'SHA-256', iterations: 100_000, salt, keyLength: 16 }, kek),
    [PASSWORD],
    'a length that is not the key’s',
    { crypto },
  );
  assert.is(total(), 0);
});

test('PBKDF2 under each PRF, with and without keyLength, and scrypt: computed by node:crypto, opened by policy', async () => {
  for (const [hash, name] of [
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-384', 'sha384'],
    ['SHA-512', 'sha512'],
  ] as const) {
    for (const keyLength of [undefined, 32]) {
      const kek = new Uint8Array(pbkdf2Sync(PASSWORD.password, salt, 2_048, 32, name));
      const octets = derived({ kdf: 'PBKDF2', hash, iterations: 2_048, salt, keyLength }, kek);
      assert.equal((await openWith(octets, [PASSWORD], { policy: LOW })).content, LETTER);
      await refusedWith('ERR_OPEN', octets, [PASSWORD], 'OpenSSL’s 2,048, by the policy that stands');
    }
  }
  const kek = new Uint8Array(scryptSync(PASSWORD.password, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }));
  const octets = derived({ kdf: 'scrypt', n: 2 ** 15, r: 8, p: 1, salt, keyLength: undefined }, kek);
  assert.equal((await openWith(octets, [PASSWORD])).content, LETTER);
});

test('D2: a password is tried on as many entries as the policy says, ours being among them, and on no more', async () => {
  const kek = new Uint8Array(pbkdf2Sync(PASSWORD.password, salt, 2_048, 32, 'sha256'));
  const entry = (key: Uint8Array) => {
    const [found] = parts(
      derived({ kdf: 'PBKDF2', hash: 'SHA-256', iterations: 2_048, salt, keyLength: undefined }, key),
    ).recipientInfos;
    return found as typeof info;
  };
  const of = (count: number, ours: boolean) =>
    rewritten(der, () => ({
      recipientInfos: [
        ...Array.from({ length: count }, (_, i) => entry(new Uint8Array(32).fill(i + 1))),
        ...(ours ? [entry(kek)] : []),
      ],
    }));
  assert.equal((await openWith(of(3, true), [PASSWORD], { policy: LOW })).content, LETTER);
  const { crypto, counts } = countedGeneral();
  await refusedWith('ERR_OPEN', of(100, false), [PASSWORD], '100 of others', { policy: LOW, crypto });
  assert.is(counts.pbkdf2, 4);
  const two = await make([
    { ...PASSWORD, password: toUtf8('first') },
    { ...PASSWORD, password: toUtf8('second') },
  ]);
  for (const password of ['first', 'second'])
    assert.equal((await openWith(two.der, [{ kind: 'password', password: toUtf8(password) }])).content, LETTER);
  // Refused entries cost nothing, and are not counted.
  const dear = { kdf: 'PBKDF2', hash: 'SHA-256', iterations: 2 ** 30, salt, keyLength: undefined } as const;
  const [unaffordable] = parts(derived(dear, kek)).recipientInfos;
  const mixed = rewritten(der, () => ({
    recipientInfos: [...Array.from({ length: 9 }, () => unaffordable as typeof info), entry(kek)],
  }));
  assert.equal((await openWith(mixed, [PASSWORD], { policy: LOW })).content, LETTER);
});

test('the dearest that the policy takes is bounded: four entries of 2,500,000 iterations at most', async () => {
  const { pbkdf2Iterations, entries, scryptMemory, scryptWork } = GENERAL_POLICY.password;
  assert.is(pbkdf2Iterations.most * entries, 10_000_000, 'G2');
  assert.ok(scryptMemory.most <= 2 ** 28 && scryptWork.most <= 2 ** 29);
  assert.ok((await fastest(async () => void (await openWith(der, [PASSWORD])))) < 5_000);
});

test.run();
