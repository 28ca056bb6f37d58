/** Attacks on AuthEnvelopedData, each by its id in the project's list (A1-A15, A17, A18, D1, D3-D7, G1). */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import {
  concat,
  decodeAuthEnvelopedData,
  encodeDer,
  equal,
  exportPublicKey,
  fromHex,
  generatePrivateKey,
  ID_DATA,
  type MaybePromise,
  octetString,
  sequence,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import { systemRandom } from '@stanzaseal/cms/provider';
import {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  childrenOf,
  countedProvider,
  fastest,
  parseBadPeer,
  pathsOf,
  refusal,
  SEALED_PATH,
  unsafeSeededRandom,
  writeBadPeer,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cekCommitment, contentKey, encrypt, keyEncryptionKey, readObject, sharedInfo } from '../src/index.js';
import { aadOf, hkdf, partsOf, rebuilt } from './rebuilt.js';
import { salamander } from './salamander.js';
import {
  clearContextTo,
  crypto,
  general,
  keys,
  open,
  openGeneral,
  type Recipients,
  refusals,
  refused,
  sealed,
  signed,
  world,
} from './world.js';

const test = suite('attacks on AuthEnvelopedData');
const one: Recipients = [keys.prekeyA.publicKey];
const three: Recipients = [keys.prekeyA.publicKey, keys.prekeyB.publicKey, keys.prekeyC.publicKey];
const { der, cek } = await sealed(one);
const plain = await general(one, signed, false);
const none = new Uint8Array(0);
const oid = (hex: string): BadPeerValue => badPeerValue(0x06, fromHex(hex));
const NULL = badPeerValue(0x05, none);
const GCM = '60864801650304012e';
const CEK_HKDF = '2a864886f70d010910031f';
const set = (content: Uint8Array | BadPeerValue[], path: readonly number[]) => (root: BadPeerValue) => {
  at(root, ...path).content = content;
};

test('the objects open unchanged, and rebuilt by who knows the CEK', async () => {
  assert.equal((await open(der)).content, signed);
  assert.equal((await open(rebuilt(der, cek, signed, () => {}))).content, signed);
  assert.equal((await openGeneral(plain.der)).content, signed);
  assert.equal(
    (await openGeneral(rebuilt(plain.der, plain.cek, signed, () => {}, { wrapped: false }))).content,
    signed,
  );
});

test('A1: GCM replaced by OFB, CBC, CFB, CCM, a shorter AES, ChaCha20-Poly1305 or nothing known, inside and outside RFC 9709', async () => {
  const block = badPeerValue(0x04, new Uint8Array(16));
  const gcmParameters = at(parseBadPeer(der), ...SEALED_PATH.innerAlgorithm, 1);
  const algorithms: BadPeerValue[][] = [
    ...['60864801650304012b', '60864801650304012a', '60864801650304012c', '2a864886f70d0307'].map((hex) => [
      oid(hex),
      block,
    ]),
    ...['60864801650304012f', '608648016503040106', '60864801650304011a', '2a864886f70d0109100312'].map((hex) => [
      oid(hex),
      gcmParameters,
    ]),
  ];
  for (const content of algorithms) {
    await refused(changed(der, set(content, SEALED_PATH.innerAlgorithm)), 'inside');
    await refused(changed(der, set(content, SEALED_PATH.contentEncryptionAlgorithm)), 'instead of RFC 9709');
    await refused(
      changed(plain.der, (root) => {
        partsOf(root).algorithm.content = content;
      }),
      'outside',
    );
  }
});

test('A2: the same octets relabelled EnvelopedData, EncryptedData, SignedData, data', async () => {
  for (const type of [
    '2a864886f70d010703',
    '2a864886f70d010706',
    '2a864886f70d010702',
    '2a864886f70d010701',
    '2a864886f70d0109100102',
  ]) {
    await refused(changed(der, set(fromHex(type), SEALED_PATH.contentType)), type);
  }
});

test('A3: RFC 9709 stripped: another key and so garbage; and the sealed profile refuses even a right tag without it', async () => {
  const strip = (root: BadPeerValue) => {
    const { algorithm } = partsOf(root);
    algorithm.content = at(algorithm, 1).content;
  };
  await refused(changed(der, strip), 'stripped');
  const stripped = rebuilt(der, cek, signed, strip, { wrapped: false });
  assert.equal((await openGeneral(stripped)).content, signed, 'the tag is right');
  await refused(stripped, 'stripped with a right tag', ['sealed']);
  await refused(
    changed(plain.der, (root) => {
      const { algorithm } = partsOf(root);
      algorithm.content = [oid(CEK_HKDF), badPeerValue(0x30, algorithm.content)];
    }),
    'wrapped afterwards',
  );
});

test('A4: RFC 9709 around CBC, around itself, around nothing, NULL, or what cannot be read', async () => {
  const inner = at(parseBadPeer(der), ...SEALED_PATH.innerAlgorithm);
  for (const parameters of [
    [],
    [NULL],
    [badPeerValue(0x30, [])],
    [badPeerValue(0x04, none)],
    [badPeerValue(0x30, [NULL])],
    [badPeerValue(0x30, [oid('608648016503040102'), badPeerValue(0x04, new Uint8Array(16))])],
    [badPeerValue(0x30, [oid(CEK_HKDF), inner])],
    [inner, inner],
    [inner, NULL],
    [badPeerValue(0x31, inner.content)],
    [badPeerValue(0x30, [oid(GCM)])],
    [badPeerValue(0x30, [oid(GCM), NULL])],
  ])
    await refused(
      changed(der, set([oid(CEK_HKDF), ...parameters], SEALED_PATH.contentEncryptionAlgorithm)),
      toHex(writeBadPeer(badPeerValue(0x30, parameters))),
    );
});

test('A5: one bit of the nonce changes the key', async () => {
  for (let bit = 0; bit < 96; bit++) {
    await refused(
      changed(der, (root) => {
        const nonce = at(root, ...SEALED_PATH.innerAlgorithm, 1, 0).content as Uint8Array;
        nonce[bit >> 3] = (nonce[bit >> 3] as number) ^ (1 << (bit & 7));
      }),
      `bit ${bit}`,
      ['sealed'],
    );
  }
});

test('A6: tags of 1, 4, 8 and 12 to 15 octets, each with the right tag so short, and the length absent, which means 12', async () => {
  for (const [object, objectCek, wrapped] of [
    [der, cek, true],
    [plain.der, plain.cek, false],
  ] as const) {
    const parameters = (root: BadPeerValue) =>
      wrapped ? at(root, ...SEALED_PATH.innerAlgorithm, 1) : at(partsOf(root).algorithm, 1);
    for (const tagLength of [4, 8, 12, 13, 14, 15]) {
      const change = (root: BadPeerValue) => {
        at(parameters(root), 1).content = Uint8Array.of(tagLength);
      };
      const cut = rebuilt(object, objectCek, signed, change, { wrapped, tagLength });
      await refused(cut, `${tagLength} octets`, tagLength < 12 ? undefined : ['sealed']);
      if (tagLength >= 12) assert.equal((await openGeneral(cut)).content, signed, 'RFC 5084 §3.2 has them');
    }
    const absent = (root: BadPeerValue) => void childrenOf(parameters(root)).pop();
    const byDefault = rebuilt(object, objectCek, signed, absent, { wrapped, tagLength: 12 });
    await refused(byDefault, 'length absent, tag of 12', ['sealed']);
    assert.equal((await openGeneral(byDefault)).content, signed, 'DEFAULT 12, as GnuPG writes it');
    await refused(rebuilt(object, objectCek, signed, absent, { wrapped }), 'length absent, tag of 16');
    await refused(
      rebuilt(object, objectCek, signed, () => {}, { wrapped, tagLength: 12 }),
      'length 16, tag of 12',
    );
    for (const length of [0, 1, 4]) {
      await refused(
        changed(object, (root) => {
          at(parameters(root), 1).content = Uint8Array.of(length);
          const { mac } = partsOf(root);
          mac.content = (mac.content as Uint8Array).subarray(0, length);
        }),
        `CVE-2026-34182: ${length} octets`,
      );
    }
    await refused(
      changed(object, (root) => {
        partsOf(root).mac.content = concat(partsOf(root).mac.content as Uint8Array, none, Uint8Array.of(0));
      }),
      '17 octets',
    );
  }
});

test('A7: nonces of other than 12 octets, with a right tag where GCM takes them; parameters absent or bare', async () => {
  const { crypto: counted, counts } = countedProvider(crypto);
  for (const length of [1, 8, 11, 13, 16, 64]) {
    const forged = rebuilt(
      plain.der,
      plain.cek,
      signed,
      (root) => {
        at(partsOf(root).algorithm, 1, 0).content = new Uint8Array(length).fill(1);
      },
      { wrapped: false },
    );
    if (length < 12 || length > 16) await refused(forged, `${length} octets`);
    else assert.equal((await openGeneral(forged)).content, signed, `${length} octets, of RFC 5084 §3.2`);
    const inside = rebuilt(der, cek, signed, (root) => {
      at(root, ...SEALED_PATH.innerAlgorithm, 1, 0).content = new Uint8Array(length).fill(1);
    });
    assert.is((await refusal(() => open(inside, [keys.prekeyA], counted)))?.code, 'ERR_OPEN');
  }
  for (const length of [0, 65_536]) {
    await refused(
      changed(plain.der, (root) => {
        at(partsOf(root).algorithm, 1, 0).content = new Uint8Array(length);
      }),
      `${length} octets`,
    );
  }
  await refused(
    changed(plain.der, (root) => void childrenOf(partsOf(root).algorithm).pop()),
    'parameters absent',
  );
  await refused(
    changed(plain.der, (root) => {
      childrenOf(partsOf(root).algorithm)[1] = badPeerValue(0x04, new Uint8Array(12));
    }),
    'a bare OCTET STRING',
  );
  assert.is(counts.agree + counts.unwrapKey + counts.decryptAesGcm, 0, 'before any key was used');
});

test('A8: empty content with a wrong tag, and no content at all', async () => {
  const empty = await sealed(one, none);
  assert.is((await open(empty.der)).content.length, 0);
  await refused(
    changed(empty.der, (root) => {
      partsOf(root).mac.content = new Uint8Array(16);
    }),
    'wrong tag',
  );
  await refused(
    changed(empty.der, (root) => void childrenOf(at(root, ...SEALED_PATH.encryptedContentInfo)).pop()),
    'content absent, tag right',
  );
});

test('A9: the key encryption algorithm without its key wrap, with NULL, another wrap or another scheme', async () => {
  const scheme = '2a864886f70d0109100313';
  const wrap = (hex: string, ...more: BadPeerValue[]) => badPeerValue(0x30, [oid(hex), ...more]);
  const AES256 = '60864801650304012d';
  for (const content of [
    [oid(scheme)],
    [oid(scheme), NULL],
    [oid(scheme), wrap('608648016503040105')],
    [oid(scheme), wrap('608648016503040119')],
    [oid(scheme), wrap(AES256, NULL)],
    [oid(scheme), wrap('608648016503040130')],
    [oid(scheme), wrap(AES256), NULL],
    [oid('2a864886f70d0109100314'), wrap(AES256)],
    [oid('2a864886f70d0109100315'), wrap(AES256)],
    [oid('2b81048a3f010b01'), wrap(AES256)],
    [],
  ])
    await refused(
      changed(der, set(content, SEALED_PATH.keyEncryptionAlgorithm)),
      toHex(writeBadPeer(badPeerValue(0x30, content))),
    );
});

/** The key-encryption key of the general profile, which sends no ukm (RFC 8418 §2.2). */
function keyWithoutUkm(secret: Uint8Array): MaybePromise<Uint8Array> {
  return crypto.hkdfSha256(secret, none, fromHex('3015300b060960864801650304012da206040400000100'), 32);
}

test('A10: wrapped keys of other lengths, and honest wraps of keys of 16 and 64 octets', async () => {
  const { crypto: counted, counts } = countedProvider(crypto);
  for (const length of [0, 8, 16, 24, 32, 39, 41, 48, 65_536]) {
    const forged = changed(der, set(new Uint8Array(length), [...SEALED_PATH.recipientEncryptedKeys, 0, 1]));
    await refused(forged, `${length} octets`);
    assert.is((await refusal(() => open(forged, [keys.prekeyA], counted)))?.code, 'ERR_OPEN');
  }
  assert.is(counts.agree, 0);
  const ephemeral = await crypto.agreementKey(new Uint8Array(32).fill(3));
  for (const length of [16, 24, 64]) {
    const wrapping = await keyWithoutUkm(await ephemeral.agree(one[0]));
    const wrapped = createCipheriv('id-aes256-wrap', wrapping, Buffer.alloc(8, 0xa6)).update(
      new Uint8Array(length).fill(5),
    );
    await refused(
      changed(plain.der, (root) => {
        (at(root, ...SEALED_PATH.originatorKey, 1).content as Uint8Array).set(ephemeral.publicKey.raw, 1);
        at(root, ...SEALED_PATH.kari, -1, 0, 1).content = new Uint8Array(wrapped);
      }),
      `a key of ${length} octets`,
    );
  }
});

const foreign: Readonly<Record<string, BadPeerValue>> = {
  KeyTransRecipientInfo: badPeerValue(0x30, [
    badPeerValue(2, Uint8Array.of(2)),
    badPeerValue(0x80, new Uint8Array(32)),
    badPeerValue(0x30, [oid('2a864886f70d010107'), badPeerValue(0x30, [])]),
    badPeerValue(4, new Uint8Array(256)),
  ]),
  KEKRecipientInfo: badPeerValue(0xa2, [
    badPeerValue(2, Uint8Array.of(4)),
    badPeerValue(0x30, [badPeerValue(4, new Uint8Array(16))]),
    badPeerValue(0x30, [oid('60864801650304012d')]),
    badPeerValue(4, new Uint8Array(40)),
  ]),
  'PasswordRecipientInfo without a derivation': badPeerValue(0xa3, [
    badPeerValue(2, Uint8Array.of(0)),
    badPeerValue(0x30, [
      oid('2a864886f70d0109100309'),
      badPeerValue(0x30, [oid('60864801650304012b'), badPeerValue(4, new Uint8Array(16))]),
    ]),
    badPeerValue(4, Uint8Array.of(1)),
  ]),
  OtherRecipientInfo: badPeerValue(0xa4, [oid('2a864886f70d010910100103'), badPeerValue(0x30, [])]),
  'an unknown alternative': badPeerValue(0xa5, []),
};

test('A11, A12: other RecipientInfos in the place of ours or beside it', async () => {
  for (const [name, info] of Object.entries(foreign)) {
    await refused(
      changed(der, (root) => {
        at(root, ...SEALED_PATH.recipientInfos).content = [info];
      }),
      `${name} alone`,
    );
    for (const order of [1, -1]) {
      await refused(
        changed(der, (root) => {
          const infos = childrenOf(at(root, ...SEALED_PATH.recipientInfos));
          infos.push(info);
          infos.sort((a, b) => order * Buffer.compare(writeBadPeer(a), writeBadPeer(b)));
        }),
        `${name} beside`,
        ['sealed'],
      );
    }
  }
  await refused(
    changed(der, (root) => {
      at(root, ...SEALED_PATH.recipientInfos).content = [];
    }),
    'none',
  );
  await refused(
    changed(der, (root) => {
      const infos = childrenOf(at(root, ...SEALED_PATH.recipientInfos));
      const second = parseBadPeer(writeBadPeer(infos[0] as BadPeerValue));
      (at(second, 4, 0, 0, 0).content as Uint8Array)[31] = 1;
      infos.push(second);
      infos.sort((a, b) => Buffer.compare(writeBadPeer(a), writeBadPeer(b)));
    }),
    'a second KeyAgreeRecipientInfo',
    ['sealed'],
  );
});

test('A12: an object that is all for others is refused without any public-key operation', async () => {
  const { crypto: counted, counts } = countedProvider(crypto);
  const foreigner = await generatePrivateKey('X25519', unsafeSeededRandom('foreigner'), crypto);
  assert.is((await refusal(() => open(der, [], counted)))?.code, 'ERR_OPEN');
  assert.is((await refusal(() => open(der, [foreigner], counted)))?.code, 'ERR_OPEN');
  assert.is(counts.agree + counts.unwrapKey + counts.decryptAesGcm, 0);
});

test('A13: two entries for one key are refused at once; of several own keys exactly one is tried, and none after it', async () => {
  const entry = (root: BadPeerValue) => at(root, ...SEALED_PATH.recipientEncryptedKeys, 0);
  const doubled = changed(der, (root) => {
    const second = parseBadPeer(writeBadPeer(entry(root)));
    at(second, 1).content = new Uint8Array(40).fill(1);
    childrenOf(at(root, ...SEALED_PATH.recipientEncryptedKeys)).push(second);
  });
  await refused(doubled, 'two entries', ['sealed']);
  const { crypto: counted, counts, reset } = countedProvider(crypto);
  assert.is((await refusal(() => open(doubled, [keys.prekeyA], counted)))?.code, 'ERR_OPEN');
  assert.is(counts.agree, 0);

  const toAll = await sealed(three);
  const own = [keys.prekeyA, keys.prekeyB, keys.prekeyC];
  reset();
  assert.equal((await open(toAll.der, own, counted)).content, signed);
  assert.is(counts.agree, 1);
  // The first entry broken: the others would open, but to try them would tell which.
  const firstBroken = changed(toAll.der, (root) => {
    at(root, ...SEALED_PATH.recipientEncryptedKeys, 0, 1).content = new Uint8Array(40);
  });
  reset();
  assert.is((await refusal(() => open(firstBroken, own, counted)))?.code, 'ERR_OPEN');
  assert.is(counts.agree, 1);
});

const attributesOf = (root: BadPeerValue) => childrenOf(at(root, ...SEALED_PATH.authAttrs));
const sort = (root: BadPeerValue) =>
  void attributesOf(root).sort((a, b) => Buffer.compare(writeBadPeer(a), writeBadPeer(b)));
/** Last octets of attrType, which tell the three attributes apart. */
const [CONTENT_TYPE, CLEAR_CONTEXT, COMMITMENT] = ['010903', '0201', '0202'] as const;
const attributeOf = (root: BadPeerValue, start: string) =>
  attributesOf(root).find((each) => toHex(at(each, 0).content as Uint8Array).endsWith(start)) as BadPeerValue;

test('A14: authAttrs missing, empty, out of order, with one more or fewer, of another type, or not under the tag', async () => {
  await refused(
    changed(der, (root) => void childrenOf(at(root, ...SEALED_PATH.data)).splice(3, 1)),
    'missing',
  );
  await refused(
    rebuilt(der, cek, signed, (root) => void childrenOf(at(root, ...SEALED_PATH.data)).splice(3, 1)),
    'missing, with a right tag',
  );
  await refused(rebuilt(der, cek, signed, set([], SEALED_PATH.authAttrs)), 'empty');
  await refused(
    changed(der, (root) => void attributesOf(root).reverse()),
    'reversed',
    ['sealed'],
  );
  await refused(
    rebuilt(der, cek, signed, (root) => void attributesOf(root).reverse()),
    'reversed, with a right tag',
  );
  await refused(
    changed(der, (root) => {
      at(root, ...SEALED_PATH.authAttrs).length = 'indefinite';
    }),
    'BER',
    ['sealed'],
  );
  for (const [name, end] of [
    ['content-type', CONTENT_TYPE],
    ['clear context', CLEAR_CONTEXT],
    ['commitment', COMMITMENT],
  ] as const) {
    const gone = (root: BadPeerValue) =>
      void attributesOf(root).splice(attributesOf(root).indexOf(attributeOf(root, end)), 1);
    await refused(
      rebuilt(der, cek, signed, gone),
      `without ${name}`,
      end === CONTENT_TYPE ? ['sealed', 'general'] : ['sealed'],
    );
  }
  // No key is needed to see it: an archive, which has none, must not keep such an object.
  const short = rebuilt(der, cek, signed, (root) => {
    at(attributeOf(root, COMMITMENT), 1, 0).content = new Uint8Array(31);
    sort(root);
  });
  assert.is((await refusal(() => readObject(short, { crypto })))?.code, 'ERR_OPEN', 'a commitment of 31 octets');
  await refused(
    rebuilt(der, cek, signed, (root) => {
      attributesOf(root).push(badPeerValue(0x30, [oid('2a0304'), badPeerValue(0x31, [NULL])]));
      sort(root);
    }),
    'a fourth attribute',
    ['sealed'],
  );
  await refused(
    rebuilt(der, cek, signed, (root) => {
      at(attributeOf(root, CONTENT_TYPE), 1, 0).content = ID_DATA;
      sort(root);
    }),
    'content-type of data',
  );
  await refused(
    rebuilt(der, cek, signed, (root) => {
      at(root, ...SEALED_PATH.encryptedContentInfo, 0).content = ID_DATA;
      at(attributeOf(root, CONTENT_TYPE), 1, 0).content = ID_DATA;
      sort(root);
    }),
    'data inside, said so in both places',
    ['sealed'],
  );
  await refused(
    changed(
      der,
      (root) =>
        void childrenOf(at(root, ...SEALED_PATH.data)).push(
          badPeerValue(0xa2, [badPeerValue(0x30, [oid('2a0304'), badPeerValue(0x31, [NULL])])]),
        ),
    ),
    'unauthAttrs',
    ['sealed'],
  );
  await refused(
    changed(der, (root) => void childrenOf(at(root, ...SEALED_PATH.data)).splice(1, 0, badPeerValue(0xa0, []))),
    'originatorInfo',
    ['sealed'],
  );
  // Encrypted without AAD, or over the attributes as they stand under [1]: the tag is then over something else.
  for (const aad of [none, writeBadPeer(at(parseBadPeer(der), ...SEALED_PATH.authAttrs))]) {
    const root = parseBadPeer(der);
    const { algorithm, encryptedContent, mac } = partsOf(root);
    const inner = at(algorithm, 1);
    const cipher = createCipheriv(
      'aes-256-gcm',
      hkdf(cek, 'The Cryptographic Message Syntax', writeBadPeer(inner)),
      at(inner, 1, 0).content as Uint8Array,
    );
    cipher.setAAD(aad);
    encryptedContent.content = new Uint8Array(Buffer.concat([cipher.update(signed), cipher.final()]));
    mac.content = new Uint8Array(cipher.getAuthTag());
    await refused(writeBadPeer(root), 'AAD of other octets');
  }
});

test('A14: version numbers other than 0 and 3', async () => {
  for (const version of [1, 2, 3, 4]) {
    await refused(changed(der, set(Uint8Array.of(version), SEALED_PATH.version)), `AuthEnvelopedData ${version}`);
    if (version !== 3)
      await refused(
        changed(der, set(Uint8Array.of(version), SEALED_PATH.kariVersion)),
        `KeyAgreeRecipientInfo ${version}`,
      );
  }
});

test('A15, E1, E2: the originator as another alternative, of another algorithm, with parameters, of another length, not canonical, of small order', async () => {
  const originatorKey = parseBadPeer(der);
  const raw = (at(originatorKey, ...SEALED_PATH.originatorKey, 1).content as Uint8Array).subarray(1);
  await refused(
    changed(
      der,
      set([badPeerValue(0x30, [badPeerValue(0x30, []), badPeerValue(2, Uint8Array.of(1))])], SEALED_PATH.originator),
    ),
    'issuerAndSerialNumber',
  );
  await refused(
    changed(der, set([badPeerValue(0x80, new Uint8Array(32))], SEALED_PATH.originator)),
    'subjectKeyIdentifier',
  );
  await refused(changed(der, set([], SEALED_PATH.originator)), 'nothing');
  const algorithm = [...SEALED_PATH.originatorKey, 0];
  for (const content of [
    [oid('2b656f')],
    [oid('2b6570')],
    [oid('2b656e'), NULL],
    [oid('2a8648ce3d0201'), oid('2a8648ce3d030107')],
    [],
  ])
    await refused(changed(der, set(content, algorithm)), 'algorithm');
  const point = (octets: Uint8Array, unused = 0) =>
    set(concat(Uint8Array.of(unused), octets), [...SEALED_PATH.originatorKey, 1]);
  const highBit = raw.slice();
  highBit[31] = (highBit[31] as number) | 0x80;
  for (const [why, octets] of [
    ['31 octets', raw.subarray(1)],
    ['33 octets', concat(raw, Uint8Array.of(0))],
    ['empty', none],
    ['bit 255, the alias of the same secret', highBit],
    ['zero', new Uint8Array(32)],
    ['one', concat(Uint8Array.of(1), new Uint8Array(31))],
    ['p', fromHex(`ed${'ff'.repeat(30)}7f`)],
    ['p - 1', fromHex(`ec${'ff'.repeat(30)}7f`)],
    ['order 8', fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')],
  ] as const)
    await refused(changed(der, point(octets)), why);
  for (const octets of [none, raw.subarray(1), concat(raw, Uint8Array.of(0))]) {
    assert.throws(() => decodeAuthEnvelopedData(changed(der, point(octets))), /another length/);
  }
  await refused(changed(der, point(raw, 1)), 'unused bits');
});

test('A17: nothing of the content is given out on a wrong tag, not even in the error', async () => {
  const forged = changed(der, (root) => {
    const { mac } = partsOf(root);
    (mac.content as Uint8Array)[15] = ((mac.content as Uint8Array)[15] as number) ^ 1;
  });
  const error = await refusal(() => open(forged));
  const seen = new Set<unknown>();
  for (let each: unknown = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each);
    assert.not.match(`${each.message} ${JSON.stringify(each)} ${Object.values(each)}`, 'Wherefore');
    assert.ok(Object.values(each).every((value) => !(value instanceof Uint8Array)));
  }
});

test('A18: cut at every octet, and one octet too many', async () => {
  for (const { name, der: whole } of world.objects.filter((each) => /^(sealed|general)/.test(each.name))) {
    for (let length = 0; length < whole.length; length++)
      await refused(whole.subarray(0, length), `${name} cut at ${length}`);
    await refused(concat(whole, Uint8Array.of(0)), name);
  }
});

test('every one-bit flip of a golden object is refused, but in what belongs to other recipients', async () => {
  for (const { name, der: whole, read } of world.objects.filter((each) => /^(sealed|general)/.test(each.name))) {
    const listed = new Set<number>();
    const entries = name.startsWith('sealed') ? decodeAuthEnvelopedData(whole).kari.recipientEncryptedKeys : [];
    for (const { rKeyId, encryptedKey } of entries) {
      // The set listed by hand: the wrapped key of another, which its owner alone can judge.
      if (!equal(rKeyId, one[0].keyIdentifier))
        for (let i = 0; i < 40; i++) listed.add(encryptedKey.byteOffset - whole.byteOffset + i);
    }
    assert.is(listed.size, name === 'sealed to three' ? 80 : 0);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const octets = whole.slice();
      octets[bit >> 3] = (octets[bit >> 3] as number) ^ (1 << (bit & 7));
      const error = await refusal(() => read(octets));
      // A changed object identifier may be one that general CMS does not speak, which is said in its own code.
      const isRefused = error?.code === 'ERR_OPEN' || (error?.code === 'ERR_UNSUPPORTED' && /^general/.test(name));
      if (isRefused === listed.has(bit >> 3)) assert.unreachable(`${name} bit ${bit}: ${error}`);
    }
  }
});

test('D1: a salamander: two contents under one tag, and only the commitment stops the second', async () => {
  const recipients: Recipients = [keys.prekeyA.publicKey, keys.prekeyB.publicKey];
  const made = { general: await general(recipients), sealed: await sealed(recipients) };
  const [toA, toB] = [toUtf8('Meet me at dawn.'), toUtf8('I never met you!')];
  for (const profile of ['general', 'sealed'] as const) {
    const { der: object, cek: cek1 } = made[profile];
    const cek2 = new Uint8Array(32).fill(0x2a);
    // The ephemeral secret is the malicious sender's own, so both wraps are honest.
    const ephemeral = await crypto.agreementKey(new Uint8Array(32).fill(0x17));
    const ukm = profile === 'sealed' ? decodeAuthEnvelopedData(object).kari.ukm : undefined;
    const root = parseBadPeer(object);
    at(root, ...SEALED_PATH.originatorKey, 1).content = concat(Uint8Array.of(0), ephemeral.publicKey.raw);
    for (const entry of childrenOf(at(root, ...SEALED_PATH.kari, -1))) {
      const isA = equal(at(entry, 0, 0).content as Uint8Array, keys.prekeyA.publicKey.keyIdentifier);
      const secret = await ephemeral.agree((isA ? keys.prekeyA : keys.prekeyB).publicKey);
      const wrapping =
        ukm === undefined ? await keyWithoutUkm(secret) : await keyEncryptionKey(secret, ukm, sharedInfo(ukm), crypto);
      at(entry, 1).content = await crypto.wrapKey(wrapping, isA ? cek1 : cek2);
    }
    const { algorithm, encryptedContent, mac } = partsOf(root);
    const [inner, nonce] = [writeBadPeer(at(algorithm, 1)), at(algorithm, 1, 1, 0).content as Uint8Array];
    const contentKeys = [await contentKey(cek1, inner, crypto), await contentKey(cek2, inner, crypto)] as const;
    const { ciphertext, tag } = salamander(contentKeys, nonce, aadOf(root), toA, toB);
    encryptedContent.content = ciphertext;
    mac.content = tag;
    const both = writeBadPeer(root);
    for (const key of contentKeys) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
      decipher.setAAD(aadOf(root)).setAuthTag(tag);
      decipher.update(ciphertext);
      decipher.final(); // throws on a wrong tag
    }
    const opened = await (profile === 'sealed' ? open : openGeneral)(both, [keys.prekeyA]);
    assert.equal(opened.content.subarray(0, 16), toA);
    if (profile === 'general') {
      assert.equal(
        (await openGeneral(both, [keys.prekeyB])).content.subarray(16, 32),
        toB,
        'GCM alone opens to B as well',
      );
    } else {
      const { crypto: counted, counts } = countedProvider(crypto);
      const error = await refusal(() => open(both, [keys.prekeyB], counted));
      assert.is(error?.code, 'ERR_OPEN');
      assert.is(counts.unwrapKey, 1, 'the CEK was unwrapped');
      assert.is(counts.decryptAesGcm, 0, 'and refused by its commitment, before anything was decrypted');
      // Nor can anybody who lacks the CEK put the other commitment there.
      const commitment = await cekCommitment(cek2, crypto);
      await refused(
        changed(both, (tree) => {
          at(attributeOf(tree, COMMITMENT), 1, 0).content = commitment;
        }),
        'the commitment is under the tag',
      );
    }
  }
});

test('D3: a recipient added, dropped, exchanged or put twice', async () => {
  const toThree = await sealed(three);
  const ghost = await generatePrivateKey('X25519', unsafeSeededRandom('ghost'), crypto);
  const entries = (root: BadPeerValue) => childrenOf(at(root, ...SEALED_PATH.recipientEncryptedKeys));
  const other = (root: BadPeerValue) =>
    entries(root).findIndex((entry) => !equal(at(entry, 0, 0).content as Uint8Array, one[0].keyIdentifier));
  const edits: Readonly<Record<string, (root: BadPeerValue) => void>> = {
    added: (root) =>
      void entries(root).push(
        badPeerValue(0x30, [
          badPeerValue(0xa0, [badPeerValue(4, ghost.publicKey.keyIdentifier)]),
          badPeerValue(4, new Uint8Array(40)),
        ]),
      ),
    dropped: (root) => void entries(root).splice(other(root), 1),
    exchanged: (root) => {
      at(entries(root)[other(root)] as BadPeerValue, 0, 0).content = ghost.publicKey.keyIdentifier;
    },
  };
  for (const [name, edit] of Object.entries(edits)) {
    const edited = changed(toThree.der, edit);
    await refused(edited, name, ['sealed']);
    assert.equal((await openGeneral(edited)).content, signed, 'general CMS promises nothing about it');
  }
  const twice = changed(
    toThree.der,
    (root) => void entries(root).push(parseBadPeer(writeBadPeer(entries(root)[other(root)] as BadPeerValue))),
  );
  await refused(twice, 'twice', ['sealed']);
});

test('D3: an rKeyId with date or other, cut, or empty', async () => {
  const identifier = [...SEALED_PATH.recipientEncryptedKeys, 0, 0];
  await refused(
    changed(
      der,
      (root) => void childrenOf(at(root, ...identifier)).push(badPeerValue(0x18, toUtf8('20261121040000Z'))),
    ),
    'date',
    ['sealed'],
  );
  await refused(
    changed(der, (root) => {
      at(root, ...identifier, 0).content = one[0].keyIdentifier.subarray(0, 20);
    }),
    'cut',
  );
  await refused(
    changed(der, (root) => {
      at(root, ...identifier, 0).content = none;
    }),
    'empty',
  );
  await refused(
    changed(der, (root) => {
      at(root, ...SEALED_PATH.recipientEncryptedKeys, 0).content = [
        badPeerValue(0x30, []),
        badPeerValue(4, new Uint8Array(40)),
      ];
    }),
    'issuerAndSerialNumber',
  );
});

test("D4: an insider encrypts other content under the same CEK: it decrypts, and its signature is nobody's", async () => {
  const forged = toUtf8('<envelope>I am Juliet</envelope>');
  const insider = rebuilt(der, cek, forged, () => {});
  const { content } = await open(insider);
  assert.equal(content, forged, 'encryption says nothing of who wrote it');
  const verifyInside = world.object('inner SignedData').read;
  await verifyInside((await open(der)).content);
  assert.is((await refusal(() => verifyInside(content)))?.code, 'ERR_VERIFY');
  const altered = signed.slice();
  altered[200] = (altered[200] as number) ^ 1;
  assert.is(
    (await refusal(async () => verifyInside((await open(rebuilt(der, cek, altered, () => {}))).content)))?.code,
    'ERR_VERIFY',
  );
});

test('D5: 10,000 seals: every ephemeral key, CEK and nonce is new', async () => {
  const clearContext = await clearContextTo(one);
  const [ceks, nonces, ephemerals] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (let i = 0; i < 10_000; i++) {
    const { der: object, cek: fresh } = await encrypt(none, {
      recipients: one,
      clearContext,
      random: systemRandom,
      crypto,
    });
    const { contentEncryption, kari } = decodeAuthEnvelopedData(object);
    ceks.add(toHex(fresh));
    nonces.add(toHex(contentEncryption.nonce));
    ephemerals.add(toHex(kari.originatorKey.raw));
  }
  assert.equal([ceks.size, nonces.size, ephemerals.size], [10_000, 10_000, 10_000]);
});

test("D6: another recipient's wrapped key does not open with one's own key", async () => {
  const toThree = await sealed(three);
  for (const [i, j] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ] as const) {
    const swapped = changed(toThree.der, (root) => {
      const entries = childrenOf(at(root, ...SEALED_PATH.recipientEncryptedKeys));
      const [a, b] = [entries[i], entries[j]] as [BadPeerValue, BadPeerValue];
      [at(a, 1).content, at(b, 1).content] = [at(b, 1).content, at(a, 1).content];
    });
    let opened = 0;
    for (const key of [keys.prekeyA, keys.prekeyB, keys.prekeyC])
      if ((await refusal(() => open(swapped, [key]))) === undefined) opened++;
    assert.is(opened, 1, 'the one that was not exchanged');
  }
});

test('D6: the wrapped keys of another object, under another context, do not fit', async () => {
  const again = await sealed(one);
  const grafted = changed(der, (root) => {
    at(root, ...SEALED_PATH.recipientInfos).content = at(
      parseBadPeer(again.der),
      ...SEALED_PATH.recipientInfos,
    ).content;
  });
  await refused(grafted, 'recipients of another object');
  await refused(
    changed(der, (root) => {
      at(root, ...SEALED_PATH.ukm).content = new Uint8Array(32);
    }),
    'another ukm',
  );
  await refused(
    changed(der, (root) => void childrenOf(at(root, ...SEALED_PATH.kari)).splice(2, 1)),
    'no ukm',
  );
  const context = toHex(await clearContextTo(one)).replace(toHex(toUtf8('juliet')), toHex(toUtf8('nurse!')));
  await refused(
    rebuilt(der, cek, signed, (root) => {
      Object.assign(at(attributeOf(root, CLEAR_CONTEXT), 1), { content: [parseBadPeer(fromHex(context))] });
    }),
    'another sender in the context, with a right tag',
    ['sealed'],
  );
});

test('D7: entries shuffled on the wire open as before', async () => {
  const toThree = await sealed(three);
  for (const key of [keys.prekeyA, keys.prekeyB, keys.prekeyC]) {
    const shuffled = changed(
      toThree.der,
      (root) => void childrenOf(at(root, ...SEALED_PATH.recipientEncryptedKeys)).reverse(),
    );
    assert.equal((await open(shuffled, [key])).content, signed);
  }
});

test('G1: 10^5 recipients are refused by their number before any key is used; 512 strangers cost no agreement; one of 512 costs one', async () => {
  const { crypto: counted, counts, reset } = countedProvider(crypto);
  const entry = (i: number) =>
    sequence(
      {
        tag: 0xa0,
        length: 34,
        content: [octetString(Uint8Array.of(...new Uint8Array(28), i >>> 24, i >>> 16, i >>> 8, i))],
      },
      octetString(new Uint8Array(40)),
    );
  const withEntries = (count: number) =>
    changed(plain.der, (root) => {
      at(root, ...SEALED_PATH.kari, -1).content = Array.from({ length: count }, (_, i) =>
        parseBadPeer(encodeDer(entry(i))),
      );
    });
  const huge = withEntries(100_000);
  for (const limits of [undefined, { octets: 2 ** 30, depth: 16, recipients: 512 }]) {
    const ms = await fastest(async () => {
      const parameters = { profile: 'sealed' as const, crypto: counted, ...(limits === undefined ? {} : { limits }) };
      assert.is((await refusal(() => readObject(huge, parameters)))?.code, 'ERR_OPEN');
    });
    assert.ok(ms < 50, `${ms} ms`);
  }
  await refused(withEntries(513), '513');
  const many = await Promise.all(
    Array.from(
      { length: 511 },
      async (_, i) => (await generatePrivateKey('X25519', unsafeSeededRandom(`${i}`), crypto)).publicKey,
    ),
  );
  const strangers = await sealed([...many, keys.prekeyB.publicKey] as unknown as Recipients);
  reset();
  assert.is((await refusal(() => open(strangers.der, [keys.prekeyA], counted)))?.code, 'ERR_OPEN');
  assert.is(counts.agree, 0);
  const { der: toMany } = await sealed([...many, keys.prekeyA.publicKey] as unknown as Recipients);
  assert.equal((await open(toMany, [keys.prekeyA], counted)).content, signed);
  assert.is(counts.agree, 1);
});

test('G1: garbage costs no public-key operation', async () => {
  const { crypto: counted, counts } = countedProvider(crypto);
  const random = unsafeSeededRandom('garbage');
  for (const garbage of [
    none,
    random(10),
    random(1_000),
    random(300_000),
    signed,
    exportPublicKey(one[0]),
    new Uint8Array(262_144).fill(0x30),
  ]) {
    assert.is((await refusal(() => open(garbage, [keys.prekeyA], counted)))?.code, 'ERR_OPEN');
  }
  assert.is(counts.agree, 0);
});

test('each value of an object exchanged for each other value of it is refused', async () => {
  const paths = pathsOf(parseBadPeer(der)).filter((path) => path.length > 1);
  for (const from of paths) {
    for (const to of paths.filter((_, i) => i % 3 === 0)) {
      const root = parseBadPeer(der);
      Object.assign(at(root, ...to), parseBadPeer(writeBadPeer(at(parseBadPeer(der), ...from))));
      const mutant = writeBadPeer(root);
      if (!equal(mutant, der)) await refused(mutant, `[${from}] at [${to}]`, ['sealed']);
    }
  }
});

test('rule U: all these refusals were one: the same class, name, code and message', () => {
  assert.equal([...refusals], ['EnvelopeError EnvelopeError ERR_OPEN object is not for us, or damaged']);
});

test.run();
