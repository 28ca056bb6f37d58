/** The providers of the general profile: published answers, the same results under each, and what they refuse. */
import { readWycheproof, refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AeadName, GeneralKeyAlgorithm, HashName, SignatureScheme } from '../src/general/index.js';
import { concat, copyOctets, fromHex, toHex, toUtf8 } from '../src/index.js';
import { generalProviders } from './generalProviders.js';

const test = suite('general providers');
const none = new Uint8Array(0);
const random = unsafeSeededRandom('general providers');
const HASHES = ['SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const satisfies readonly HashName[];
const AEADS = { 'AES-128-GCM': 16, 'AES-192-GCM': 24, 'AES-256-GCM': 32, 'ChaCha20-Poly1305': 32 } as const;
type Five = [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const aeads = Object.entries(AEADS) as [AeadName, number][];
const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);
const [, reference] = generalProviders[0] as (typeof generalProviders)[number];

function flipped(octets: Uint8Array, at: number): Uint8Array {
  const other = copyOctets(octets);
  other[at] = (other[at] as number) ^ 1;
  return other;
}

for (const [name, crypto] of generalProviders) {
  test(`${name}: FIPS 180-4 digests of "abc"`, async () => {
    const digests = await Promise.all(HASHES.map(async (hash) => toHex(await crypto.digest(hash, toUtf8('abc')))));
    assert.equal(digests.slice(0, 4), [
      'a9993e364706816aba3e25717850c26c9cd0d89d',
      '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ]);
    assert.match(digests[4] as string, /^ddaf35a193617aba.*a54ca49f$/);
  });

  test(`${name}: RFC 2202 §3 and RFC 4231 §4.2 (HMAC), and a key of no octets`, async () => {
    for (const [hash, mac] of [
      ['SHA-1', 'b617318655057264e28bc0b6fb378c8ef146be00'],
      ['SHA-224', '896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22'],
      ['SHA-256', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
      ['SHA-384', 'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6'],
      [
        'SHA-512',
        '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
      ],
    ] as const) {
      assert.is(toHex(await crypto.hmac(hash, new Uint8Array(20).fill(0x0b), toUtf8('Hi There'))), mac, hash);
      assert.equal(await crypto.hmac(hash, none, none), await reference.hmac(hash, none, none), hash);
    }
  });

  test(`${name}: RFC 5869 A.1, A.4 and A.7 (HKDF); no more than 255 digests`, async () => {
    const [salt, info] = [counting(13), fromHex('f0f1f2f3f4f5f6f7f8f9')];
    const cases = [
      [
        'SHA-256',
        new Uint8Array(22).fill(0x0b),
        salt,
        info,
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
      ],
      [
        'SHA-1',
        new Uint8Array(11).fill(0x0b),
        salt,
        info,
        '085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896',
      ],
      [
        'SHA-1',
        new Uint8Array(22).fill(0x0c),
        none,
        none,
        '2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48',
      ],
    ] as const;
    for (const [hash, ikm, ...rest] of cases) {
      assert.is(toHex(await crypto.hkdf(hash, ikm, rest[0], rest[1], 42)), rest[2]);
    }
    for (const hash of HASHES) {
      const { length } = await crypto.digest(hash, none);
      assert.equal(
        await crypto.hkdf(hash, counting(7), none, info, 255 * length),
        await reference.hkdf(hash, counting(7), none, info, 255 * length),
      );
      assert.ok(
        (await refusal(() => crypto.hkdf(hash, counting(7), none, info, 255 * length + 1))) !== undefined,
        hash,
      );
    }
  });

  test(`${name}: RFC 6070 §2 and RFC 7914 §11 (PBKDF2)`, async () => {
    const derive = async (hash: HashName, password: string, salt: string, count: number, length: number) =>
      toHex(await crypto.pbkdf2(hash, toUtf8(password), toUtf8(salt), count, length));
    assert.is(await derive('SHA-1', 'password', 'salt', 1, 20), '0c60c80f961f0e71f3a9b524af6012062fe037a6');
    assert.is(await derive('SHA-1', 'password', 'salt', 4096, 20), '4b007901b765489abead49d926f721d065a429c1');
    assert.is(
      await derive('SHA-256', 'passwd', 'salt', 1, 64),
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
    );
    for (const hash of HASHES)
      assert.equal(
        await crypto.pbkdf2(hash, toUtf8('p'), counting(16), 3, 40),
        await reference.pbkdf2(hash, toUtf8('p'), counting(16), 3, 40),
      );
  });

  test(`${name}: RFC 7914 §12 (scrypt)`, async () => {
    assert.is(
      toHex(await crypto.scrypt(none, none, { n: 16, r: 1, p: 1 }, 64)),
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    );
    assert.is(
      toHex(await crypto.scrypt(toUtf8('password'), toUtf8('NaCl'), { n: 1024, r: 8, p: 16 }, 64)),
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    );
    assert.ok((await refusal(() => crypto.scrypt(none, none, { n: 15, r: 1, p: 1 }, 64))) !== undefined);
  });

  test(`${name}: RFC 3394 §4.1 to §4.6 (AES key wrap), every octet changed`, async () => {
    const key = fromHex('00112233445566778899aabbccddeeff0001020304050607');
    for (const [length, keyLength, wrapped] of [
      [16, 16, '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5'],
      [24, 16, '96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d'],
      [32, 16, '64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7'],
      [24, 24, '031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2'],
    ] as const) {
      const wrapping = counting(length);
      assert.is(toHex(await crypto.wrapKey(wrapping, key.subarray(0, keyLength))), wrapped);
      assert.equal(await crypto.unwrapKey(wrapping, fromHex(wrapped)), key.subarray(0, keyLength));
      for (let i = 0; i < wrapped.length / 2; i++)
        assert.ok((await refusal(() => crypto.unwrapKey(wrapping, flipped(fromHex(wrapped), i)))) !== undefined);
    }
    for (const [length, keyLength] of [
      [15, 16],
      [32, 8],
      [32, 0],
      [32, 20],
    ] as const) {
      assert.instance(await refusal(() => crypto.wrapKey(counting(length), counting(keyLength))), RangeError);
      assert.instance(await refusal(() => crypto.unwrapKey(counting(length), counting(keyLength + 8))), RangeError);
    }
  });

  test(`${name}: SP 800-38A F.2 (AES-CBC), whole blocks only`, async () => {
    const [iv, block] = [counting(16), fromHex('6bc1bee22e409f96e93d7e117393172a')];
    for (const [key, sealed] of [
      ['2b7e151628aed2a6abf7158809cf4f3c', '7649abac8119b246cee98e9b12e9197d'],
      ['8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b', '4f021db243bc633d7178183a9fa071e8'],
      ['603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', 'f58c4c04d6e5f1ba779eabfb5f7bfbd6'],
    ] as const) {
      assert.is(toHex(await crypto.encryptCbc(fromHex(key), iv, block)), sealed);
      assert.equal(await crypto.decryptCbc(fromHex(key), iv, fromHex(sealed)), block);
      for (const length of [1, 15, 17])
        assert.ok((await refusal(() => crypto.decryptCbc(fromHex(key), iv, counting(length)))) !== undefined);
    }
  });

  test(`${name}: RFC 8439 §2.8.2 (ChaCha20-Poly1305), GCM test case 8 (AES-192)`, async () => {
    const text = toUtf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const [nonce, aad] = [fromHex('070000004041424344454647'), fromHex('50515253c0c1c2c3c4c5c6c7')];
    assert.is(
      toHex(await crypto.seal('ChaCha20-Poly1305', key, nonce, aad, text)),
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
    );
    assert.is(
      toHex(await crypto.seal('AES-192-GCM', new Uint8Array(24), new Uint8Array(12), none, new Uint8Array(16))),
      '98e7247c07f0fe411c267e4384b0f6002ff58d80033927ab8ef4d4587514f0fb',
    );
  });

  for (const [aead, length] of aeads) {
    test(`${name}: ${aead} like the other provider; every octet counts; lengths out of range are refused`, async () => {
      const [key, nonce, aad] = [counting(length), counting(12), counting(5)];
      for (const size of [0, 1, 16, 1000]) {
        const sealed = await crypto.seal(aead, key, nonce, aad, counting(size));
        assert.equal(sealed, await reference.seal(aead, key, nonce, aad, counting(size)));
        const [text, tag] = [sealed.subarray(0, size), sealed.subarray(size)];
        assert.is(tag.length, 16);
        assert.equal(await crypto.open(aead, key, nonce, aad, text, tag), counting(size));
        if (size !== 16) continue;
        const refused = async (...changed: [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]) =>
          assert.ok((await refusal(() => crypto.open(aead, ...changed))) !== undefined);
        for (let i = 0; i < 16; i++) {
          await refused(key, nonce, aad, flipped(text, i), tag);
          await refused(key, nonce, aad, text, flipped(tag, i));
        }
        await refused(flipped(key, 0), nonce, aad, text, tag);
        await refused(key, flipped(nonce, 0), aad, text, tag);
        await refused(key, nonce, flipped(aad, 0), text, tag);
        await refused(key.subarray(1), nonce, aad, text, tag);
        // A6, CVE-2026-34182: a tag cut short is not a shorter tag's worth of safety. CVE-2025-15467: nonces beyond 16 octets.
        for (const cut of [0, 4, 8, 11]) await refused(key, nonce, aad, text, tag.subarray(0, cut));
        for (const nonceLength of [0, 8, 11, 17]) await refused(key, counting(nonceLength), aad, text, tag);
        for (const nonceLength of [11, 13, 16])
          assert.instance(
            await refusal(() => crypto.seal(aead, key, counting(nonceLength), aad, text)),
            RangeError,
            'writing takes 12 octets alone',
          );
      }
    });
  }

  test(`${name}: GCM tags of 12 to 15 octets and nonces of 12 to 16 are read; of ChaCha20-Poly1305 neither`, async () => {
    const [aad, text] = [counting(3), counting(20)];
    for (const [aead, length] of aeads) {
      const sealed = await crypto.seal(aead, counting(length), counting(12), aad, text);
      for (const cut of [12, 13, 14, 15]) {
        const open = () =>
          crypto.open(aead, counting(length), counting(12), aad, sealed.subarray(0, 20), sealed.subarray(20, 20 + cut));
        if (aead === 'ChaCha20-Poly1305') assert.instance(await refusal(open), RangeError);
        else if (aead === 'AES-192-GCM' && name.endsWith('AES-192'))
          assert.is((await refusal(open))?.code, 'ERR_UNSUPPORTED');
        else assert.equal(await open(), text);
      }
    }
    for (const [aead, length] of aeads) {
      const open = (nonceLength: number) =>
        crypto.open(aead, counting(length), counting(nonceLength), aad, text, counting(16));
      for (const refused of [0, 8, 11, 17, 60]) assert.instance(await refusal(() => open(refused)), RangeError);
    }
    // GnuPG and Bouncy Castle write nonces of 16 octets.
    let count = 0;
    for (const group of readWycheproof('aes_gcm') ?? []) {
      if (group.ivSize !== 128) continue;
      for (const { tcId, key, iv, aad: stated, msg, ct, tag, result } of group.tests) {
        const [aead, ...octets] = [`AES-${group.keySize}-GCM` as AeadName, key, iv, stated, ct, tag] as const;
        const open = async () =>
          toHex(await crypto.open(aead, ...(octets.map((hex) => fromHex(hex as string)) as Five)));
        if (result === 'invalid') assert.ok((await refusal(open)) !== undefined, `${tcId}`);
        else assert.is(await open(), msg, `${tcId}`);
        count++;
      }
    }
    assert.ok(count > 5 || readWycheproof('aes_gcm') === undefined, `${count}`);
  });

  const signers: [GeneralKeyAlgorithm, SignatureScheme][] = [
    ['Ed25519', { name: 'Ed25519' }],
    ['P-256', { name: 'ECDSA', hash: 'SHA-256' }],
    ['P-256', { name: 'ECDSA', hash: 'SHA-512' }],
    ['P-384', { name: 'ECDSA', hash: 'SHA-384' }],
    ['RSA', { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 }],
    ['RSA', { name: 'RSA-PSS', hash: 'SHA-512', saltLength: 0 }],
    ['ML-DSA-44', { name: 'ML-DSA' }],
    ['ML-DSA-65', { name: 'ML-DSA' }],
    ['ML-DSA-87', { name: 'ML-DSA' }],
  ];
  test(`${name}: signatures are good under every provider and nothing else is`, async () => {
    const rsa = await crypto.generatePrivateKey('RSA', random);
    for (const [algorithm, scheme] of signers) {
      const key = algorithm === 'RSA' ? rsa : await crypto.generatePrivateKey(algorithm, random);
      const signature = await crypto.sign(key, scheme, toUtf8('signed'), random);
      const what = `${algorithm} ${JSON.stringify(scheme)}`;
      for (const [other, verifier] of generalProviders) {
        const publicKey = await verifier.importPublicKey(key.publicKey.spki);
        const verify = (octets: Uint8Array, by: Uint8Array, as = scheme) => verifier.verify(publicKey, as, octets, by);
        assert.ok(await verify(toUtf8('signed'), signature), `${what}: ${other}`);
        assert.not.ok(await verify(toUtf8('sealed'), signature), what);
        assert.not.ok(await verify(toUtf8('signed'), flipped(signature, signature.length - 1)), what);
        for (const length of [0, 1, 32, signature.length - 1])
          assert.not.ok(await verify(toUtf8('signed'), signature.subarray(0, length)), what);
        assert.not.ok(await verify(toUtf8('signed'), concat(signature, Uint8Array.of(0))), what);
        if (scheme.name === 'RSA-PSS')
          assert.not.ok(
            await verify(toUtf8('signed'), signature, { ...scheme, saltLength: 20 }),
            'salt length is exact',
          );
      }
      const own = await crypto.importPrivateKey(key.pkcs8());
      assert.ok(
        await reference.verify(own.publicKey, scheme, none, await crypto.sign(own, scheme, none, random)),
        what,
      );
    }
  });

  test(`${name}: Ed25519 signatures whose R has small order are refused (E4)`, async () => {
    const key = await crypto.generatePrivateKey('Ed25519', random);
    const signature = new Uint8Array(64);
    signature[0] = 1;
    assert.not.ok(await crypto.verify(key.publicKey, { name: 'Ed25519' }, none, signature));
  });

  test(`${name}: X25519, P-256 and P-384 agree under every provider`, async () => {
    for (const algorithm of ['X25519', 'P-256', 'P-384'] as const) {
      const [one, two] = [
        await crypto.generatePrivateKey(algorithm, random),
        await crypto.generatePrivateKey(algorithm, random),
      ];
      const secret = await crypto.agree(one, two.publicKey);
      assert.is(secret.length, algorithm === 'P-384' ? 48 : 32);
      for (const [, other] of generalProviders) assert.equal(await other.agree(two, one.publicKey), secret);
    }
  });

  test(`${name}: RSA-OAEP under every provider, with its label; two hashes are not supported`, async () => {
    const key = await crypto.generatePrivateKey('RSA', random);
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const) {
      for (const label of [none, toUtf8('label')]) {
        const parameters = { hash, mgfHash: hash, label };
        const sealed = await crypto.encryptOaep(key.publicKey, parameters, counting(32));
        for (const [, other] of generalProviders) {
          assert.equal(await other.decryptOaep(key, parameters, sealed), counting(32));
          const wrong = { ...parameters, label: toUtf8('another') };
          assert.ok((await refusal(() => other.decryptOaep(key, wrong, sealed))) !== undefined);
          assert.ok((await refusal(() => other.decryptOaep(key, parameters, flipped(sealed, 9)))) !== undefined);
          assert.ok((await refusal(() => other.decryptOaep(key, parameters, sealed.subarray(1)))) !== undefined);
        }
      }
    }
    const two = { hash: 'SHA-256', mgfHash: 'SHA-1', label: none } as const;
    assert.is((await refusal(() => crypto.encryptOaep(key.publicKey, two, none)))?.code, 'ERR_UNSUPPORTED');
    assert.is((await refusal(() => crypto.decryptOaep(key, two, none)))?.code, 'ERR_UNSUPPORTED');
  });

  test(`RFC 8017 §7.1.2: ${name}: a ciphertext without its leading zero octet is refused`, async () => {
    const key = await crypto.generatePrivateKey('RSA', random);
    const parameters = { hash: 'SHA-256', mgfHash: 'SHA-256', label: none } as const;
    let sealed = await crypto.encryptOaep(key.publicKey, parameters, none);
    while (sealed[0] !== 0) sealed = await crypto.encryptOaep(key.publicKey, parameters, none);
    assert.equal(await crypto.decryptOaep(key, parameters, sealed), none);
    assert.ok((await refusal(() => crypto.decryptOaep(key, parameters, sealed.subarray(1)))) !== undefined);
  });

  test(`${name}: ML-KEM under every provider; randomness is the argument's; other lengths throw`, async () => {
    for (const algorithm of ['ML-KEM-512', 'ML-KEM-768', 'ML-KEM-1024'] as const) {
      const key = await crypto.generatePrivateKey(algorithm, random);
      const { sharedSecret, ciphertext } = await crypto.encapsulate(key.publicKey, unsafeSeededRandom('kem'));
      const again = await reference.encapsulate(key.publicKey, unsafeSeededRandom('kem'));
      assert.equal([again.sharedSecret, again.ciphertext], [sharedSecret, ciphertext]);
      for (const [, other] of generalProviders) {
        assert.equal(await other.decapsulate(key, ciphertext), sharedSecret);
        const rejected = await other.decapsulate(key, flipped(ciphertext, 3));
        assert.is(rejected.length, 32);
        assert.is.not(toHex(rejected), toHex(sharedSecret), 'implicit rejection');
        assert.ok((await refusal(() => other.decapsulate(key, ciphertext.subarray(1)))) !== undefined);
      }
      assert.instance(await refusal(() => crypto.encapsulate(key.publicKey, (n) => new Uint8Array(n))), RangeError);
    }
  });

  test(`${name}: keys are good for what they are for and nothing else`, async () => {
    const [ed, x, p, kem] = await Promise.all(
      (['Ed25519', 'X25519', 'P-256', 'ML-KEM-768'] as const).map((each) => crypto.generatePrivateKey(each, random)),
    );
    if (ed === undefined || x === undefined || p === undefined || kem === undefined) throw new Error('no keys');
    const oaep = { hash: 'SHA-256', mgfHash: 'SHA-256', label: none } as const;
    for (const call of [
      () => crypto.agree(ed, ed.publicKey),
      () => crypto.agree(x, p.publicKey),
      () => crypto.sign(x, { name: 'Ed25519' }, none, random),
      () => crypto.sign(kem, { name: 'ML-DSA' }, none, random),
      () => crypto.verify(p.publicKey, { name: 'Ed25519' }, none, none),
      () => crypto.encapsulate(x.publicKey, random),
      () => crypto.decapsulate(p, none),
      () => crypto.encryptOaep(p.publicKey, oaep, none),
      () => crypto.decryptOaep(ed, oaep, none),
    ]) {
      assert.instance(await refusal(call), TypeError);
    }
  });

  test(`${name}: SHA-224 in signatures and OAEP, or the word that it is not there`, async () => {
    const key = await crypto.generatePrivateKey('P-256', random);
    const scheme = { name: 'ECDSA', hash: 'SHA-224' } as const;
    const error = await refusal(async () =>
      assert.ok(await crypto.verify(key.publicKey, scheme, none, await crypto.sign(key, scheme, none, random))),
    );
    assert.is(error?.code, name === 'node:crypto' ? undefined : 'ERR_UNSUPPORTED');
    if (error !== undefined)
      assert.is((await refusal(() => crypto.verify(key.publicKey, scheme, none, none)))?.code, 'ERR_UNSUPPORTED');
  });
}

test('streams give what the whole gives, in any pieces, and throw on a wrong tag', async () => {
  const text = counting(5000);
  const cuts = [0, 1, 16, 17, 1000, 4999, 5000];
  const inPieces = (update: (octets: Uint8Array) => Uint8Array, octets: Uint8Array) =>
    concat(...cuts.map((cut, i) => update(octets.subarray(i === 0 ? 0 : cuts[i - 1], cut))));
  for (const [aead, length] of aeads) {
    const parameters = [aead, counting(length), counting(12), counting(9)] as const;
    const sealing = reference.sealStream?.(...parameters);
    if (sealing === undefined) throw new Error('no streams');
    const [sealed, tag] = [inPieces(sealing.update, text), sealing.final()];
    assert.equal(concat(sealed, tag), await reference.seal(...parameters, text));
    const opening = reference.openStream?.(...parameters, tag.length);
    if (opening === undefined) throw new Error('no streams');
    assert.equal(inPieces(opening.update, sealed), text);
    opening.final(tag);
    for (const [aad, wrong] of [
      [counting(9), flipped(tag, 15)],
      [counting(9), tag.subarray(0, 12)],
      [none, tag],
    ] as const) {
      const refusing = reference.openStream?.(aead, counting(length), counting(12), aad, 16);
      refusing?.update(sealed);
      assert.throws(() => refusing?.final(wrong));
    }
    assert.throws(() => reference.openStream?.(...parameters, 8));
    assert.throws(() => reference.sealStream?.(aead, counting(length), counting(16), none));
  }
  for (const hash of HASHES) {
    const stream = reference.digestStream?.(hash);
    for (const [i, cut] of cuts.entries()) stream?.update(text.subarray(i === 0 ? 0 : cuts[i - 1], cut));
    assert.equal(stream?.digest(), await reference.digest(hash, text));
  }
});

test('results are plain Uint8Arrays, and arguments stay as they were', async () => {
  const [key, nonce, text] = [counting(32), counting(12), Buffer.from('what was given')];
  for (const [name, crypto] of generalProviders) {
    const sealed = await crypto.seal('AES-256-GCM', key, nonce, none, text);
    const opened = await crypto.open('AES-256-GCM', key, nonce, none, sealed.subarray(0, -16), sealed.subarray(-16));
    const results = [
      sealed,
      opened,
      await crypto.digest('SHA-256', text),
      await crypto.hmac('SHA-256', key, text),
      await crypto.hkdf('SHA-256', key, none, none, 32),
      await crypto.pbkdf2('SHA-256', text, nonce, 1, 32),
      await crypto.scrypt(text, nonce, { n: 2, r: 1, p: 1 }, 32),
      await crypto.wrapKey(key, key),
      await crypto.encryptCbc(key, counting(16), key),
    ];
    for (const [at, result] of results.entries()) assert.is(result.constructor, Uint8Array, `${name} ${at}`);
    assert.is(text.toString(), 'what was given');
    assert.equal([key, nonce], [counting(32), counting(12)]);
  }
});

test.run();
