/** Bare keys: RFC 8410 and RFC 5480 SubjectPublicKeyInfo, RFC 5958 PKCS#8, RFC 7468 PEM, RFC 8037 JWK; which keys are refused (E1-E3, E7). */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { at, changed, readVectors, refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CmsError,
  concat,
  decodePem,
  encodePem,
  exportPrivateKey,
  exportPublicKey,
  fromHex,
  importPrivateKey,
  importPublicKey,
  isAcceptablePublicKey,
  type KeyAlgorithm,
  privateKeyFromJwk,
  privateKeyFromSecret,
  privateKeyToJwk,
  publicKeyFromJwk,
  publicKeyFromRaw,
  publicKeyToJwk,
  toHex,
} from '../src/index.js';
import { createCryptoProvider } from '../src/provider/node.js';

const test = suite('RFC 8410 keys');
const crypto = createCryptoProvider();
const algorithms = ['Ed25519', 'X25519', 'P-256'] as const satisfies readonly KeyAlgorithm[];
const secret = fromHex('d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842'); // RFC 8410 §10.3

/** Refused with a `CmsError`, never another error (E7). */
async function refused(call: () => unknown, why: string): Promise<void> {
  const error = await refusal(call);
  assert.ok(error instanceof CmsError, `${why}: ${error}`);
}

test('RFC 8410 §10.1, §10.3: the example keys belong together, by PEM', async () => {
  const [publicPem, privatePem, withAttributes] = ['01-public-key', '02-private-key', '03-private-key'].map((name) =>
    readVectors(`rfc8410/${name}.pem`),
  );
  if (publicPem === undefined || privatePem === undefined || withAttributes === undefined) return;
  const publicKey = await importPublicKey(decodePem(publicPem, 'PUBLIC KEY'), crypto);
  assert.is(toHex(publicKey.raw), '19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1');
  for (const pem of [privatePem, withAttributes]) {
    const key = await importPrivateKey(decodePem(pem, 'PRIVATE KEY'), crypto);
    assert.equal(key.publicKey, publicKey);
    assert.equal(key.secret(), secret);
  }
  const key = await importPrivateKey(decodePem(privatePem, 'PRIVATE KEY'), crypto);
  assert.is(encodePem('PRIVATE KEY', exportPrivateKey(key)), privatePem.replaceAll('\r', ''));
  assert.is(encodePem('PUBLIC KEY', exportPublicKey(publicKey)), publicPem.replaceAll('\r', ''));
});

test('RFC 8410 §10.3: the odd examples (BER, EXPLICIT tag, halves that do not belong together) are refused', async () => {
  for (const name of ['05', '06', '07', '08']) {
    const pem = readVectors(`rfc8410/${name}-private-key.pem`);
    if (pem === undefined) return;
    await refused(() => importPrivateKey(decodePem(pem, 'PRIVATE KEY'), crypto), name);
  }
});

for (const algorithm of algorithms) {
  test(`${algorithm}: SPKI, PKCS#8, PEM and JWK there and back; Node reads ours and we read Node's`, async () => {
    const key = await privateKeyFromSecret(algorithm, secret, crypto);
    const [spki, pkcs8] = [exportPublicKey(key.publicKey), exportPrivateKey(key)];
    assert.equal(await importPublicKey(spki, crypto), key.publicKey);
    assert.equal((await importPrivateKey(pkcs8, crypto)).secret(), secret);
    assert.equal((await importPrivateKey(pkcs8, crypto)).publicKey, key.publicKey);
    assert.equal(key.publicKey.keyIdentifier, await crypto.sha256(spki));
    assert.equal(await publicKeyFromJwk(publicKeyToJwk(key.publicKey), crypto), key.publicKey);
    assert.equal((await privateKeyFromJwk(privateKeyToJwk(key), crypto)).secret(), secret);
    assert.equal(await importPublicKey(decodePem(encodePem('PUBLIC KEY', spki), 'PUBLIC KEY'), crypto), key.publicKey);

    const theirs = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    assert.equal(new Uint8Array(createPublicKey(theirs).export({ format: 'der', type: 'spki' })), spki);
    assert.equal(
      createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({ format: 'jwk' }),
      publicKeyToJwk(key.publicKey),
    );
    for (let i = 0; i < 20; i++) {
      const made =
        algorithm === 'P-256'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : algorithm === 'Ed25519'
            ? generateKeyPairSync('ed25519')
            : generateKeyPairSync('x25519');
      const imported = await importPrivateKey(
        new Uint8Array(made.privateKey.export({ format: 'der', type: 'pkcs8' })),
        crypto,
      );
      assert.equal(
        exportPublicKey(imported.publicKey),
        new Uint8Array(made.publicKey.export({ format: 'der', type: 'spki' })),
      );
    }
  });

  test(`E7: ${algorithm}: a public or private key cut at any octet, or one octet longer, is a CmsError`, async () => {
    const key = await privateKeyFromSecret(algorithm, secret, crypto);
    for (const [der, read] of [
      [exportPublicKey(key.publicKey), importPublicKey],
      [exportPrivateKey(key), importPrivateKey],
    ] as const) {
      for (let length = 0; length < der.length; length++)
        await refused(() => read(der.subarray(0, length), crypto), `${length}`);
      await refused(() => read(concat(der, Uint8Array.of(0)), crypto), 'longer');
    }
  });

  test(`E7: ${algorithm}: raw keys and secrets of other lengths`, async () => {
    const { publicKey } = await privateKeyFromSecret(algorithm, secret, crypto);
    for (const length of [0, 31, 33, 64, 66]) {
      await refused(() => publicKeyFromRaw(algorithm, new Uint8Array(length).fill(4), crypto), `${length} octets`);
      if (length !== 32)
        assert.instance(
          await refusal(() => privateKeyFromSecret(algorithm, new Uint8Array(length).fill(4), crypto)),
          RangeError,
        );
    }
    await refused(() => publicKeyFromRaw(algorithm, concat(publicKey.raw, Uint8Array.of(0)), crypto), 'one octet more');
  });
}

test('E7: parameters present, another key type, a named curve missing', async () => {
  const key = await privateKeyFromSecret('Ed25519', secret, crypto);
  const spki = exportPublicKey(key.publicKey);
  await refused(
    () =>
      importPublicKey(
        changed(spki, (root) => void (at(root, 0).content as unknown[]).push({ tag: 5, content: new Uint8Array(0) })),
        crypto,
      ),
    'NULL parameters',
  );
  const agreeing = await privateKeyFromSecret('X25519', secret, crypto);
  const asEd25519 = changed(exportPublicKey(agreeing.publicKey), (root) => {
    at(root, 0, 0).content = fromHex('2b6570');
  });
  const read = await importPublicKey(asEd25519, crypto);
  assert.is(read.algorithm, 'Ed25519', 'octets say nothing of what a key is for; the identifier covers the algorithm');
  assert.not.equal(read.keyIdentifier, agreeing.publicKey.keyIdentifier);
  await refused(
    () =>
      importPublicKey(
        changed(spki, (root) => {
          at(root, 0, 0).content = fromHex('2b6571');
        }),
        crypto,
      ),
    'Ed448',
  );
  const ec = exportPublicKey((await privateKeyFromSecret('P-256', secret, crypto)).publicKey);
  await refused(
    () =>
      importPublicKey(
        changed(ec, (root) => void (at(root, 0).content as unknown[]).pop()),
        crypto,
      ),
    'no curve',
  );
  await refused(
    () =>
      importPublicKey(
        changed(ec, (root) => {
          at(root, 0, 1).content = fromHex('2b8104000a');
        }),
        crypto,
      ),
    'secp256k1',
  );
  assert.instance(await refusal(() => key.agreementKey(crypto)), TypeError);
  assert.instance(await refusal(() => agreeing.signingKey(crypto)), TypeError);
});

test('E7: P-256 points off the curve, compressed, unreduced, or at infinity', async () => {
  const { raw } = (await privateKeyFromSecret('P-256', secret, crypto)).publicKey;
  const y = raw.slice();
  y[64] = (y[64] as number) ^ 1;
  const prime = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
  const bad: [string, Uint8Array][] = [
    ['off the curve', y],
    ['compressed', concat(Uint8Array.of(2), raw.subarray(1, 33))],
    ['infinity', Uint8Array.of(0)],
    ['zeros', concat(Uint8Array.of(4), new Uint8Array(64))],
    ['x = p', concat(Uint8Array.of(4), fromHex(prime), raw.subarray(33))],
    ['hybrid', concat(Uint8Array.of(6), raw.subarray(1))],
  ];
  for (const [why, point] of bad) await refused(() => publicKeyFromRaw('P-256', point, crypto), why);
});

test("E7: PKCS#8 of P-256 out of range, or whose public key is somebody else's", async () => {
  const key = await privateKeyFromSecret('P-256', secret, crypto);
  const der = exportPrivateKey(key);
  const inner = (change: (octets: Uint8Array) => void) =>
    changed(der, (root) => {
      const octets = (at(root, 2).content as Uint8Array).slice();
      change(octets);
      at(root, 2).content = octets;
    });
  await refused(
    () =>
      importPrivateKey(
        inner((octets) => octets.fill(0xff, 7, 39)),
        crypto,
      ),
    'not below the order',
  );
  await refused(
    () =>
      importPrivateKey(
        inner((octets) => octets.fill(0, 7, 39)),
        crypto,
      ),
    'zero',
  );
  await refused(
    () =>
      importPrivateKey(
        inner((octets) => {
          octets[38] = (octets[38] as number) ^ 1;
        }),
        crypto,
      ),
    'another scalar under the old point',
  );
  await refused(
    () =>
      importPrivateKey(
        inner((octets) => {
          octets[60] = (octets[60] as number) ^ 1;
        }),
        crypto,
      ),
    'another point',
  );
  assert.instance(
    await refusal(() => privateKeyFromSecret('P-256', new Uint8Array(32).fill(0xff), crypto)),
    RangeError,
  );
});

test('E7: JWK with extra bits, padding, other lengths, other kinds, a secret out of range or of another key', async () => {
  for (const algorithm of algorithms) {
    const key = await privateKeyFromSecret(algorithm, secret, crypto);
    const jwk = privateKeyToJwk(key);
    const withExtraBit =
      jwk.x.slice(0, -1) +
      {
        A: 'B',
        E: 'F',
        I: 'J',
        M: 'N',
        Q: 'R',
        U: 'V',
        Y: 'Z',
        c: 'd',
        g: 'h',
        k: 'l',
        o: 'p',
        s: 't',
        w: 'x',
        0: '1',
        4: '5',
        8: '9',
      }[jwk.x.at(-1) as 'A'];
    for (const bad of [
      { ...jwk, x: withExtraBit },
      { ...jwk, x: `${jwk.x}=` },
      { ...jwk, x: jwk.x.slice(1) },
      { ...jwk, x: `AA${jwk.x}` },
      { ...jwk, x: 7 },
      { ...jwk, kty: 'RSA' },
      { ...jwk, crv: 'Ed448' },
      { ...jwk, d: undefined },
      { ...jwk, d: jwk.d?.slice(2) },
      { ...jwk, d: jwk.d?.replace(/^./, (first) => (first === 'A' ? 'E' : 'A')) },
      {},
    ])
      await refused(() => privateKeyFromJwk(bad as never, crypto), JSON.stringify(bad));
  }
  const ec = privateKeyToJwk(await privateKeyFromSecret('P-256', secret, crypto));
  await refused(() => privateKeyFromJwk({ ...ec, d: `${'_'.repeat(42)}8` }, crypto), 'scalar out of range');
  const { raw } = (await privateKeyFromSecret('P-256', secret, crypto)).publicKey;
  const url = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
  await refused(
    () => publicKeyFromJwk({ kty: 'EC', crv: 'P-256', x: url(raw.subarray(1, 32)), y: url(raw.subarray(32)) }, crypto),
    'coordinates cut elsewhere',
  );
});

const prime = (1n << 255n) - 19n;
const littleEndian = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const order8 = [
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
];

test('E1: X25519 u of small order, and every other spelling of them', async () => {
  const low = [0n, 1n, prime - 1n, ...order8];
  for (const u of [...low, prime, prime + 1n, ...low.map((value) => value + (1n << 255n)), (1n << 256n) - 1n]) {
    await refused(() => publicKeyFromRaw('X25519', littleEndian(u), crypto), `${u}`);
    assert.not.ok(isAcceptablePublicKey('X25519', littleEndian(u)));
  }
});

test('E2: X25519 u of at least p, or with bit 255 set, which is an alias of another key', async () => {
  const { raw } = (await privateKeyFromSecret('X25519', secret, crypto)).publicKey;
  const alias = raw.slice();
  alias[31] = (alias[31] as number) | 0x80;
  await refused(() => publicKeyFromRaw('X25519', alias, crypto), 'bit 255');
  for (let i = 0n; i < 19n; i++)
    await refused(() => publicKeyFromRaw('X25519', littleEndian(prime + i), crypto), `p + ${i}`);
  assert.ok(isAcceptablePublicKey('X25519', littleEndian(prime - 2n)));
  assert.ok(isAcceptablePublicKey('X25519', littleEndian(2n)));
});

test('E3: Ed25519 y of small order and non-canonical y, with either sign of x', async () => {
  const order8y = [
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  ].map(fromHex);
  const y = [0n, 1n, prime - 1n, ...Array.from({ length: 19 }, (_, i) => prime + BigInt(i))].map(littleEndian);
  for (const point of [...y, ...order8y]) {
    for (const sign of [0, 0x80]) {
      const octets = point.slice();
      octets[31] = (octets[31] as number) | sign;
      await refused(() => publicKeyFromRaw('Ed25519', octets, crypto), toHex(octets));
    }
  }
});

test('E3: the identity as public key would verify any message, were it taken', async () => {
  const identity = littleEndian(1n);
  const forged = concat(identity, new Uint8Array(32)); // R = identity, S = 0
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(identity).toString('base64url') },
    format: 'jwk',
  });
  assert.ok(verify(null, Buffer.from('anything'), key, forged), 'node:crypto takes it');
  await refused(() => publicKeyFromRaw('Ed25519', identity, crypto), 'we do not');
});

test('keys that the openssl command makes are imported, and ours are read by it', async () => {
  const openssl = (args: readonly string[], input?: string) =>
    execFileSync('openssl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    openssl(['version']);
  } catch {
    console.log('SKIPPED: no openssl');
    return;
  }
  for (const [algorithm, args] of [
    ['Ed25519', ['ED25519']],
    ['X25519', ['X25519']],
    ['P-256', ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ] as const) {
    const pem = openssl(['genpkey', '-algorithm', ...args]);
    const key = await importPrivateKey(decodePem(pem, 'PRIVATE KEY'), crypto);
    assert.is(key.publicKey.algorithm, algorithm);
    assert.is(openssl(['pkey', '-pubout'], pem), encodePem('PUBLIC KEY', exportPublicKey(key.publicKey)));
    const again = openssl(['pkey'], encodePem('PRIVATE KEY', exportPrivateKey(key)));
    assert.equal((await importPrivateKey(decodePem(again, 'PRIVATE KEY'), crypto)).secret(), key.secret());
  }
});

test.run();
