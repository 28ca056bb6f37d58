/** Algorithm identifiers of the general profile: as standards and other software print them, and what is refused. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  contentEncryptionAlgorithm,
  digestAlgorithm,
  eccSharedInfo,
  type GeneralAlgorithm,
  type GeneralKeyAlgorithm,
  generalAlgorithm,
  generalSignatureAlgorithm,
  type HashName,
  hkdfAlgorithm,
  hmacAlgorithm,
  kemAlgorithm,
  kemOtherInfo,
  keyAgreementAlgorithm,
  keyTransportAlgorithm,
  keyWrapAlgorithm,
  originatorKeyAlgorithm,
  passwordDerivationAlgorithm,
  passwordWrapAlgorithm,
  readContentEncryptionAlgorithm,
  readDigestAlgorithm,
  readHkdfAlgorithm,
  readHmacAlgorithm,
  readKemAlgorithm,
  readKeyAgreementAlgorithm,
  readKeyTransportAlgorithm,
  readKeyWrapAlgorithm,
  readOriginatorKeyAlgorithm,
  readPasswordDerivationAlgorithm,
  readPasswordWrapAlgorithm,
  readSignatureAlgorithm,
  type SignatureScheme,
} from '../src/general/index.js';
import { innerAlgorithm } from '../src/general/structures/algorithm.js';
import { CmsError, type CmsErrorCode, DerReader, fromHex, oid, toHex } from '../src/index.js';

const test = suite('general algorithms');

const decoded = (hex: string): GeneralAlgorithm => innerAlgorithm(new DerReader(fromHex(hex)));
const named = (dotted: string, parameters?: string): GeneralAlgorithm =>
  generalAlgorithm(oid(dotted), parameters === undefined ? undefined : fromHex(parameters));
const hexOf = ({ der }: GeneralAlgorithm): string => toHex(der);
const refuses = (what: () => unknown, code: CmsErrorCode, message = /./): void =>
  assert.throws(
    what,
    (error: unknown) => error instanceof CmsError && error.code === code && message.test(error.message),
  );
const hashes = ['SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
const nonce = fromHex('4d8757222eac5294117f0c12');
const AES = '2.16.840.1.101.3.4.1';
const SMIME = '1.2.840.113549.1.9.16.3';
const WRAP_256 = '300b060960864801650304012d';

test('AES-GCM (RFC 5084 §3.2): the tag is written, and 12 octets where it is not', () => {
  // Parameters as pyasn1-alt-modules prints them for RFC 5084.
  const hex = '301e060960864801650304012e3011040c4d8757222eac5294117f0c12020110';
  assert.is(hexOf(contentEncryptionAlgorithm('AES-256-GCM', nonce, false)), hex);
  const { algorithm, ...rest } = readContentEncryptionAlgorithm(decoded(hex));
  assert.equal(rest, { aead: 'AES-256-GCM', nonce, tagLength: 16, cekHkdf: false });
  assert.is(hexOf(algorithm), hex);
  for (const [dotted, aead] of [
    [`${AES}.6`, 'AES-128-GCM'],
    [`${AES}.26`, 'AES-192-GCM'],
  ] as const) {
    const read = readContentEncryptionAlgorithm(named(dotted, '300e040c4d8757222eac5294117f0c12'));
    assert.is(read.aead, aead);
    assert.is(read.tagLength, 12);
    assert.is(
      hexOf(contentEncryptionAlgorithm(aead, nonce, false)),
      hexOf(named(dotted, `3011040c${toHex(nonce)}020110`)),
    );
  }
  const stated = readContentEncryptionAlgorithm(named(`${AES}.6`, `3011040c${toHex(nonce)}02010c`));
  assert.is(stated.tagLength, 12, 'a stated DEFAULT is BER');
  const long = readContentEncryptionAlgorithm(named(`${AES}.6`, `30120410${'ab'.repeat(16)}`));
  assert.is(long.nonce.length, 16, 'Bouncy Castle and gpgsm have written such');
});

test('A6, A7, CVE-2025-15467: tags and nonces out of range', () => {
  for (const tagLength of ['00', '04', '0b', '11', '7f'])
    refuses(
      () => readContentEncryptionAlgorithm(named(`${AES}.46`, `3011040c${toHex(nonce)}0201${tagLength}`)),
      'ERR_DER',
      /tag length/,
    );
  for (const length of [0, 1, 11, 17, 64]) {
    const octets = length.toString(16).padStart(2, '0');
    const parameters = `30${(length + 5).toString(16).padStart(2, '0')}04${octets}${'00'.repeat(length)}020110`;
    refuses(() => readContentEncryptionAlgorithm(named(`${AES}.46`, parameters)), 'ERR_UNSUPPORTED', /nonce/);
  }
  // Without its SEQUENCE, as wolfSSL 5.5.4 writes it; with more in it; and not there.
  for (const parameters of [`040c${toHex(nonce)}`, `3013040c${toHex(nonce)}0201100500`, undefined, '0500'])
    refuses(() => readContentEncryptionAlgorithm(named(`${AES}.46`, parameters)), 'ERR_DER');
  assert.throws(() => contentEncryptionAlgorithm('AES-256-GCM', new Uint8Array(16), false), RangeError);
});

test('A1, CVE-2026-34182: a cipher that authenticates nothing', () => {
  for (const [dotted, name] of [
    [`${AES}.42`, /id-aes256-CBC/],
    [`${AES}.43`, /OFB|\.43/],
    [`${AES}.47`, /id-aes256-CCM/],
    ['1.2.840.113549.3.7', /des-ede3-cbc/],
  ] as const)
    refuses(() => readContentEncryptionAlgorithm(named(dotted, `0410${'00'.repeat(16)}`)), 'ERR_UNSUPPORTED', name);
});

test('ChaCha20-Poly1305 (RFC 8103 §2), as pyasn1-alt-modules prints it', () => {
  const hex = '301b060b2a864886f70d0109100312040ccafebabefacedbaddecaf888';
  const read = readContentEncryptionAlgorithm(decoded(hex));
  assert.is(read.aead, 'ChaCha20-Poly1305');
  assert.is(read.tagLength, 16);
  assert.is(hexOf(contentEncryptionAlgorithm('ChaCha20-Poly1305', read.nonce, false)), hex);
  refuses(() => readContentEncryptionAlgorithm(named(`${SMIME}.18`, '04080001020304050607')), 'ERR_DER');
  refuses(() => readContentEncryptionAlgorithm(named(`${SMIME}.18`)), 'ERR_DER');
});

test('RFC 9709: the cipher inside, once', () => {
  for (const aead of ['AES-128-GCM', 'ChaCha20-Poly1305'] as const) {
    const outer = contentEncryptionAlgorithm(aead, nonce, true);
    const inner = contentEncryptionAlgorithm(aead, nonce, false);
    const read = readContentEncryptionAlgorithm(outer);
    assert.equal(
      { ...read, algorithm: hexOf(read.algorithm) },
      { aead, nonce, tagLength: 16, cekHkdf: true, algorithm: hexOf(inner) },
    );
    refuses(() => readContentEncryptionAlgorithm(named(`${SMIME}.31`, hexOf(outer))), 'ERR_UNSUPPORTED', /cek-hkdf/);
  }
  refuses(() => readContentEncryptionAlgorithm(named(`${SMIME}.31`)), 'ERR_DER', /missing/);
  refuses(() => readContentEncryptionAlgorithm(named(`${SMIME}.31`, '300906072a864886f70d01')), 'ERR_UNSUPPORTED');
});

test('AES key wrap (RFC 3565 §2.3.2): no parameters, NULL taken', () => {
  for (const [keyLength, arc] of [
    [16, 5],
    [24, 25],
    [32, 45],
  ] as const) {
    assert.is(hexOf(keyWrapAlgorithm(keyLength)), hexOf(named(`${AES}.${arc}`)));
    assert.is(readKeyWrapAlgorithm(named(`${AES}.${arc}`)), keyLength);
    assert.is(readKeyWrapAlgorithm(named(`${AES}.${arc}`, '0500')), keyLength);
    refuses(() => readKeyWrapAlgorithm(named(`${AES}.${arc}`, '0400')), 'ERR_DER');
  }
  assert.is(hexOf(keyWrapAlgorithm(32)), WRAP_256);
  refuses(() => readKeyWrapAlgorithm(named(`${SMIME}.6`, '0500')), 'ERR_UNSUPPORTED', /3DESwrap/);
});

test('key agreement: every scheme of RFC 5753 and RFC 8418, with the key wrap as it stood', () => {
  const schemes = [
    ['1.3.133.16.840.63.0.2', 'X9.63', false, 'SHA-1'],
    ['1.3.133.16.840.63.0.3', 'X9.63', true, 'SHA-1'],
    ...hashes
      .slice(1)
      .flatMap((hash, i) => [
        [`1.3.132.1.11.${i}`, 'X9.63', false, hash] as const,
        [`1.3.132.1.14.${i}`, 'X9.63', true, hash] as const,
      ]),
    ...hashes.slice(2).map((hash, i) => [`${SMIME}.${19 + i}`, 'HKDF', false, hash] as const),
  ] as const;
  assert.is(schemes.length, 13);
  for (const [dotted, kdf, cofactor, hash] of schemes) {
    for (const wrap of [WRAP_256, '300d060960864801650304012d0500']) {
      const read = readKeyAgreementAlgorithm(named(dotted, wrap));
      assert.equal({ ...read, wrap: hexOf(read.wrap) }, { kdf, cofactor, hash, wrap });
      assert.is(hexOf(keyAgreementAlgorithm(read)), hexOf(named(dotted, wrap)));
    }
    refuses(() => readKeyAgreementAlgorithm(named(dotted)), 'ERR_DER', /missing/);
    refuses(() => readKeyAgreementAlgorithm(named(dotted, '0500')), 'ERR_DER');
  }
  // RFC 8418 §2.2 as pyasn1-alt-modules prints it.
  const printed = '301a060b2a864886f70d0109100314300b060960864801650304012d';
  assert.is(readKeyAgreementAlgorithm(decoded(printed)).hash, 'SHA-384');
  const wrap = keyWrapAlgorithm(32);
  assert.throws(() => keyAgreementAlgorithm({ kdf: 'HKDF', cofactor: false, hash: 'SHA-1', wrap }), RangeError);
  for (const dotted of ['1.3.133.16.840.63.0.16', '1.3.132.1.15.1', `${SMIME}.5`])
    refuses(() => readKeyAgreementAlgorithm(named(dotted, WRAP_256)), 'ERR_UNSUPPORTED');
});

test('A15: keys of originators', () => {
  for (const [algorithm, dotted, parameters] of [
    ['X25519', '1.3.101.110', undefined],
    ['EC', '1.2.840.10045.2.1', undefined],
    ['P-256', '1.2.840.10045.2.1', '06082a8648ce3d030107'],
    ['P-384', '1.2.840.10045.2.1', '06052b81040022'],
  ] as const) {
    assert.is(readOriginatorKeyAlgorithm(named(dotted, parameters)), algorithm);
    assert.is(hexOf(originatorKeyAlgorithm(algorithm)), hexOf(named(dotted, parameters)));
  }
  assert.is(readOriginatorKeyAlgorithm(named('1.2.840.10045.2.1', '0500')), 'EC');
  refuses(() => readOriginatorKeyAlgorithm(named('1.3.101.110', '0500')), 'ERR_DER');
  refuses(() => readOriginatorKeyAlgorithm(named('1.3.101.111')), 'ERR_UNSUPPORTED', /X448/);
  refuses(() => readOriginatorKeyAlgorithm(named('1.2.840.10045.2.1', '06052b81040023')), 'ERR_UNSUPPORTED', /curve/);
  refuses(() => readOriginatorKeyAlgorithm(named('1.2.840.10045.2.1', '3003020101')), 'ERR_UNSUPPORTED', /curve/);
});

test('RSAES-OAEP (RFC 4055 §4.1), as RFC 3560 and pyasn1-alt-modules print it', () => {
  const sha256 =
    '303c06092a864886f70d010107302fa00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500';
  const label = new Uint8Array(0);
  assert.equal(readKeyTransportAlgorithm(decoded(sha256)), { hash: 'SHA-256', mgfHash: 'SHA-256', label });
  assert.is(hexOf(keyTransportAlgorithm({ hash: 'SHA-256', mgfHash: 'SHA-256', label })), sha256);
  const full =
    '305306092a864886f70d0101073046a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a215301306092a864886f70d0101090406666f6f626172';
  const foobar = { hash: 'SHA-384', mgfHash: 'SHA-384', label: fromHex('666f6f626172') } as const;
  assert.equal(readKeyTransportAlgorithm(decoded(full)), foobar);
  assert.is(hexOf(keyTransportAlgorithm(foobar)), full);
  const defaults = { hash: 'SHA-1', mgfHash: 'SHA-1', label } as const;
  assert.equal(readKeyTransportAlgorithm(named('1.2.840.113549.1.1.7', '3000')), defaults);
  assert.is(hexOf(keyTransportAlgorithm(defaults)), hexOf(named('1.2.840.113549.1.1.7', '3000')));
  const withoutNull = sha256
    .replaceAll('0500', '')
    .replace('303c', '3038')
    .replace('302f', '302b')
    .replace('a00f300d', 'a00d300b')
    .replace('a11c301a', 'a11a3018')
    .replace('300d0609608', '300b0609608');
  assert.equal(readKeyTransportAlgorithm(decoded(withoutNull)), { hash: 'SHA-256', mgfHash: 'SHA-256', label });
});

test('refusals: PKCS #1 v1.5 by name, OAEP without parameters, CVE-2026-28390', () => {
  refuses(() => readKeyTransportAlgorithm(named('1.2.840.113549.1.1.1', '0500')), 'ERR_UNSUPPORTED', /rsaEncryption/);
  refuses(() => readKeyTransportAlgorithm(named('2.16.840.1.101.3.4.4.1')), 'ERR_UNSUPPORTED', /ml-kem/);
  refuses(() => readKeyTransportAlgorithm(named('1.2.840.113549.1.1.7')), 'ERR_DER', /missing/);
  refuses(
    () => readKeyTransportAlgorithm(named('1.2.840.113549.1.1.7', '300fa20d300b06092a864886f70d010109')),
    'ERR_DER',
    /missing/,
  );
  refuses(
    () => readKeyTransportAlgorithm(named('1.2.840.113549.1.1.7', '3011a20f300d06092a864886f70d0101090500')),
    'ERR_DER',
  );
  refuses(() => readKeyTransportAlgorithm(named('1.2.840.113549.1.1.7', '300aa108300606035504030500')), 'ERR_DER');
  refuses(
    () => readKeyTransportAlgorithm(named('1.2.840.113549.1.1.7', '3009a10730050603550403')),
    'ERR_UNSUPPORTED',
    /MGF1/,
  );
});

test('PWRI-KEK (RFC 3211 §2.3) over AES-CBC alone (CVE-2026-9076)', () => {
  const iv = fromHex('016ae4f5f957e4092d00b03b71a19bca');
  // As gpgsm 2.2.40 writes it.
  const hex = '302c060b2a864886f70d0109100309301d060960864801650304012a0410016ae4f5f957e4092d00b03b71a19bca';
  assert.equal(readPasswordWrapAlgorithm(decoded(hex)), { keyLength: 32, iv });
  assert.is(hexOf(passwordWrapAlgorithm({ keyLength: 32, iv })), hex);
  for (const [keyLength, arc] of [
    [16, '02'],
    [24, '16'],
  ] as const)
    assert.is(readPasswordWrapAlgorithm(decoded(hex.replace('012a0410', `01${arc}0410`))).keyLength, keyLength);
  refuses(() => readPasswordWrapAlgorithm(decoded(hex.replace('012a0410', '012c0410'))), 'ERR_UNSUPPORTED', /PWRI-KEK/);
  refuses(
    () => readPasswordWrapAlgorithm(named(`${SMIME}.9`, '301406082a864886f70d030704080001020304050607')),
    'ERR_UNSUPPORTED',
    /ede3/,
  );
  refuses(
    () => readPasswordWrapAlgorithm(named(`${SMIME}.9`, '3015060960864801650304012a04080001020304050607')),
    'ERR_DER',
  );
  refuses(() => readPasswordWrapAlgorithm(named(`${SMIME}.9`)), 'ERR_DER', /missing/);
  refuses(() => readPasswordWrapAlgorithm(keyWrapAlgorithm(32)), 'ERR_UNSUPPORTED', /wrap/);
  assert.throws(() => passwordWrapAlgorithm({ keyLength: 32, iv: nonce }), RangeError);
});

test('PBKDF2 (RFC 8018 A.2): salt, defaults, stated lengths', () => {
  // As gpgsm 2.2.40 writes it.
  const hex =
    '303506092a864886f70d01050c302804149e00f4849997d43c0399a889c2298d0188e37bd702022710300c06082a864886f70d02090500';
  const salt = fromHex('9e00f4849997d43c0399a889c2298d0188e37bd7');
  const read = { kdf: 'PBKDF2', hash: 'SHA-256', salt, iterations: 10000, keyLength: undefined } as const;
  assert.equal(readPasswordDerivationAlgorithm(decoded(hex)), read);
  assert.is(hexOf(passwordDerivationAlgorithm(read)), hex);
  for (const hash of hashes) {
    for (const keyLength of [undefined, 16]) {
      const written = passwordDerivationAlgorithm({ ...read, hash, keyLength });
      assert.equal(readPasswordDerivationAlgorithm(written), { ...read, hash, keyLength });
    }
  }
  const short = passwordDerivationAlgorithm({ ...read, hash: 'SHA-1', salt: fromHex('01') });
  assert.is(hexOf(short), hexOf(named('1.2.840.113549.1.5.12', '300704010102022710')));
  const PBKDF2 = '1.2.840.113549.1.5.12';
  refuses(() => readPasswordDerivationAlgorithm(named(PBKDF2, '300a30050603550403020101')), 'ERR_UNSUPPORTED', /salt/);
  refuses(() => readPasswordDerivationAlgorithm(named(PBKDF2, '3006040101020100')), 'ERR_DER', /range/);
  refuses(() => readPasswordDerivationAlgorithm(named(PBKDF2, '30060401010201ff')), 'ERR_DER', /range/);
  refuses(
    () => readPasswordDerivationAlgorithm(named(PBKDF2, '300d04010102010130050603550403')),
    'ERR_UNSUPPORTED',
    /MAC/,
  );
  refuses(() => readPasswordDerivationAlgorithm(named(PBKDF2)), 'ERR_DER', /missing/);
});

test('scrypt (RFC 7914 §7.1), as RFC 7914 §13 prints it', () => {
  const hex = '301f06092b06010401da47040b301204054d6f7573650203100000020108020101';
  const read = { kdf: 'scrypt', salt: fromHex('4d6f757365'), n: 1048576, r: 8, p: 1, keyLength: undefined } as const;
  assert.equal(readPasswordDerivationAlgorithm(decoded(hex)), read);
  assert.is(hexOf(passwordDerivationAlgorithm(read)), hex);
  const stated = { ...read, keyLength: 32 };
  assert.equal(readPasswordDerivationAlgorithm(passwordDerivationAlgorithm(stated)), stated);
  refuses(
    () => readPasswordDerivationAlgorithm(named('1.3.6.1.4.1.11591.4.11', '300c040101020100020101020101')),
    'ERR_DER',
    /range/,
  );
  refuses(() => readPasswordDerivationAlgorithm(hkdfAlgorithm('SHA-256')), 'ERR_UNSUPPORTED', /hkdf/);
});

test('ML-KEM (RFC 9936), HKDF (RFC 8619), HMAC, digests', () => {
  for (const [name, arc] of [
    ['ML-KEM-512', 1],
    ['ML-KEM-768', 2],
    ['ML-KEM-1024', 3],
  ] as const) {
    assert.is(hexOf(kemAlgorithm(name)), hexOf(named(`2.16.840.1.101.3.4.4.${arc}`)));
    assert.is(readKemAlgorithm(kemAlgorithm(name)), name);
    refuses(() => readKemAlgorithm(named(`2.16.840.1.101.3.4.4.${arc}`, '0500')), 'ERR_DER');
  }
  refuses(() => readKemAlgorithm(named('1.0.18033.2.2.4')), 'ERR_UNSUPPORTED', /rsa/);
  for (const [i, hash] of hashes.slice(2).entries()) {
    assert.is(hexOf(hkdfAlgorithm(hash)), hexOf(named(`${SMIME}.${28 + i}`)));
    assert.is(readHkdfAlgorithm(hkdfAlgorithm(hash)), hash);
    refuses(() => readHkdfAlgorithm(named(`${SMIME}.${28 + i}`, '0500')), 'ERR_DER');
  }
  refuses(() => readHkdfAlgorithm(named('1.3.133.16.840.9.44.1.1')), 'ERR_UNSUPPORTED', /derivation/);
  const digests = ['1.3.14.3.2.26', ...[4, 1, 2, 3].map((arc) => `2.16.840.1.101.3.4.2.${arc}`)];
  for (const [i, hash] of hashes.entries()) {
    assert.is(hexOf(digestAlgorithm(hash)), hexOf(named(digests[i] as string)));
    assert.is(hexOf(hmacAlgorithm(hash)), hexOf(named(`1.2.840.113549.2.${7 + i}`, '0500')));
    for (const parameters of [undefined, '0500']) {
      assert.is(readDigestAlgorithm(named(digests[i] as string, parameters)), hash);
      assert.is(readHmacAlgorithm(named(`1.2.840.113549.2.${7 + i}`, parameters)), hash);
    }
    refuses(() => readDigestAlgorithm(named(digests[i] as string, '3000')), 'ERR_DER');
  }
  assert.is(readHmacAlgorithm(named('1.3.6.1.5.5.8.1.2')), 'SHA-1');
  refuses(() => readHmacAlgorithm(named(`${AES}.9`)), 'ERR_UNSUPPORTED', /MAC/);
  refuses(() => readDigestAlgorithm(named('1.2.840.113549.2.5', '0500')), 'ERR_UNSUPPORTED', /md5/);
});

const SCHEMES: readonly (readonly [SignatureScheme, GeneralKeyAlgorithm, string])[] = [
  [{ name: 'Ed25519' }, 'Ed25519', '1.3.101.112'],
  [{ name: 'ECDSA', hash: 'SHA-256' }, 'P-256', '1.2.840.10045.4.3.2'],
  [{ name: 'ECDSA', hash: 'SHA-384' }, 'P-384', '1.2.840.10045.4.3.3'],
  [{ name: 'ECDSA', hash: 'SHA-512' }, 'P-384', '1.2.840.10045.4.3.4'],
  [{ name: 'ML-DSA' }, 'ML-DSA-44', '2.16.840.1.101.3.4.3.17'],
  [{ name: 'ML-DSA' }, 'ML-DSA-65', '2.16.840.1.101.3.4.3.18'],
  [{ name: 'ML-DSA' }, 'ML-DSA-87', '2.16.840.1.101.3.4.3.19'],
];

test('signatures: RFC 8419, RFC 5754, RFC 9882, without parameters', () => {
  for (const [scheme, keyAlgorithm, dotted] of SCHEMES) {
    const algorithm = generalSignatureAlgorithm(scheme, keyAlgorithm);
    assert.is(hexOf(algorithm), hexOf(named(dotted)));
    const read = readSignatureAlgorithm(algorithm);
    assert.equal(read.scheme, scheme);
    assert.ok(read.keyAlgorithms.includes(keyAlgorithm));
    refuses(() => readSignatureAlgorithm(named(dotted, '0500')), 'ERR_DER', /parameters/);
    assert.throws(() => generalSignatureAlgorithm(scheme, 'X25519'), RangeError);
  }
});

test('RSASSA-PSS (RFC 4055 §3.1): defaults, NULL or none, one hash for both', () => {
  const PSS = '1.2.840.113549.1.1.10';
  // As in the message of pyasn1-alt-modules for RFC 4056, with a salt of 222 octets.
  const printed =
    '303e06092a864886f70d01010a3031a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a204020200de';
  assert.equal(readSignatureAlgorithm(decoded(printed)), {
    scheme: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 222 },
    keyAlgorithms: ['RSA'],
  });
  assert.equal(readSignatureAlgorithm(named(PSS, '3000')).scheme, { name: 'RSA-PSS', hash: 'SHA-1', saltLength: 20 });
  for (const hash of hashes satisfies readonly HashName[]) {
    for (const saltLength of [0, 20, 32]) {
      const scheme: SignatureScheme = { name: 'RSA-PSS', hash, saltLength };
      const written = generalSignatureAlgorithm(scheme, 'RSA');
      assert.equal(readSignatureAlgorithm(written).scheme, scheme);
      // X.690 §11.5: what is DEFAULT is left out.
      assert.is(hexOf(written).includes('020114'), false);
    }
  }
  assert.is(
    hexOf(generalSignatureAlgorithm({ name: 'RSA-PSS', hash: 'SHA-1', saltLength: 20 }, 'RSA')),
    hexOf(named(PSS, '3000')),
  );
  assert.equal(readSignatureAlgorithm(named(PSS, '3005a303020101')).scheme, {
    name: 'RSA-PSS',
    hash: 'SHA-1',
    saltLength: 20,
  });
  refuses(() => readSignatureAlgorithm(named(PSS, '3005a303020102')), 'ERR_DER', /trailer/);
  refuses(() => readSignatureAlgorithm(named(PSS)), 'ERR_DER', /missing/);
  refuses(() => readSignatureAlgorithm(named(PSS, '0500')), 'ERR_DER');
  refuses(
    () => readSignatureAlgorithm(named(PSS, '300fa00d300b0609608648016503040201')),
    'ERR_UNSUPPORTED',
    /two hashes/,
  );
});

test('signatures that are refused are named', () => {
  for (const [dotted, name] of [
    ['1.2.840.113549.1.1.1', /rsaEncryption/],
    ['1.2.840.113549.1.1.5', /sha1WithRSAEncryption/],
    ['1.2.840.113549.1.1.11', /sha256WithRSAEncryption/],
    ['1.2.840.10045.4.1', /ecdsa-with-SHA1/],
    ['1.2.840.10040.4.3', /dsa-with-sha1/],
    ['1.3.101.113', /Ed448/],
  ] as const)
    refuses(() => readSignatureAlgorithm(named(dotted, '0500')), 'ERR_UNSUPPORTED', name);
});

test('ECC-CMS-SharedInfo (RFC 5753 §7.2) copies the key wrap octet by octet, a NULL included', () => {
  const ukm = fromHex('a1a2');
  const info = toHex(eccSharedInfo(keyWrapAlgorithm(32), 32, ukm));
  assert.is(info, `301b${WRAP_256}a0040402a1a2a206040400000100`);
  assert.is(
    toHex(eccSharedInfo(keyWrapAlgorithm(16), 16, undefined)),
    '3015300b0609608648016503040105a206040400000080',
  );
  const withNull = decoded('300d060960864801650304012d0500');
  assert.is(toHex(eccSharedInfo(withNull, 32, undefined)), '3017300d060960864801650304012d0500a206040400000100');
});

test('CMSORIforKEMOtherInfo (RFC 9629 §5), as RFC 9936 Appendix C prints it', () => {
  const wrap = keyWrapAlgorithm(16);
  assert.is(toHex(kemOtherInfo(wrap, 16, undefined)), '3010300b0609608648016503040105020110');
  assert.is(toHex(kemOtherInfo(wrap, 16, fromHex('a1a2'))), '3016300b0609608648016503040105020110a0040402a1a2');
});

test.run();
