/** Bare keys of the general profile: SPKI and PKCS#8 of every algorithm, under every provider; which are refused (E1-E3, E7, E8, E10). */
import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  readVectors,
  refusal,
  unsafeSeededRandom,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type GeneralKeyAlgorithm,
  type GeneralPrivateKey,
  toGeneralPrivateKey,
  toGeneralPublicKey,
  toSealedPrivateKey,
  toSealedPublicKey,
} from '../src/general/index.js';
import { CmsError, concat, copyOctets, decodePem, encodePem, fromHex, oid, toBase64, toHex } from '../src/index.js';
import { createCryptoProvider } from '../src/provider/node.js';
import { generalProviders } from './generalProviders.js';

const test = suite('general keys');
const random = unsafeSeededRandom('general keys');
const [, crypto] = generalProviders[0] as (typeof generalProviders)[number];
const ALGORITHMS = [
  'Ed25519',
  'X25519',
  'P-256',
  'P-384',
  'RSA',
  'ML-KEM-512',
  'ML-KEM-768',
  'ML-KEM-1024',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const satisfies readonly GeneralKeyAlgorithm[];
const keys = new Map<GeneralKeyAlgorithm, GeneralPrivateKey>();

/** One key of an algorithm, made at its first use. */
async function keyOf(algorithm: GeneralKeyAlgorithm): Promise<GeneralPrivateKey> {
  const key = keys.get(algorithm) ?? (await crypto.generatePrivateKey(algorithm, random));
  keys.set(algorithm, key);
  return key;
}

/** Refused with one code by every provider, never another error. */
async function refused(code: 'ERR_DER' | 'ERR_UNSUPPORTED', kind: 'public' | 'private', der: Uint8Array, why: string) {
  for (const [name, provider] of generalProviders) {
    const error = await refusal(() =>
      kind === 'public' ? provider.importPublicKey(der) : provider.importPrivateKey(der),
    );
    assert.instance(error, CmsError, `${name}: ${why}: ${error}`);
    assert.is(error?.code, code, `${name}: ${why}: ${error}`);
  }
}

function flipped(octets: Uint8Array, index: number, mask = 1): Uint8Array {
  const other = copyOctets(octets);
  other[index] = (other[index] as number) ^ mask;
  return other;
}

/** A private key whose inner DER was changed. */
function changedInside(key: GeneralPrivateKey, change: (inner: BadPeerValue) => void): Uint8Array {
  return changed(key.pkcs8(), (root) => {
    at(root, 2).content = changed(at(root, 2).content as Uint8Array, change);
  });
}

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: out and in again under every provider, by the same octets and names`, async () => {
    const key = await keyOf(algorithm);
    const { spki, subjectPublicKey, keyIdentifier, sha1KeyIdentifier } = key.publicKey;
    assert.equal(keyIdentifier, await crypto.digest('SHA-256', spki));
    assert.equal(sha1KeyIdentifier, await crypto.digest('SHA-1', subjectPublicKey));
    for (const [name, provider] of generalProviders) {
      assert.equal(await provider.importPublicKey(spki), key.publicKey, name);
      const again = await provider.importPrivateKey(key.pkcs8());
      assert.equal([again.publicKey, again.pkcs8()], [key.publicKey, key.pkcs8()], name);
      // RFC 5958 §2: version 1 states the public key.
      const stated = changed(key.pkcs8(), (root) => {
        at(root, 0).content = Uint8Array.of(1);
        (root.content as BadPeerValue[]).push(badPeerValue(0x81, concat(Uint8Array.of(0), subjectPublicKey)));
      });
      assert.equal((await provider.importPrivateKey(stated)).publicKey, key.publicKey, name);
      await refused('ERR_DER', 'private', flipped(stated, stated.length - 1), 'another public key is stated');
      if (algorithm === 'RSA') continue;
      const made = await provider.generatePrivateKey(algorithm, unsafeSeededRandom(algorithm));
      const reference = await crypto.generatePrivateKey(algorithm, unsafeSeededRandom(algorithm));
      assert.equal(made.pkcs8(), reference.pkcs8(), `${name}: a key is what the randomness makes it`);
      assert.instance(
        await refusal(() => provider.generatePrivateKey(algorithm, (length) => new Uint8Array(length))),
        RangeError,
      );
    }
  });

  test(`${algorithm}: trailing octets, BER lengths, another version, parameters that it does not have`, async () => {
    const key = await keyOf(algorithm);
    const { spki } = key.publicKey;
    for (const [kind, der] of [
      ['public', spki],
      ['private', key.pkcs8()],
    ] as const) {
      await refused('ERR_DER', kind, concat(der, Uint8Array.of(0)), 'trailing octet');
      await refused('ERR_DER', kind, der.subarray(0, -1), 'truncated');
      await refused('ERR_DER', kind, new Uint8Array(0), 'nothing');
      const identifier = (root: BadPeerValue) => at(root, kind === 'public' ? 0 : 1);
      await refused(
        'ERR_DER',
        kind,
        changed(der, (root) => void (root.length = 'indefinite')),
        'indefinite length',
      );
      await refused(
        'ERR_DER',
        kind,
        changed(der, (root) => void (identifier(root).length = 2)),
        'long length',
      );
      const withNull = changed(der, (root) => {
        (identifier(root).content as BadPeerValue[]).push(badPeerValue(0x05, new Uint8Array(0)));
      });
      await refused('ERR_DER', kind, withNull, 'parameters');
    }
    await refused(
      'ERR_DER',
      'private',
      changed(key.pkcs8(), (root) => void (at(root, 0).content = fromHex('02'))),
      'v3',
    );
    await refused(
      'ERR_DER',
      'private',
      changed(key.pkcs8(), (root) => void (at(root, 0).content = fromHex('01'))),
      'v2',
    );
    const unused = changed(spki, (root) => {
      at(root, 1).content = concat(Uint8Array.of(1), (at(root, 1).content as Uint8Array).subarray(1));
    });
    await refused('ERR_DER', 'public', unused, 'unused bits');
    const shorter = changed(spki, (root) => {
      at(root, 1).content = (at(root, 1).content as Uint8Array).subarray(0, -1);
    });
    await refused('ERR_DER', 'public', shorter, 'one octet less');
  });

  test(`E10: ${algorithm} keys print without their secret`, async () => {
    const key = await keyOf(algorithm);
    const secret = key.pkcs8().subarray(-20);
    const shown = [String(key), JSON.stringify({ key }), inspect({ key }, { depth: 9, showHidden: true })];
    for (const text of [...shown, `${Object.entries(key)}`]) {
      for (const trace of [toHex(secret), toBase64(secret), secret.join(','), secret.join(', ')])
        assert.not.ok(text.includes(trace));
    }
    assert.is(String(key), '[redacted]');
    key.pkcs8().fill(0);
    assert.equal((await crypto.importPrivateKey(key.pkcs8())).publicKey, key.publicKey, 'what is handed out is a copy');
  });
}

test('other algorithms are refused by name: X448, Ed448, P-521, DSA, RSA keys bound to PSS or OAEP, EC without a name', async () => {
  const rsa = await keyOf('RSA');
  const p256 = await keyOf('P-256');
  const named = (der: Uint8Array, index: number, dotted: string, ...path: number[]) =>
    changed(der, (root) => void (at(root, index, ...path).content = oid(dotted)));
  for (const [dotted, why] of [
    ['1.3.101.111', 'X448'],
    ['1.3.101.113', 'Ed448'],
    ['1.2.840.10040.4.1', 'DSA'],
    ['1.2.840.113549.1.1.10', 'id-RSASSA-PSS'],
    ['1.2.840.113549.1.1.7', 'id-RSAES-OAEP'],
  ] as const) {
    await refused('ERR_UNSUPPORTED', 'public', named(rsa.publicKey.spki, 0, dotted, 0), why);
    await refused('ERR_UNSUPPORTED', 'private', named(rsa.pkcs8(), 1, dotted, 0), why);
  }
  await refused('ERR_UNSUPPORTED', 'public', named(p256.publicKey.spki, 0, '1.3.132.0.35', 1), 'P-521');
  // CVE-2020-0601: a curve of the sender's own making.
  const explicit = changed(p256.publicKey.spki, (root) => {
    (at(root, 0).content as BadPeerValue[])[1] = badPeerValue(0x30, [badPeerValue(0x02, Uint8Array.of(1))]);
  });
  await refused('ERR_UNSUPPORTED', 'public', explicit, 'explicit parameters');
  // From Wycheproof x448_asn, test 1.
  await refused(
    'ERR_UNSUPPORTED',
    'public',
    fromHex(
      '3042300506032b656f033900f8073fc01c8358362c08740c914b419847ef1e409f4e40d9440febc26f00551adb1c37c6c2a87d8283b8cb453e928a0d42793f72894e0f81',
    ),
    'X448',
  );
  await refused(
    'ERR_UNSUPPORTED',
    'private',
    fromHex(
      '3046020100300506032b656f043a0438e41c63d5159c89de12163fde9d04cf1f430f346b8b2c1f2a4b1f5aee63d17aec29d4b1debf8b6457e7809d2b15ff9779c97becb04b824efa',
    ),
    'X448',
  );
});

test('P-256 and P-384: points that are not uncompressed, not on the curve, or none; scalars out of range', async () => {
  for (const [algorithm, size, order] of [
    ['P-256', 32, 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
    ['P-384', 48, 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'],
  ] as const) {
    const key = await keyOf(algorithm);
    const point = key.publicKey.subjectPublicKey;
    const withPoint = (octets: Uint8Array) =>
      changed(key.publicKey.spki, (root) => void (at(root, 1).content = concat(Uint8Array.of(0), octets)));
    const compressed = concat(Uint8Array.of(2 + ((point.at(-1) as number) & 1)), point.subarray(1, 1 + size));
    await refused('ERR_UNSUPPORTED', 'public', withPoint(compressed), 'compressed');
    await refused('ERR_DER', 'public', withPoint(Uint8Array.of(0)), 'infinity');
    await refused('ERR_DER', 'public', withPoint(new Uint8Array(0)), 'empty');
    await refused('ERR_DER', 'public', withPoint(concat(Uint8Array.of(6), point.subarray(1))), 'hybrid');
    for (const index of [1, size, size + 1, 2 * size])
      await refused('ERR_DER', 'public', withPoint(flipped(point, index)), 'not on the curve');
    await refused('ERR_DER', 'public', withPoint(concat(Uint8Array.of(4), new Uint8Array(2 * size))), '0, 0');
    await refused('ERR_DER', 'public', withPoint(new Uint8Array(2 * size + 1).fill(0xff).fill(4, 0, 1)), 'not reduced');
    const withScalar = (scalar: Uint8Array) => changedInside(key, (inner) => void (at(inner, 1).content = scalar));
    for (const scalar of [
      new Uint8Array(size),
      fromHex(order),
      new Uint8Array(size).fill(0xff),
      new Uint8Array(size - 1).fill(1),
      new Uint8Array(size + 1).fill(1),
    ])
      await refused('ERR_DER', 'private', withScalar(scalar), `scalar ${toHex(scalar)}`);
    await refused('ERR_DER', 'private', withScalar(new Uint8Array(size).fill(1)), 'the public key of another scalar');
    // RFC 5915 §3: parameters and public key are optional, and mean something where they stand.
    const parameters = (dotted: string) =>
      changedInside(key, (inner) => {
        (inner.content as BadPeerValue[]).splice(2, 1, badPeerValue(0xa0, [badPeerValue(0x06, oid(dotted))]));
      });
    const own = algorithm === 'P-256' ? '1.2.840.10045.3.1.7' : '1.3.132.0.34';
    for (const [, provider] of generalProviders)
      assert.equal((await provider.importPrivateKey(parameters(own))).pkcs8(), key.pkcs8());
    await refused('ERR_DER', 'private', parameters('1.3.132.0.35'), 'another curve');
  }
});

test('RSA: NULL is required, moduli of 2048 to 8192 bits, odd exponents from 3 to 64 bits, eight numbers that belong together', async () => {
  const key = await keyOf('RSA');
  const { spki } = key.publicKey;
  const withKey = (change: (inner: BadPeerValue) => void) =>
    changed(spki, (root) => {
      const content = at(root, 1).content as Uint8Array;
      at(root, 1).content = concat(Uint8Array.of(0), changed(content.subarray(1), change));
    });
  const withoutNull = (der: Uint8Array, index: number) =>
    changed(der, (root) => void (at(root, index).content as BadPeerValue[]).pop());
  await refused('ERR_DER', 'public', withoutNull(spki, 0), 'no NULL');
  await refused('ERR_DER', 'private', withoutNull(key.pkcs8(), 1), 'no NULL');
  const modulus = (octets: Uint8Array) => withKey((inner) => void (at(inner, 0).content = octets));
  const exponent = (hex: string) => withKey((inner) => void (at(inner, 1).content = fromHex(hex)));
  const odd = (length: number, first: number) => concat(Uint8Array.of(first), new Uint8Array(length - 1).fill(1));
  for (const octets of [odd(128, 0x40), odd(256, 0x7f), odd(1025, 1), new Uint8Array(1), Uint8Array.of(1)]) {
    const code = octets.length === 1 && octets[0] === 0 ? 'ERR_DER' : 'ERR_UNSUPPORTED';
    await refused(code, 'public', modulus(octets), `modulus of ${octets.length} octets`);
  }
  for (const [first, length] of [
    [0, 257],
    [0, 1025],
  ] as const) {
    const least = concat(Uint8Array.of(first), odd(length - 1, 0x80));
    assert.is((await crypto.importPublicKey(modulus(least))).algorithm, 'RSA', `${length}`);
  }
  await refused('ERR_DER', 'public', modulus(flipped(at(keyTree(spki), 0).content as Uint8Array, 384)), 'even modulus');
  await refused('ERR_DER', 'public', modulus(odd(384, 0x80)), 'negative modulus');
  for (const hex of ['', '00', '01', '02', '04', '010000', '0003', '80', 'ff'])
    await refused('ERR_DER', 'public', exponent(hex), `exponent ${hex}`);
  await refused('ERR_UNSUPPORTED', 'public', exponent('010000000000000001'), 'exponent of 65 bits');
  for (const hex of ['03', '11', '010001', '0080000000000000' + '01']) {
    for (const [, provider] of generalProviders) await provider.importPublicKey(exponent(hex));
  }
  for (let index = 1; index < 9; index++) {
    const other = changedInside(key, (inner) => {
      const content = at(inner, index).content as Uint8Array;
      // By 2, so that an odd number stays one.
      at(inner, index).content = flipped(content, content.length - 1, 2);
    });
    await refused('ERR_DER', 'private', other, `number ${index}`);
  }
  const swapped = changedInside(key, (inner) => {
    const numbers = inner.content as BadPeerValue[];
    [numbers[4], numbers[5]] = [numbers[5] as BadPeerValue, numbers[4] as BadPeerValue];
  });
  await refused('ERR_DER', 'private', swapped, 'primes swapped');
  const version = (octet: number) => changedInside(key, (inner) => void (at(inner, 0).content = Uint8Array.of(octet)));
  await refused('ERR_UNSUPPORTED', 'private', version(1), 'more than two primes');
  await refused('ERR_DER', 'private', version(2), 'another version');

  function keyTree(der: Uint8Array): BadPeerValue {
    let tree: BadPeerValue | undefined;
    changed(der, (root) => {
      changed((at(root, 1).content as Uint8Array).subarray(1), (inner) => {
        tree = inner;
      });
    });
    return tree as BadPeerValue;
  }
});

test('RFC 9935, RFC 9881: seed, expanded key and both of the examples are one key; the seven bad ones are refused', async () => {
  let [good, bad] = [0, 0];
  for (const algorithm of ALGORITHMS.slice(5)) {
    const folder = algorithm.startsWith('ML-KEM') ? 'lamps-kyber-certificates' : 'lamps-dilithium-certificates';
    const publicPem = readVectors(`${folder}/${algorithm}.pub.pem`);
    if (publicPem === undefined) return;
    for (const [name, provider] of generalProviders) {
      const publicKey = await provider.importPublicKey(decodePem(publicPem, 'PUBLIC KEY'));
      assert.is(encodePem('PUBLIC KEY', publicKey.spki), publicPem.replaceAll('\r', ''));
      for (const form of ['seed', 'expanded', 'both']) {
        const pem = readVectors(`${folder}/${algorithm}-${form}.priv.pem`) as string;
        const key = await provider.importPrivateKey(decodePem(pem, 'PRIVATE KEY'));
        assert.equal(key.publicKey, publicKey, `${name}: ${form}`);
        // What is kept is the seed, where there is one (RFC 9935 §6, RFC 9881 §6).
        const kept = readVectors(`${folder}/${algorithm}-${form === 'both' ? 'seed' : form}.priv.pem`) as string;
        assert.is(encodePem('PRIVATE KEY', key.pkcs8()), kept.replaceAll('\r', ''), `${name}: ${form}`);
        good++;
      }
    }
  }
  for (const [folder, algorithm, count] of [
    ['lamps-kyber-certificates', 'ML-KEM-512', 4],
    ['lamps-dilithium-certificates', 'ML-DSA-44', 3],
  ] as const) {
    for (let i = 1; i <= count; i++, bad++) {
      const pem = readVectors(`${folder}/bad-${algorithm}-${i}.priv.pem`) as string;
      await refused('ERR_DER', 'private', decodePem(pem, 'PRIVATE KEY'), `bad-${algorithm}-${i}`);
    }
  }
  assert.equal([good, bad], [6 * 3 * generalProviders.length, 7]);
});

test('ML-KEM: a coefficient of 3329 is refused (FIPS 203 §7.2); lengths of seeds are exact', async () => {
  const key = await keyOf('ML-KEM-768');
  const unreduced = copyOctets(key.publicKey.spki);
  const start = unreduced.length - 1184;
  for (const [index, octets] of [
    [start, [0x01, 0x0d]],
    [start + 1149, [0x10, 0x10, 0xd0]],
  ] as const) {
    const spki = copyOctets(unreduced);
    spki.set(octets, index);
    await refused('ERR_DER', 'public', spki, `coefficient at ${index}`);
  }
  for (const algorithm of ['ML-KEM-768', 'ML-DSA-65'] as const) {
    for (const change of [-1, 1]) {
      const other = changedInside(await keyOf(algorithm), (inner) => {
        const { length } = inner.content as Uint8Array;
        inner.content = new Uint8Array(length + change).fill(7);
      });
      await refused('ERR_DER', 'private', other, `${algorithm}: seed`);
    }
    await refused(
      'ERR_DER',
      'private',
      changedInside(await keyOf(algorithm), (inner) => void (inner.tag = 0x81)),
      'tag',
    );
  }
});

test('expanded keys without their seed: a bit changed anywhere but in what nothing depends on is refused', async () => {
  for (const [algorithm, folder, free] of [
    ['ML-KEM-512', 'lamps-kyber-certificates', [1600, 1632]],
    ['ML-DSA-44', 'lamps-dilithium-certificates', [32, 64]],
  ] as const) {
    const pem = readVectors(`${folder}/${algorithm}-expanded.priv.pem`);
    if (pem === undefined) return;
    const der = decodePem(pem, 'PRIVATE KEY');
    const start = der.length - (free[1] === 64 ? 2560 : 1632);
    for (let index = 0; start + index < der.length; index += 61) {
      const isFree = index >= free[0] && index < free[1];
      const error = await refusal(() => crypto.importPrivateKey(flipped(der, start + index, 4)));
      assert.is(error?.code, isFree ? undefined : 'ERR_DER', `${algorithm} octet ${index}`);
    }
  }
});

test('Ed25519, X25519 and P-256 are the same keys in both profiles; others have no place in the sealed one', async () => {
  const sealed = createCryptoProvider();
  for (const algorithm of ['Ed25519', 'X25519', 'P-256'] as const) {
    const key = await keyOf(algorithm);
    const narrow = await toSealedPrivateKey(key, sealed);
    assert.equal(narrow.publicKey, toSealedPublicKey(key.publicKey));
    assert.equal(await toGeneralPublicKey(narrow.publicKey, crypto), key.publicKey);
    assert.equal((await toGeneralPrivateKey(narrow, crypto)).pkcs8(), key.pkcs8());
  }
  const other = await keyOf('P-384');
  assert.is((await refusal(() => toSealedPublicKey(other.publicKey)))?.code, 'ERR_UNSUPPORTED');
  assert.is((await refusal(() => toSealedPrivateKey(other, sealed)))?.code, 'ERR_UNSUPPORTED');
});

test('OpenSSL reads our P-256, P-384, RSA, Ed25519 and X25519 keys, and finds RSA and EC whole', async () => {
  const openssl = (input: string, ...parameters: string[]) =>
    execFileSync('openssl', parameters, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    openssl('', 'version');
  } catch {
    console.log('SKIPPED: no openssl');
    return;
  }
  for (const algorithm of ALGORITHMS.slice(0, 5)) {
    const key = await keyOf(algorithm);
    const pem = encodePem('PRIVATE KEY', key.pkcs8());
    assert.is(openssl(pem, 'pkey', '-pubout'), encodePem('PUBLIC KEY', key.publicKey.spki), algorithm);
    if (algorithm !== 'Ed25519' && algorithm !== 'X25519') openssl(pem, 'pkey', '-check', '-noout');
  }
});

test.run();
