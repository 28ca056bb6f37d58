/** Attacks on general CMS, each by its id in the project's list or its CVE. Every refusal without a key comes before any key. */
import { createHash, publicEncrypt } from 'node:crypto';
import {
  concat,
  encodeDer,
  fromHex,
  generatePrivateKey,
  ID_DATA,
  ID_SIGNED_DATA,
  octetString,
  sequence,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import {
  contentEncryptionAlgorithm,
  type GeneralAlgorithm,
  generalAlgorithm,
  hkdfAlgorithm,
  keyAgreementAlgorithm,
  keyTransportAlgorithm,
  keyWrapAlgorithm,
  type RecipientInfoToWrite,
} from '@stanzaseal/cms/general';
import { systemRandom } from '@stanzaseal/cms/provider';
import {
  at,
  badPeerValue,
  changed,
  childrenOf,
  parseBadPeer,
  pathsOf,
  refusal,
  unsafeSeededRandom,
  writeBadPeer,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GENERAL_POLICY, type GeneralPolicy, type OwnKey } from '../src/general/index.js';
import { countedGeneral } from './countedGeneral.js';
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
import { aadOf, hkdf } from './rebuilt.js';
import { crypto, generalCrypto } from './world.js';

const test = suite('general profile: attacks');
const ALL: OwnKey[] = [...ALGORITHMS.map(by), KEK, PASSWORD];
const oid = (hex: string) => badPeerValue(0x06, fromHex(hex));
const NULL = badPeerValue(0x05, new Uint8Array(0));
/** Refuses, and computed nothing with any key. */
async function refusedUnopened(
  code: 'ERR_OPEN' | 'ERR_UNSUPPORTED',
  der: Uint8Array,
  why: string,
  policy: GeneralPolicy = GENERAL_POLICY,
): Promise<void> {
  const { crypto: counted, total } = countedGeneral();
  await refusedWith(code, der, ALL, why, { crypto: counted, policy });
  assert.is(total(), 0, `${why}: computed with a key`);
}
const withAlgorithm = (der: Uint8Array, contentEncryptionAlgorithm: GeneralAlgorithm, mac?: Uint8Array) =>
  rewritten(der, () => ({ contentEncryptionAlgorithm, ...(mac === undefined ? {} : { mac }) }));
const algorithmOf = (hex: string, parameters?: Uint8Array) => generalAlgorithm(fromHex(hex), parameters);

test('A1, CVE-2026-34182: any cipher that is no AEAD, or an AEAD that is not ours, in the place of GCM', async () => {
  const { der } = await make([KEK, to('X25519')]);
  const iv = encodeDer(octetString(new Uint8Array(16)));
  const gcm = parts(der).contentEncryptionAlgorithm.parameters as Uint8Array;
  for (const [hex, parameters] of [
    ...[
      '60864801650304012a',
      '60864801650304012b',
      '60864801650304012c',
      '60864801650304011602',
      '2a864886f70d0307',
    ].map((name) => [name, iv] as const),
    ...['60864801650304012f', '608648016503040107', '2a0304'].map((name) => [name, gcm] as const),
  ]) {
    await refusedUnopened('ERR_OPEN', withAlgorithm(der, algorithmOf(hex, parameters)), hex);
    const inside = algorithmOf('2a864886f70d010910031f', algorithmOf(hex, parameters).der);
    await refusedUnopened('ERR_OPEN', withAlgorithm(der, inside), `${hex} inside RFC 9709`);
  }
  for (const hex of ['60864801650304012e', '608648016503040106', '2a864886f70d0109100312'])
    await refusedUnopened('ERR_OPEN', withAlgorithm(der, algorithmOf(hex)), `${hex} without parameters`);
});

test('A2, G4: EnvelopedData, EncryptedData, DigestedData, CompressedData, data: a clean refusal; SignedData is not for opening', async () => {
  const { der } = await make([KEK]);
  for (const hex of [
    '2a864886f70d010703',
    '2a864886f70d010706',
    '2a864886f70d010705',
    '2a864886f70d0109100109',
    '2a864886f70d010701',
  ])
    await refusedUnopened(
      'ERR_UNSUPPORTED',
      changed(der, (root) => {
        at(root, 0).content = fromHex(hex);
      }),
      hex,
    );
  await refusedUnopened(
    'ERR_OPEN',
    changed(der, (root) => {
      at(root, 0).content = ID_SIGNED_DATA;
    }),
    'relabelled SignedData',
  );
  const compressed = await make([KEK], { contentType: fromHex('2a864886f70d0109100109') });
  await refusedUnopened('ERR_UNSUPPORTED', compressed.der, 'compressed content');
});

test('A3, A4: RFC 9709 stripped, added, around itself, around nothing', async () => {
  const derived = await make([KEK], { cekHkdf: true });
  const plain = await make([KEK]);
  const wrapper = parts(derived.der).contentEncryptionAlgorithm;
  const inner = contentEncryptionAlgorithm('AES-256-GCM', new Uint8Array(12), false);
  await refusedWith(
    'ERR_OPEN',
    withAlgorithm(derived.der, { ...inner, der: wrapper.parameters as Uint8Array }),
    [KEK],
    'stripped',
  );
  const added = algorithmOf('2a864886f70d010910031f', parts(plain.der).contentEncryptionAlgorithm.der);
  await refusedWith('ERR_OPEN', withAlgorithm(plain.der, added), [KEK], 'added');
  await refusedUnopened(
    'ERR_OPEN',
    withAlgorithm(derived.der, algorithmOf('2a864886f70d010910031f', wrapper.der)),
    'around itself',
  );
  await refusedUnopened(
    'ERR_OPEN',
    withAlgorithm(derived.der, algorithmOf('2a864886f70d010910031f')),
    'around nothing',
  );
  await refusedUnopened(
    'ERR_OPEN',
    withAlgorithm(derived.der, algorithmOf('2a864886f70d010910031f', fromHex('0500'))),
    'around NULL',
  );
});

test('A6, CVE-2026-34182, CVE-2026-12802: tags of 1, 4, 8 octets are never taken, whatever a policy says; 12 to 15 by policy', async () => {
  const { der } = await make([KEK]);
  const { mac, contentEncryptionAlgorithm } = parts(der);
  const nonce = (contentEncryptionAlgorithm.parameters as Uint8Array).subarray(2, 16);
  const stating = (length: number) =>
    algorithmOf('60864801650304012e', concat(fromHex('3011'), nonce, Uint8Array.of(2, 1, length)));
  const lax = { ...GENERAL_POLICY, tagLength: { least: 0, most: 16 } };
  for (const length of [0, 1, 4, 8, 11, 17])
    await refusedUnopened('ERR_OPEN', withAlgorithm(der, stating(length), mac.subarray(0, length)), `${length}`, lax);
  for (const length of [12, 13, 14, 15]) {
    const cut = withAlgorithm(der, stating(length), mac.subarray(0, length));
    assert.equal((await openWith(cut, [KEK])).content, LETTER, 'RFC 5084 §3.2');
    await refusedUnopened('ERR_OPEN', cut, 'by policy', { ...GENERAL_POLICY, tagLength: { least: 16, most: 16 } });
    await refusedUnopened('ERR_OPEN', withAlgorithm(der, stating(length)), `${length} stated, 16 there`);
    await refusedUnopened(
      'ERR_OPEN',
      withAlgorithm(der, stating(16), mac.subarray(0, length)),
      `16 stated, ${length} there`,
    );
  }
  const chacha = await make([KEK], { contentEncryption: 'ChaCha20-Poly1305' });
  for (const length of [0, 4, 12, 15]) {
    const cut = rewritten(chacha.der, (data) => ({ mac: data.mac.subarray(0, length) }));
    await refusedUnopened('ERR_OPEN', cut, `RFC 8103: ChaCha20-Poly1305 with ${length}`, lax);
  }
});

test('A7, CVE-2025-15467: nonces of 0, 1, 11, 17, 64 octets are refused before any key; ChaCha20-Poly1305 takes 12 alone', async () => {
  const { der } = await make([KEK]);
  for (const length of [0, 1, 11, 17, 64]) {
    const parameters = encodeDer(
      sequence(octetString(new Uint8Array(length)), { tag: 2, length: 1, content: Uint8Array.of(16) }),
    );
    await refusedUnopened('ERR_OPEN', withAlgorithm(der, algorithmOf('60864801650304012e', parameters)), `${length}`);
  }
  const longer = encodeDer(
    sequence(octetString(new Uint8Array(16)), { tag: 2, length: 1, content: Uint8Array.of(16) }),
  );
  const narrow = { ...GENERAL_POLICY, nonceLength: { least: 12, most: 12 } };
  await refusedUnopened(
    'ERR_OPEN',
    withAlgorithm(der, algorithmOf('60864801650304012e', longer)),
    '16 by policy',
    narrow,
  );
  for (const length of [8, 16, 24])
    await refusedUnopened(
      'ERR_OPEN',
      withAlgorithm(der, algorithmOf('2a864886f70d0109100312', encodeDer(octetString(new Uint8Array(length))))),
      `${length}`,
    );
});

test('the policy is the word on ciphers, hashes and numbers', async () => {
  for (const contentEncryption of GENERAL_POLICY.contentEncryption) {
    for (const cekHkdf of [false, true]) {
      const { der } = await make([KEK], { contentEncryption, cekHkdf });
      const others = GENERAL_POLICY.contentEncryption.filter((each) => each !== contentEncryption);
      await refusedUnopened('ERR_OPEN', der, `${contentEncryption} not listed`, {
        ...GENERAL_POLICY,
        contentEncryption: others,
      });
    }
  }
  for (const [algorithm, list] of [
    ['X25519', 'agreementHashes'],
    ['P-384', 'agreementHashes'],
    ['RSA', 'oaepHashes'],
    ['ML-KEM-768', 'kemHashes'],
  ] as const)
    await refusedUnopened('ERR_OPEN', (await make([to(algorithm)])).der, `${algorithm} without hashes`, {
      ...GENERAL_POLICY,
      [list]: [],
    });
  const { der } = await make([KEK, to('X25519'), to('P-256')]);
  await refusedUnopened('ERR_OPEN', der, 'three recipients', { ...GENERAL_POLICY, recipients: 2 });
  await refusedUnopened('ERR_OPEN', der, 'octets', {
    ...GENERAL_POLICY,
    limits: { ...GENERAL_POLICY.limits, octets: 100 },
  });
  await refusedUnopened('ERR_OPEN', der, 'depth', {
    ...GENERAL_POLICY,
    limits: { ...GENERAL_POLICY.limits, depth: 3 },
  });
});

test('A8: content left out is not empty content; empty content under a wrong tag', async () => {
  const { der } = await make([KEK]);
  await refusedUnopened(
    'ERR_OPEN',
    rewritten(der, () => ({ encryptedContent: undefined })),
    'left out',
  );
  await refusedWith(
    'ERR_OPEN',
    rewritten(der, () => ({ encryptedContent: new Uint8Array(0) })),
    [KEK],
    'emptied',
  );
});

test('A9, CVE-2026-28389: KeyAgreeRecipientInfo without a key wrap, or with one that is none of ours', async () => {
  for (const algorithm of ['X25519', 'P-256'] as const) {
    const { der } = await make([to(algorithm)]);
    const info = infoOf(der, 'kari');
    const scheme = toHex(info.keyEncryptionAlgorithm.oid);
    const under = (parameters: Uint8Array | undefined) =>
      rewritten(der, () => ({
        recipientInfos: [{ ...info, keyEncryptionAlgorithm: algorithmOf(scheme, parameters) }],
      }));
    for (const parameters of [
      undefined,
      fromHex('0500'),
      fromHex('3000'),
      fromHex('0400'),
      concat(keyWrapAlgorithm(32).der, fromHex('0500')),
    ])
      await refusedUnopened('ERR_OPEN', under(parameters), toHex(parameters ?? new Uint8Array(0)));
    for (const wrap of ['608648016503040130', '2a864886f70d0109100306', '2a0304'])
      await refusedUnopened('ERR_UNSUPPORTED', under(algorithmOf(wrap).der), wrap);
    await refusedUnopened(
      'ERR_OPEN',
      under(algorithmOf('60864801650304012d', fromHex('3000')).der),
      'wrap with parameters',
    );
    await refusedWith('ERR_OPEN', under(keyWrapAlgorithm(16).der), [by(algorithm)], 'a shorter wrap');
  }
});

test('A10: wrapped keys of other lengths, and honest wraps of keys that are too short or too long for the cipher', async () => {
  const { der } = await make([KEK]);
  const info = infoOf(der, 'kekri');
  const carrying = (encryptedKey: Uint8Array) =>
    rewritten(der, () => ({ recipientInfos: [{ ...info, encryptedKey }] }));
  for (const length of [0, 8, 16, 24, 39, 41, 4096])
    await refusedWith('ERR_OPEN', carrying(new Uint8Array(length)), [KEK], `${length}`);
  for (const length of [16, 24, 40, 64])
    await refusedWith(
      'ERR_OPEN',
      carrying(await generalCrypto.wrapKey(KEK.key, new Uint8Array(length).fill(1))),
      [KEK],
      `a key of ${length}`,
    );
});

test('A12: recipients of others and of unknown kinds beside a valid one are passed over; all foreign costs nothing', async () => {
  const strangers = await Promise.all(
    ALGORITHMS.map(async (algorithm) => (await generalCrypto.generatePrivateKey(algorithm, systemRandom)).publicKey),
  );
  const { der } = await make([
    ...strangers.map((key) => ({ kind: 'key', key }) as const),
    { ...KEK, keyIdentifier: toUtf8('mantua') },
    KEK,
  ]);
  const unknown: RecipientInfoToWrite[] = [
    { kind: 'other', der: writeBadPeer(badPeerValue(0xa4, [oid('2a0304'), badPeerValue(0x30, [])])) },
    { kind: 'other', der: writeBadPeer(badPeerValue(0xa5, [NULL])) },
  ];
  const mixed = rewritten(der, (data) => ({ recipientInfos: [...data.recipientInfos, ...unknown] }));
  assert.equal((await openWith(mixed, ALL)).content, LETTER);
  const foreign = rewritten(mixed, (data) => ({
    recipientInfos: data.recipientInfos.filter(
      (info) => info.kind !== 'kekri' || toHex(info.keyIdentifier) !== toHex(KEK.keyIdentifier),
    ),
  }));
  await refusedUnopened('ERR_OPEN', foreign, 'all foreign');
  await refusedUnopened(
    'ERR_OPEN',
    rewritten(der, () => ({ recipientInfos: unknown })),
    'all unknown',
  );
});

test('A13, CVE-2026-42768: of two entries for one key, and of several keys, exactly one is tried', async () => {
  const { der } = await make([to('P-256'), to('RSA'), KEK]);
  const { recipientInfos } = parts(der);
  const { crypto: counted, counts } = countedGeneral();
  const [first] = recipientInfos;
  assert.ok(first !== undefined);
  const broken = rewritten(der, (data) => ({
    recipientInfos: data.recipientInfos.map((info) =>
      info.kind === 'kari'
        ? {
            ...info,
            recipientEncryptedKeys: info.recipientEncryptedKeys.map((key) => ({
              ...key,
              encryptedKey: new Uint8Array(40),
            })),
          }
        : info.kind === 'other'
          ? info
          : { ...info, encryptedKey: new Uint8Array(info.encryptedKey.length) },
    ) as RecipientInfoToWrite[],
  }));
  await refusedWith('ERR_OPEN', broken, ALL, 'all broken', { crypto: counted });
  assert.is(counts.decryptOaep + counts.unwrapKey, 1, 'one attempt in all');
  const info = infoOf(der, 'kari');
  const doubled = rewritten(der, () => ({
    recipientInfos: [
      {
        ...info,
        recipientEncryptedKeys: [...info.recipientEncryptedKeys, ...info.recipientEncryptedKeys].map((key, i) =>
          i === 0 ? { ...key, encryptedKey: new Uint8Array(40) } : key,
        ),
      },
    ],
  }));
  const again = countedGeneral();
  await refusedWith('ERR_OPEN', doubled, [by('P-256')], 'the first of two broken', { crypto: again.crypto });
  assert.is(again.counts.agree, 1);
});

test('A14: content-type missing, false, twice, with two values or of another type; attributes under the tag', async () => {
  const { der, cek } = await make([KEK], { contentType: ID_SIGNED_DATA });
  const attribute = (...values: Uint8Array[]) => ({ attrType: fromHex('2a864886f70d010903'), values });
  const signedData = fromHex('06092a864886f70d010702');
  const sealedWith = async (
    attributes: { attrType: Uint8Array; values: Uint8Array[] }[],
    contentType = ID_SIGNED_DATA,
  ) => {
    const { generalAttributes } = await import('@stanzaseal/cms/general');
    const authAttrs = attributes.length === 0 ? undefined : generalAttributes(attributes);
    const nonce = (parts(der).contentEncryptionAlgorithm.parameters as Uint8Array).subarray(4, 16);
    const octets = await generalCrypto.seal('AES-256-GCM', cek, nonce, authAttrs?.der ?? new Uint8Array(0), LETTER);
    return rewritten(der, () => ({
      contentType,
      authAttrs,
      encryptedContent: octets.subarray(0, -16),
      mac: octets.subarray(-16),
    }));
  };
  assert.equal((await openWith(await sealedWith([attribute(signedData)]), [KEK])).content, LETTER);
  for (const [why, attributes] of [
    ['missing', []],
    ['only another', [{ attrType: fromHex('2a0304'), values: [fromHex('0500')] }]],
    ['false', [attribute(fromHex('06092a864886f70d010701'))]],
    ['twice', [attribute(signedData), attribute(fromHex('06092a864886f70d010701'))]],
    ['two values', [attribute(signedData, fromHex('06092a864886f70d010701'))]],
    ['no value', [attribute()]],
    ['of another type', [attribute(fromHex('0500'))]],
  ] as const)
    await refusedUnopened('ERR_OPEN', await sealedWith(attributes as never), why);
  const other = { attrType: fromHex('2a0304'), values: [fromHex('0500')] };
  assert.equal(
    (await openWith(await sealedWith([other], ID_DATA), [KEK])).content,
    LETTER,
    'id-data needs none (RFC 5083 §2.1)',
  );
  await refusedUnopened('ERR_OPEN', await sealedWith([attribute(signedData)], ID_DATA), 'false for id-data');
  const edited = rewritten(await sealedWith([attribute(signedData), other]), () => ({}));
  await refusedWith(
    'ERR_OPEN',
    changed(edited, (root) => {
      const attr = childrenOf(at(root, 1, 0, 3)).find((each) => toHex(at(each, 0).content as Uint8Array) === '2a0304');
      at(attr as never, 1, 0).tag = 0x04;
    }),
    [KEK],
    'not under the tag',
  );
});

test('A14: versions other than RFC 5652 and RFC 9629 give', async () => {
  for (const [recipient, path, good] of [
    [to('X25519'), [1, 0, 1, 0, 0], [3]],
    [to('RSA'), [1, 0, 1, 0, 0], [0, 2]],
    [KEK, [1, 0, 1, 0, 0], [4]],
    [PASSWORD, [1, 0, 1, 0, 0], [0]],
    [to('ML-KEM-512'), [1, 0, 1, 0, 1, 0], [0]],
    [KEK, [1, 0, 0], [0]],
  ] as const) {
    const { der } = await make([recipient]);
    for (let version = 0; version < 6; version++) {
      const octets = changed(der, (root) => {
        at(root, ...path).content = Uint8Array.of(version);
      });
      if ((good as readonly number[]).includes(version)) assert.equal((await openWith(octets, ALL)).content, LETTER);
      else await refusedUnopened('ERR_OPEN', octets, `${recipient.kind} ${path} ${version}`);
    }
  }
});

test('A15, E1, RFC 8418 §2: originator keys of another algorithm, length or curve, of small order, or static', async () => {
  const { der } = await make([to('X25519')]);
  const info = infoOf(der, 'kari');
  const from = (algorithm: GeneralAlgorithm, publicKey: Uint8Array) =>
    rewritten(der, () => ({ recipientInfos: [{ ...info, originatorKey: { algorithm, publicKey } }] }));
  const x25519 = algorithmOf('2b656e');
  for (const [why, point] of [
    ['31 octets', new Uint8Array(31)],
    ['zero', new Uint8Array(32)],
    ['one', concat(Uint8Array.of(1), new Uint8Array(31))],
    ['order 8', fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')],
    ['p', fromHex(`ed${'ff'.repeat(30)}7f`)],
  ] as const)
    await refusedWith('ERR_OPEN', from(x25519, point), [by('X25519')], why);
  const honest = info.originatorKey?.publicKey as Uint8Array;
  await refusedUnopened('ERR_UNSUPPORTED', from(algorithmOf('2b656f'), concat(honest, new Uint8Array(24))), 'X448');
  await refusedUnopened('ERR_OPEN', from(algorithmOf('2b656e', fromHex('0500')), honest), 'X25519 with parameters');
  await refusedUnopened('ERR_OPEN', from(algorithmOf('2a8648ce3d0201'), honest), 'EC');
  const p256 = await make([to('P-256')]);
  const agreed = infoOf(p256.der, 'kari');
  const point = agreed.originatorKey?.publicKey as Uint8Array;
  const ec = (parameters: string | undefined, publicKey = point) =>
    rewritten(p256.der, () => ({
      recipientInfos: [
        {
          ...agreed,
          originatorKey: {
            algorithm: algorithmOf('2a8648ce3d0201', parameters === undefined ? undefined : fromHex(parameters)),
            publicKey,
          },
        },
      ],
    }));
  for (const parameters of [undefined, '0500', '06082a8648ce3d030107'])
    assert.equal((await openWith(ec(parameters), [by('P-256')])).content, LETTER, 'RFC 5753 §3.1.1');
  await refusedUnopened('ERR_OPEN', ec('06052b81040022'), 'P-384 named');
  await refusedUnopened('ERR_UNSUPPORTED', ec('06052b81040023'), 'P-521 named');
  await refusedUnopened('ERR_UNSUPPORTED', ec('3000'), 'explicit parameters');
  const offCurve = Uint8Array.from(point);
  offCurve[64] = (offCurve[64] as number) ^ 1;
  for (const [why, octets] of [
    ['off the curve', offCurve],
    ['infinity', new Uint8Array(1)],
    ['cut', point.subarray(1)],
    ['zeros', concat(Uint8Array.of(4), new Uint8Array(64))],
  ] as const)
    await refusedWith('ERR_OPEN', ec(undefined, octets), [by('P-256')], `invalid curve: ${why}`);
  const named = changed(der, (root) => {
    at(root, 1, 0, 1, 0, 1).content = [badPeerValue(0x80, new Uint8Array(32))];
  });
  await refusedUnopened('ERR_UNSUPPORTED', named, 'a static originator');
});

test('RFC 8418 §2: a provider that lets an all-zero secret pass changes nothing', async () => {
  const { der } = await make([to('X25519')]);
  const { crypto: counted, counts } = countedGeneral();
  await refusedWith('ERR_OPEN', der, [by('X25519')], 'zero', {
    crypto: { ...counted, agree: () => new Uint8Array(32) },
  });
  assert.is(counts.unwrapKey, 0);
});

/** An X25519 object with ukm, with the salt that a writer chose. */
async function withUkm(salt: (ukm: Uint8Array) => Uint8Array): Promise<Uint8Array> {
  const { der, cek } = await make([to('X25519')]);
  const ukm = toUtf8('user keying material');
  const ephemeral = await generalCrypto.generatePrivateKey('X25519', systemRandom);
  const secret = await generalCrypto.agree(ephemeral, own.X25519.publicKey);
  const shared = concat(fromHex('302b300b060960864801650304012da0160414'), ukm, fromHex('a206040400000100'));
  const encryptedKey = await generalCrypto.wrapKey(hkdf(secret, salt(ukm), shared.with(1, shared.length - 2)), cek);
  return rewritten(der, () => {
    const info = infoOf(der, 'kari');
    const [entry] = info.recipientEncryptedKeys;
    const originatorKey = { algorithm: algorithmOf('2b656e'), publicKey: ephemeral.publicKey.subjectPublicKey };
    return {
      recipientInfos: [
        { ...info, ukm, originatorKey, recipientEncryptedKeys: [{ rid: entry?.rid as never, encryptedKey }] },
      ],
    };
  });
}

test('RFC 8418 §2.2: with ukm the salt is the ukm; Bouncy Castle 1.86, which leaves it out, does not open', async () => {
  assert.equal((await openWith(await withUkm((ukm) => ukm), [by('X25519')])).content, LETTER);
  await refusedWith('ERR_OPEN', await withUkm(() => new Uint8Array(0)), [by('X25519')], 'without the salt');
});

test('RFC 5753: SHA-1 opens only where the policy lists it; cofactor and other hashes open; HKDF does not go with P-256', async () => {
  const { der, cek } = await make([to('P-256')]);
  const info = infoOf(der, 'kari');
  const secret = async () =>
    generalCrypto.agree(
      own['P-256'],
      await generalCrypto.importPublicKey(
        concat(own['P-256'].publicKey.spki.subarray(0, 26), info.originatorKey?.publicKey as Uint8Array),
      ),
    );
  const shared = fromHex('3015300b060960864801650304012da206040400000100');
  for (const [hash, name, cofactor] of [
    ['SHA-1', 'sha1', false],
    ['SHA-1', 'sha1', true],
    ['SHA-224', 'sha224', false],
    ['SHA-256', 'sha256', true],
    ['SHA-384', 'sha384', false],
    ['SHA-512', 'sha512', true],
  ] as const) {
    const round = async (counter: number) =>
      createHash(name)
        .update(concat(await secret(), Uint8Array.of(0, 0, 0, counter), shared))
        .digest();
    const kek = concat(await round(1), await round(2)).subarray(0, 32);
    const keyEncryptionAlgorithm = keyAgreementAlgorithm({ kdf: 'X9.63', cofactor, hash, wrap: keyWrapAlgorithm(32) });
    const rid = info.recipientEncryptedKeys[0]?.rid as never;
    const recipientEncryptedKeys = [{ rid, encryptedKey: await generalCrypto.wrapKey(kek, cek) }];
    const octets = rewritten(der, () => ({
      recipientInfos: [{ ...info, keyEncryptionAlgorithm, recipientEncryptedKeys }],
    }));
    const listed = { ...GENERAL_POLICY, agreementHashes: [hash] };
    const opened = await openWith(octets, [by('P-256')], { policy: listed });
    assert.equal([opened.content, opened.by.hash], [LETTER, hash]);
    if (hash === 'SHA-1' || hash === 'SHA-224') await refusedUnopened('ERR_OPEN', octets, `${hash} is not listed`);
    else assert.equal((await openWith(octets, [by('P-256')])).content, LETTER);
  }
  const hkdfScheme = keyAgreementAlgorithm({
    kdf: 'HKDF',
    cofactor: false,
    hash: 'SHA-256',
    wrap: keyWrapAlgorithm(32),
  });
  await refusedUnopened(
    'ERR_UNSUPPORTED',
    rewritten(der, () => ({ recipientInfos: [{ ...info, keyEncryptionAlgorithm: hkdfScheme }] })),
    'HKDF with P-256',
  );
});

test('the KeyWrapAlgorithm goes into SharedInfo octet by octet, a NULL included, as PKI.js writes it', async () => {
  const { der, cek } = await make([to('P-256')]);
  const info = infoOf(der, 'kari');
  const wrap = algorithmOf('60864801650304012d', fromHex('0500'));
  const secret = await generalCrypto.agree(
    own['P-256'],
    await generalCrypto.importPublicKey(
      concat(own['P-256'].publicKey.spki.subarray(0, 26), info.originatorKey?.publicKey as Uint8Array),
    ),
  );
  const shared = concat(fromHex('3017'), wrap.der, fromHex('a206040400000100'));
  const kek = createHash('sha256')
    .update(concat(secret, fromHex('00000001'), shared))
    .digest();
  const keyEncryptionAlgorithm = keyAgreementAlgorithm({ kdf: 'X9.63', cofactor: false, hash: 'SHA-256', wrap });
  const rid = info.recipientEncryptedKeys[0]?.rid as never;
  const recipientEncryptedKeys = [{ rid, encryptedKey: await generalCrypto.wrapKey(new Uint8Array(kek), cek) }];
  const octets = rewritten(der, () => ({
    recipientInfos: [{ ...info, keyEncryptionAlgorithm, recipientEncryptedKeys }],
  }));
  assert.equal((await openWith(octets, [by('P-256')])).content, LETTER);
});

test('RSA: PKCS #1 v1.5 is a clean refusal without a private-key operation; OAEP failures are one; CVE-2026-28390', async () => {
  const { der, cek } = await make([to('RSA')]);
  const info = infoOf(der, 'ktri');
  const under = (keyEncryptionAlgorithm: GeneralAlgorithm, encryptedKey = info.encryptedKey) =>
    rewritten(der, () => ({ recipientInfos: [{ ...info, keyEncryptionAlgorithm, encryptedKey }] }));
  await refusedUnopened('ERR_UNSUPPORTED', under(algorithmOf('2a864886f70d010101', fromHex('0500'))), 'PKCS #1 v1.5');
  const beside = rewritten(der, () => ({
    recipientInfos: [{ ...info, keyEncryptionAlgorithm: algorithmOf('2a864886f70d010101', fromHex('0500')) }, info],
  }));
  assert.equal((await openWith(beside, [by('RSA')])).content, LETTER, 'beside one that is spoken it is passed over');
  const oaep = '2a864886f70d010107';
  await refusedUnopened('ERR_OPEN', under(algorithmOf(oaep)), 'without parameters');
  await refusedUnopened('ERR_OPEN', under(algorithmOf(oaep, fromHex('3000'))), 'SHA-1 by DEFAULT, not listed');
  const sha256 = fromHex('300d06096086480165030402010500');
  const mgf = concat(fromHex('a11c301a06092a864886f70d010108'), sha256);
  const noValue = concat(fromHex('303e'), fromHex('a00f'), sha256, mgf, fromHex('a20d300b06092a864886f70d010109'));
  await refusedUnopened('ERR_OPEN', under(algorithmOf(oaep, noValue)), 'pSpecified without a value');
  const two = keyTransportAlgorithm({ hash: 'SHA-256', mgfHash: 'SHA-1', label: new Uint8Array(0) });
  await refusedUnopened('ERR_UNSUPPORTED', under(two), 'two hashes');
  const spki = { key: Buffer.from(own.RSA.publicKey.spki), format: 'der', type: 'spki', oaepHash: 'sha256' } as const;
  const algorithm = info.keyEncryptionAlgorithm;
  for (const [why, encryptedKey] of [
    ['one bit', info.encryptedKey.with(7, (info.encryptedKey[7] as number) ^ 1)],
    ['cut', info.encryptedKey.subarray(1)],
    ['empty', new Uint8Array(0)],
    ['zeros', new Uint8Array(384)],
    ['greater than the modulus', new Uint8Array(384).fill(255)],
    ['a key of 16 octets', new Uint8Array(publicEncrypt(spki, cek.subarray(0, 16)))],
    ['no key', new Uint8Array(publicEncrypt(spki, new Uint8Array(0)))],
    ['another label', new Uint8Array(publicEncrypt({ ...spki, oaepLabel: Buffer.from('x') }, cek))],
  ] as const) {
    const { crypto: counted, counts } = countedGeneral();
    await refusedWith('ERR_OPEN', under(algorithm, encryptedKey), [by('RSA')], why, { crypto: counted });
    assert.equal([counts.decryptOaep, counts.open], [1, 1], `${why}: goes on to the tag, as a wrong tag does`);
  }
});

test('D9, D10: ML-KEM: ciphertexts changed or of another length, lengths, wraps, KDFs and ukm that do not agree', async () => {
  const { der } = await make([to('ML-KEM-768')]);
  const info = infoOf(der, 'kemri');
  const with_ = (change: Partial<typeof info>) => rewritten(der, () => ({ recipientInfos: [{ ...info, ...change }] }));
  for (const [why, kemct] of [
    ['one bit', info.kemct.with(99, (info.kemct[99] as number) ^ 1)],
    ['cut', info.kemct.subarray(1)],
    ['longer', concat(info.kemct, new Uint8Array(1))],
    ['empty', new Uint8Array(0)],
  ] as const) {
    const { crypto: counted, counts } = countedGeneral();
    await refusedWith('ERR_OPEN', with_({ kemct }), [by('ML-KEM-768')], why, { crypto: counted });
    assert.equal([counts.decapsulate, counts.open], [1, 1], why);
  }
  for (const kekLength of [1, 16, 31, 33, 65535])
    await refusedUnopened('ERR_OPEN', with_({ kekLength }), `kekLength ${kekLength}`);
  await refusedUnopened('ERR_OPEN', with_({ wrap: keyWrapAlgorithm(16) }), 'another wrap');
  await refusedWith(
    'ERR_OPEN',
    with_({ wrap: keyWrapAlgorithm(16), kekLength: 16 }),
    [by('ML-KEM-768')],
    'another wrap and length',
  );
  await refusedWith('ERR_OPEN', with_({ kdf: hkdfAlgorithm('SHA-512') }), [by('ML-KEM-768')], 'another hash');
  await refusedWith('ERR_OPEN', with_({ ukm: toUtf8('x') }), [by('ML-KEM-768')], 'a ukm');
  await refusedUnopened('ERR_UNSUPPORTED', with_({ kem: algorithmOf('608648016503040403') }), 'another KEM');
  await refusedUnopened('ERR_UNSUPPORTED', with_({ kdf: algorithmOf('2a864886f70d0109100308') }), 'KDF3');
});

test('a key of one kind named in an entry of another kind is refused, and no private key is used', async () => {
  const kari = infoOf((await make([to('X25519')])).der, 'kari');
  const ktri = infoOf((await make([to('RSA')])).der, 'ktri');
  const kemri = infoOf((await make([to('ML-KEM-512')])).der, 'kemri');
  const { der } = await make([KEK]);
  for (const algorithm of ALGORITHMS) {
    const rid = { kind: 'subjectKeyIdentifier', keyIdentifier: own[algorithm].publicKey.keyIdentifier } as const;
    const infos: RecipientInfoToWrite[] = [
      ...(algorithm === 'RSA' ? [] : [{ ...ktri, rid }]),
      ...(algorithm === 'ML-KEM-512' ? [] : [{ ...kemri, rid }]),
      ...(algorithm === 'X25519'
        ? []
        : [{ ...kari, recipientEncryptedKeys: [{ rid, encryptedKey: new Uint8Array(40) }] }]),
    ];
    for (const info of infos)
      await refusedUnopened(
        'ERR_UNSUPPORTED',
        rewritten(der, () => ({ recipientInfos: [info] })),
        `${algorithm} in ${info.kind}`,
      );
  }
});

test('KEKRI: a key of another length, another wrap', async () => {
  const { der } = await make([KEK]);
  const info = infoOf(der, 'kekri');
  const under = (keyEncryptionAlgorithm: GeneralAlgorithm) =>
    rewritten(der, () => ({ recipientInfos: [{ ...info, keyEncryptionAlgorithm }] }));
  await refusedUnopened('ERR_OPEN', under(keyWrapAlgorithm(16)), 'a shorter wrap');
  await refusedUnopened('ERR_UNSUPPORTED', under(algorithmOf('2a864886f70d0109100306')), '3DES wrap');
  assert.equal(
    (await openWith(under(algorithmOf('60864801650304012d', fromHex('0500'))), [KEK])).content,
    LETTER,
    'NULL, as PKI.js writes',
  );
});

test('A17, rule U: a port that throws is the one error, and nothing of the content is in it', async () => {
  const { der } = await make([to('X25519')]);
  for (const name of ['agree', 'unwrapKey', 'open', 'importPublicKey', 'hkdf'] as const) {
    const broken = {
      ...generalCrypto,
      [name]: () => {
        throw new Error('the card was pulled out');
      },
    };
    const error = await refusal(() => openWith(der, [by('X25519')], { crypto: broken }));
    assert.is(error?.code, 'ERR_OPEN');
    assert.not.match(error?.message ?? '', 'card');
  }
});

test('a wrong key never opens under the stand-in key that a failed unwrapping goes on with', async () => {
  const { der } = await make([KEK]);
  const zero = new Uint8Array(32);
  const nonce = new Uint8Array(12).fill(1);
  const octets = await generalCrypto.seal('AES-256-GCM', zero, nonce, new Uint8Array(0), LETTER);
  const forged = rewritten(der, (data) => ({
    contentEncryptionAlgorithm: contentEncryptionAlgorithm('AES-256-GCM', nonce, false),
    encryptedContent: octets.subarray(0, -16),
    mac: octets.subarray(-16),
    recipientInfos: data.recipientInfos.map((info) =>
      info.kind === 'kekri' ? { ...info, encryptedKey: new Uint8Array(40) } : info,
    ),
  }));
  await refusedWith('ERR_OPEN', forged, [KEK], 'content under zeros');
});

test('A18: cut at every octet, and one octet too many, for each kind of recipient', async () => {
  for (const recipient of [to('P-256'), KEK, PASSWORD]) {
    const { der } = await make([recipient], { contentType: ID_SIGNED_DATA });
    for (let length = 0; length < der.length; length++) {
      const error = await refusal(() => openWith(der.subarray(0, length), ALL));
      assert.is(error?.code, 'ERR_OPEN', `${recipient.kind} cut at ${length}`);
    }
    await refusedUnopened('ERR_OPEN', concat(der, Uint8Array.of(0)), 'one more');
  }
});

test('every one-bit flip is refused, for KEKRI, P-256 and ML-KEM, attributes and RFC 9709', async () => {
  for (const [recipient, step] of [
    [KEK, 1],
    [to('P-256'), 3],
    [to('ML-KEM-512'), 29],
  ] as const) {
    const { der } = await make([recipient], { contentType: ID_SIGNED_DATA, cekHkdf: true });
    for (let bit = 0; bit < der.length * 8; bit += step) {
      const octets = Uint8Array.from(der);
      octets[bit >> 3] = (octets[bit >> 3] as number) ^ (1 << (bit & 7));
      const error = await refusal(() => openWith(octets, ALL.slice(0, -1)));
      assert.ok(
        error?.code === 'ERR_OPEN' || error?.code === 'ERR_UNSUPPORTED',
        `${recipient.kind} bit ${bit}: ${error}`,
      );
    }
  }
});

test('each value of an object exchanged for another of it is refused, or says the same', async () => {
  const { der } = await make([to('X25519'), KEK], { contentType: ID_SIGNED_DATA, cekHkdf: true });
  const tree = parseBadPeer(der);
  const paths = pathsOf(tree).filter((path) => path.length > 1);
  const insides = new Set(['0', '1'].map((i) => `1,0,1,${i}`));
  for (const from of paths) {
    for (const target of paths.filter((_, i) => i % 3 === 0)) {
      const root = parseBadPeer(der);
      Object.assign(at(root, ...target), parseBadPeer(writeBadPeer(at(parseBadPeer(der), ...from))));
      const octets = writeBadPeer(root);
      const error = await refusal(() => openWith(octets, [KEK]));
      const isForeign = [...insides].some((path) => target.join().startsWith(path));
      if (error === undefined) assert.ok(isForeign || toHex(octets) === toHex(der), `[${from}] at [${target}]`);
      else assert.ok(error.code === 'ERR_OPEN' || error.code === 'ERR_UNSUPPORTED', `${error}`);
    }
  }
});

test('G1: garbage, sealed-profile keys and 512 strangers cost no operation with a key', async () => {
  const random = unsafeSeededRandom('garbage');
  for (const garbage of [
    new Uint8Array(0),
    random(10),
    random(1_000),
    random(100_000),
    new Uint8Array(262_144).fill(0x30),
  ])
    await refusedUnopened('ERR_OPEN', garbage, `${garbage.length} octets`);
  const { der } = await make([to('X25519')]);
  const info = infoOf(der, 'kari');
  const entries = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      rid: {
        kind: 'subjectKeyIdentifier',
        keyIdentifier: concat(new Uint8Array(28), Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i)),
      } as const,
      encryptedKey: new Uint8Array(40),
    }));
  const to512 = rewritten(der, () => ({ recipientInfos: [{ ...info, recipientEncryptedKeys: entries(512) }] }));
  await refusedUnopened('ERR_OPEN', to512, '512 strangers');
  await refusedUnopened(
    'ERR_OPEN',
    rewritten(der, () => ({ recipientInfos: [{ ...info, recipientEncryptedKeys: entries(513) }] })),
    '513',
  );
  const last = [...entries(511), ...info.recipientEncryptedKeys];
  const { crypto: counted, counts } = countedGeneral();
  const opened = await openWith(
    rewritten(der, () => ({ recipientInfos: [{ ...info, recipientEncryptedKeys: last }] })),
    [by('X25519')],
    { crypto: counted },
  );
  assert.equal([opened.content, counts.agree], [LETTER, 1]);
});

test('BER opens like DER: indefinite lengths and content in chunks', async () => {
  const { der } = await make([to('P-256')], { contentType: ID_SIGNED_DATA });
  const ber = changed(der, (root) => {
    for (const path of [[], [1], [1, 0], [1, 0, 1], [1, 0, 2]]) at(root, ...path).length = 'indefinite';
    const content = at(root, 1, 0, 2, 2);
    const octets = content.content as Uint8Array;
    content.tag = 0xa0;
    content.length = 'indefinite';
    content.content = [badPeerValue(4, octets.subarray(0, 5)), badPeerValue(4, octets.subarray(5))];
  });
  assert.is.not(toHex(ber), toHex(der));
  assert.equal((await openWith(ber, [by('P-256')])).content, LETTER);
});

test('the sealed profile takes none of it: never a fallback', async () => {
  const { decrypt, readObject } = await import('../src/index.js');
  const key = await generatePrivateKey('X25519', systemRandom, crypto);
  const general = await generalCrypto.importPublicKey(
    concat(own.X25519.publicKey.spki.subarray(0, 12), key.publicKey.raw),
  );
  for (const recipients of [[{ kind: 'key', key: general } as const], [KEK], [to('P-256')]]) {
    const { der } = await make(recipients, { contentType: ID_SIGNED_DATA, cekHkdf: true });
    const agreementKey = await key.agreementKey(crypto);
    const error = await refusal(async () =>
      decrypt(await readObject(der, { crypto }), { keys: { find: () => agreementKey }, crypto }),
    );
    assert.is(error?.code, 'ERR_OPEN');
  }
  assert.is(aadOf(parseBadPeer((await make([KEK])).der)).length, 0);
});

test.run();
