/** Attacks on SignedData of the general profile, each by its id in the project's list (B1-B14, E4), by signers who sign anew. */
import {
  concat,
  contentTypeAttribute,
  encodeAttributes,
  fromHex,
  ID_CT_DEVICE_LIST,
  ID_CT_SEALED_STANZA,
  ID_DATA,
  messageDigestAttribute,
  oid,
  signingTimeAttribute,
  toUtf8,
} from '@stanzaseal/cms';
import type { SignatureScheme } from '@stanzaseal/cms/general';
import {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  childrenOf,
  parseBadPeer,
  refusal,
  SIGNED_PATH,
  writeBadPeer,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GeneralVerifyParameters, type SignaturePolicy, sign, verify } from '../src/general/index.js';
import {
  content,
  contentType,
  crypto,
  keyOf,
  laxPolicy,
  mailPolicy,
  policy,
  random,
  resigned,
  signingTime,
} from './generalWorld.js';

const test = suite('attacks on general SignedData');
const common = { profile: 'general', contentType, signingTime, random, crypto } as const;
const SIGNERS: readonly (readonly ['Ed25519' | 'P-384', SignatureScheme])[] = [
  ['Ed25519', { name: 'Ed25519' }],
  ['P-384', { name: 'ECDSA', hash: 'SHA-384' }],
];
/** Primitives that take every signature: what is refused with them is refused for its form, before a key is used. */
const credulous = { ...crypto, verify: () => true };
const NOTHING = new Uint8Array(0);
const CONTENT_TYPE = '2a864886f70d010903';
const MESSAGE_DIGEST = '2a864886f70d010904';
const SIGNING_TIME = '2a864886f70d010905';

type Change = (root: BadPeerValue) => void;
const signedAttrs = (root: BadPeerValue) => childrenOf(at(root, ...SIGNED_PATH.signedAttrs));
const named = (root: BadPeerValue, type: string): BadPeerValue =>
  signedAttrs(root).find(
    (each) => Buffer.from(at(each, 0).content as Uint8Array).toString('hex') === type,
  ) as BadPeerValue;
const sort = (root: BadPeerValue) =>
  void signedAttrs(root).sort((a, b) => Buffer.compare(writeBadPeer(a), writeBadPeer(b)));
const without =
  (type: string): Change =>
  (root) =>
    void signedAttrs(root).splice(signedAttrs(root).indexOf(named(root, type)), 1);
const again =
  (type: string, change: (copy: BadPeerValue) => void = () => {}): Change =>
  (root) => {
    const copy = parseBadPeer(writeBadPeer(named(root, type)));
    change(copy);
    signedAttrs(root).push(copy);
    sort(root);
  };
const valued =
  (type: string, ...values: BadPeerValue[]): Change =>
  (root) => {
    at(named(root, type), 1).content = values;
    sort(root);
  };
const adding =
  (...attributes: BadPeerValue[]): Change =>
  (root) => {
    signedAttrs(root).push(...attributes);
    sort(root);
  };
/** Attributes as values, of the DER of a set of them. */
const unset = (der: Uint8Array) => childrenOf(parseBadPeer(der));
const algorithm = (dotted: string, ...parameters: BadPeerValue[]) =>
  badPeerValue(0x30, [badPeerValue(0x06, oid(dotted)), ...parameters]);
const SHA512 = '2.16.840.1.101.3.4.2.3';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA1 = '1.3.14.3.2.26';
const NULL = badPeerValue(0x05, NOTHING);

interface Case {
  readonly der: Uint8Array;
  /** Verifies octets under the honest key. */
  readonly code: (octets: Uint8Array, parameters?: Partial<GeneralVerifyParameters>) => Promise<string | undefined>;
  /** Signs a change with the honest key, and verifies. */
  readonly codeOf: (change: Change, parameters?: Partial<GeneralVerifyParameters>) => Promise<string | undefined>;
}

async function caseOf([name, scheme]: (typeof SIGNERS)[number], type: Uint8Array = contentType): Promise<Case> {
  const key = await keyOf(name);
  const der = await sign(content, { ...common, contentType: type, signers: [{ key }] });
  const code: Case['code'] = async (octets, parameters = {}) => {
    const signers = [{ key: key.publicKey }] as const;
    const error = await refusal(() => verify(octets, { profile: 'general', policy, crypto, signers, ...parameters }));
    return error?.code ?? error?.name;
  };
  return {
    der,
    code,
    codeOf: async (change, parameters) => code(await resigned(der, key, scheme, change), parameters),
  };
}

for (const signer of SIGNERS) {
  const [name, scheme] = signer;

  test(`${name}: an honest signer's object verifies, signed again or not`, async () => {
    const { der, code, codeOf } = await caseOf(signer);
    assert.is(await code(der), undefined);
    assert.is(await codeOf(() => {}), undefined);
  });

  test(`${name}: B1: no signer`, async () => {
    const { der, code } = await caseOf(signer);
    const none = changed(der, (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfos)).splice(0));
    assert.is(await code(none), 'ERR_VERIFY');
    for (const each of ['any', 'all'] as const)
      assert.is(await code(none, { policy: { ...laxPolicy, signers: each } }), 'ERR_VERIFY');
  });

  test(`${name}: B2: signed attributes stripped and put in place of the content`, async () => {
    for (const type of [contentType, ID_DATA, ID_CT_SEALED_STANZA]) {
      const { der, code } = await caseOf(signer, type);
      const attributes = writeBadPeer({
        tag: 0x31,
        content: at(parseBadPeer(der), ...SIGNED_PATH.signedAttrs).content,
      });
      for (const label of [type, ID_DATA]) {
        const forged = changed(der, (root) => {
          at(root, ...SIGNED_PATH.eContentType).content = label;
          at(root, ...SIGNED_PATH.eContent).content = attributes;
          childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(3, 1);
        });
        for (const each of [policy, mailPolicy, laxPolicy])
          assert.is(await code(forged, { policy: each }), 'ERR_VERIFY');
        const detached = changed(
          forged,
          (root) => void childrenOf(at(root, ...SIGNED_PATH.encapContentInfo)).splice(1),
        );
        assert.is(await code(detached, { policy: laxPolicy, content: attributes }), 'ERR_VERIFY', 'detached');
      }
    }
  });

  test(`${name}: without signed attributes: id-data alone, by policy alone, never a content type of ours`, async () => {
    const bare: Change = (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(3, 1);
    const { codeOf } = await caseOf(signer, ID_DATA);
    assert.is(await codeOf(bare, { policy: laxPolicy }), undefined);
    const partly: SignaturePolicy[] = [policy, mailPolicy, { ...policy, missingSignedAttributes: true }];
    for (const each of partly) assert.is(await codeOf(bare, { policy: each }), 'ERR_VERIFY');
    assert.is(await codeOf(bare, { policy: { ...laxPolicy, signingTime: 'required' } }), 'ERR_VERIFY');
    for (const type of [contentType, ID_CT_SEALED_STANZA, ID_CT_DEVICE_LIST]) {
      const other = await caseOf(signer, type);
      assert.is(await other.codeOf(bare, { policy: laxPolicy }), 'ERR_VERIFY', 'RFC 5652 §5.3');
    }
  });

  test(`${name}: B3: content that parses as signed attributes is neither signed nor verified without them`, async () => {
    const key = await keyOf(name);
    const { der, code } = await caseOf(signer, ID_DATA);
    const digest = messageDigestAttribute(new Uint8Array(64));
    const sorted = encodeAttributes([contentTypeAttribute(ID_DATA), digest, signingTimeAttribute(signingTime)]);
    const unsorted = changed(sorted, (root) => void childrenOf(root).reverse());
    for (const attributes of [sorted, unsorted, fromHex('3100')]) {
      const error = await refusal(() => sign(attributes, { ...common, signers: [{ key }] }));
      assert.is(error?.name, 'RangeError');
      const signed = await resigned(der, key, scheme, (root) => {
        at(root, ...SIGNED_PATH.eContent).content = attributes;
        childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(3, 1);
      });
      assert.is(await code(signed, { policy: laxPolicy }), 'ERR_VERIFY');
    }
  });

  test(`${name}: B4: content-type of another type, missing, twice, with two values or none, of another form`, async () => {
    const { codeOf } = await caseOf(signer);
    const type = (octets: Uint8Array) => badPeerValue(0x06, octets);
    const changes: Record<string, Change> = {
      eContentType: (root) => {
        at(root, ...SIGNED_PATH.eContentType).content = ID_CT_SEALED_STANZA;
      },
      'the attribute': valued(CONTENT_TYPE, type(ID_CT_SEALED_STANZA)),
      missing: without(CONTENT_TYPE),
      twice: again(CONTENT_TYPE),
      'twice, one of them another': again(CONTENT_TYPE, (copy) => {
        at(copy, 1, 0).content = ID_DATA;
      }),
      'two values': valued(CONTENT_TYPE, type(contentType), type(ID_DATA)),
      'no value': valued(CONTENT_TYPE),
      'an OCTET STRING': valued(CONTENT_TYPE, badPeerValue(0x04, contentType)),
      'no attributes at all': (root) => void signedAttrs(root).splice(0),
    };
    for (const [why, change] of Object.entries(changes))
      assert.is(await codeOf(change, { policy: laxPolicy }), 'ERR_VERIFY', why);
  });

  test(`${name}: B5: message-digest missing, twice, with two values, of another type or length, of other content`, async () => {
    const { der, codeOf } = await caseOf(signer);
    const digest = at(named(parseBadPeer(der), MESSAGE_DIGEST), 1, 0).content as Uint8Array;
    const octets = (value: Uint8Array) => badPeerValue(0x04, value);
    const changes: Record<string, Change> = {
      missing: without(MESSAGE_DIGEST),
      twice: again(MESSAGE_DIGEST),
      'twice, one of them another': again(MESSAGE_DIGEST, (copy) => {
        at(copy, 1, 0).content = digest.map((octet) => octet ^ 1);
      }),
      'two values': valued(MESSAGE_DIGEST, octets(digest), octets(digest.subarray(1))),
      'an INTEGER': valued(MESSAGE_DIGEST, badPeerValue(0x02, digest)),
      cut: valued(MESSAGE_DIGEST, octets(digest.subarray(0, 32))),
      empty: valued(MESSAGE_DIGEST, octets(NOTHING)),
      'other content': (root) => {
        at(root, ...SIGNED_PATH.eContent).content = toUtf8('It is the east, and Juliet is the sun.');
      },
    };
    for (const [why, change] of Object.entries(changes)) assert.is(await codeOf(change), 'ERR_VERIFY', why);
  });

  test(`${name}: B6: a digest that is not announced, or belongs to another signature; SHA-1 is not spoken`, async () => {
    const { codeOf } = await caseOf(signer);
    const own = name === 'Ed25519' ? SHA512 : SHA384;
    const announced =
      (...digests: BadPeerValue[]): Change =>
      (root) => {
        at(root, ...SIGNED_PATH.digestAlgorithms).content = digests;
      };
    assert.is(await codeOf(announced()), 'ERR_VERIFY', 'none');
    assert.is(await codeOf(announced(algorithm(SHA256))), 'ERR_VERIFY', 'another');
    assert.is(await codeOf(announced(algorithm(SHA256), algorithm(own))), undefined, "others' digests may be there");
    assert.is(await codeOf(announced(algorithm(own, NULL))), undefined, 'RFC 5754 §2: NULL is taken');
    const throughout =
      (dotted: string, digest: Uint8Array, ...parameters: BadPeerValue[]): Change =>
      (root) => {
        announced(algorithm(dotted))(root);
        childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(2, 1, algorithm(dotted, ...parameters));
        valued(MESSAGE_DIGEST, badPeerValue(0x04, digest))(root);
      };
    const right = await crypto.digest(name === 'Ed25519' ? 'SHA-512' : 'SHA-384', content);
    assert.is(await codeOf(throughout(own, right, NULL)), undefined, 'NULL');
    assert.is(await codeOf(throughout(own, right, badPeerValue(0x04, NOTHING))), 'ERR_UNSUPPORTED', 'other parameters');
    assert.is(await codeOf(throughout(SHA256, await crypto.digest('SHA-256', content))), 'ERR_VERIFY', 'SHA-256');
    assert.is(await codeOf(throughout(SHA1, await crypto.digest('SHA-1', content))), 'ERR_UNSUPPORTED', 'SHA-1');
  });

  test(`${name}: B7: signed as DER, whatever the order on the wire`, async () => {
    const { der, code, codeOf } = await caseOf(signer);
    const reverse: Change = (root) => void signedAttrs(root).reverse();
    assert.is(await codeOf(reverse), 'ERR_VERIFY', 'signed as they stand');
    assert.is(await code(changed(der, reverse)), undefined, 'signed as DER: RFC 5652 §5.4');
    const root = parseBadPeer(der);
    const tagged = writeBadPeer(at(root, ...SIGNED_PATH.signedAttrs));
    at(root, ...SIGNED_PATH.signature).content = await crypto.sign(await keyOf(name), scheme, tagged, random);
    assert.is(await code(writeBadPeer(root)), 'ERR_VERIFY', 'signed under the tag [0]');
  });

  test(`${name}: B10: unsigned attributes say nothing: what must be signed is refused there, the rest is data`, async () => {
    const { der, code } = await caseOf(signer);
    const key = (await keyOf(name)).publicKey;
    const unsigned = (...attributes: BadPeerValue[]) =>
      changed(der, (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).push(badPeerValue(0xa1, attributes)));
    const misplaced = unset(
      encodeAttributes([signingTimeAttribute(0), contentTypeAttribute(ID_DATA), messageDigestAttribute(content)]),
    );
    for (const each of misplaced) assert.is(await code(unsigned(each)), 'ERR_VERIFY');
    assert.is(await code(unsigned()), undefined, 'an empty set, which says nothing');
    // A countersignature that is no signature at all.
    const countersignature = badPeerValue(0x30, [
      badPeerValue(0x06, oid('1.2.840.113549.1.9.6')),
      badPeerValue(0x31, [badPeerValue(0x30, [])]),
    ]);
    const signers = [{ key }] as const;
    const { signatures } = await verify(unsigned(countersignature), { profile: 'general', signers, policy, crypto });
    assert.is(signatures[0].unsignedAttrs.length, 1);
    assert.equal(signatures[0].unsignedAttrs[0]?.values, [fromHex('3000')]);
    const certificate = badPeerValue(0xa0, [badPeerValue(0x30, unset(encodeAttributes([signingTimeAttribute(0)])))]);
    const carrying = changed(der, (root) => void childrenOf(at(root, ...SIGNED_PATH.data)).splice(3, 0, certificate));
    assert.is(await code(carrying), undefined, 'certificates have no say');
  });

  test(`${name}: RFC 5652 §11.4: a countersignature among the signed attributes`, async () => {
    const { codeOf } = await caseOf(signer);
    const type = badPeerValue(0x06, oid('1.2.840.113549.1.9.6'));
    const countersignature = badPeerValue(0x30, [type, badPeerValue(0x31, [badPeerValue(0x30, [])])]);
    assert.is(await codeOf(adding(countersignature)), 'ERR_VERIFY');
  });

  test(`${name}: B11: signing-time: once, one value, a day that exists, and there where the policy asks for it`, async () => {
    const { codeOf } = await caseOf(signer);
    const time = (tag: number, text: string) => badPeerValue(tag, toUtf8(text));
    assert.is(await codeOf(without(SIGNING_TIME)), undefined);
    assert.is(await codeOf(without(SIGNING_TIME), { policy: { ...policy, signingTime: 'required' } }), 'ERR_VERIFY');
    assert.is(await codeOf(() => {}, { policy: { ...policy, signingTime: 'required' } }), undefined);
    for (const values of [
      [time(0x17, '260230000000Z')],
      [time(0x18, '20261121040000Z')],
      [time(0x17, '2611210400Z')],
      [time(0x17, '261121040000Z'), time(0x17, '261121040001Z')],
      [],
    ])
      assert.is(await codeOf(valued(SIGNING_TIME, ...values)), 'ERR_VERIFY');
    assert.is(await codeOf(again(SIGNING_TIME)), 'ERR_VERIFY');
  });

  test(`${name}: B12: algorithms of other keys, and parameters`, async () => {
    const { codeOf } = await caseOf(signer);
    const by =
      (...inside: BadPeerValue[]): Change =>
      (root) => {
        at(root, ...SIGNED_PATH.signatureAlgorithm).content = inside;
      };
    const own = name === 'Ed25519' ? '1.3.101.112' : '1.2.840.10045.4.3.3';
    const id = (dotted: string) => badPeerValue(0x06, oid(dotted));
    assert.is(await codeOf(by(id(own))), undefined);
    const withParameters = name === 'Ed25519' ? 'ERR_VERIFY' : 'ERR_UNSUPPORTED';
    assert.is(await codeOf(by(id(own), NULL)), withParameters, 'NULL');
    assert.is(await codeOf(by(id(own), badPeerValue(0x04, NOTHING))), withParameters, 'a context');
    const others = [
      '1.3.101.113',
      '1.3.101.114',
      '1.2.840.113549.1.1.11',
      '1.2.840.113549.1.1.10',
      '1.2.840.10040.4.3',
    ];
    others.push('2.16.840.1.101.3.4.3.17', name === 'Ed25519' ? '1.2.840.10045.4.3.4' : '1.3.101.112');
    for (const dotted of others) assert.is(await codeOf(by(id(dotted))), 'ERR_VERIFY', dotted);
    if (name === 'P-384') {
      assert.is(await codeOf(by(id('1.2.840.10045.4.3.2'))), 'ERR_VERIFY', 'with SHA-256 and a digest of SHA-384');
      assert.is(await codeOf(by(id('1.2.840.10045.4.1'))), 'ERR_UNSUPPORTED', 'ecdsa-with-SHA1');
    }
  });

  test(`${name}: B13: a composite signature, whole, cut or empty`, async () => {
    const { der, code } = await caseOf(signer);
    for (const signature of ['3000', '300403020000', '30060302000003020000', '']) {
      const forged = changed(der, (root) => {
        at(root, ...SIGNED_PATH.signatureAlgorithm).content = [badPeerValue(0x06, fromHex('2b0601050507062e'))];
        at(root, ...SIGNED_PATH.signature).content = fromHex(signature);
      });
      assert.is(await code(forged), 'ERR_VERIFY');
    }
  });

  test(`${name}: B14: what is signed as one kind of thing is no other kind`, async () => {
    const { der, code } = await caseOf(signer, ID_CT_DEVICE_LIST);
    assert.is(await code(der, { contentType: ID_CT_DEVICE_LIST }), undefined);
    assert.is(await code(der, { contentType: ID_CT_SEALED_STANZA }), 'ERR_VERIFY');
    const relabelled = changed(der, (root) => {
      at(root, ...SIGNED_PATH.eContentType).content = ID_CT_SEALED_STANZA;
    });
    assert.is(await code(relabelled, { contentType: ID_CT_SEALED_STANZA }), 'ERR_VERIFY');
  });

  test(`${name}: RFC 6211: id-aa-CMSAlgorithmProtection names the algorithms, once, and signed`, async () => {
    const { der, code, codeOf } = await caseOf(signer);
    const signature = parseBadPeer(der);
    const own = at(signature, ...SIGNED_PATH.signatureAlgorithm).content;
    const digest = name === 'Ed25519' ? SHA512 : SHA384;
    const protection = (...inside: BadPeerValue[]) =>
      badPeerValue(0x30, [
        badPeerValue(0x06, oid('1.2.840.113549.1.9.52')),
        badPeerValue(0x31, [badPeerValue(0x30, inside)]),
      ]);
    const right = protection(algorithm(digest), badPeerValue(0xa1, own));
    assert.is(await codeOf(adding(right)), undefined);
    assert.is(await codeOf(adding(protection(algorithm(digest, NULL), badPeerValue(0xa1, own)))), undefined, 'NULL');
    const wrong = [
      protection(algorithm(SHA256), badPeerValue(0xa1, own)),
      protection(algorithm(digest), badPeerValue(0xa1, [badPeerValue(0x06, oid('1.3.101.113'))])),
      protection(algorithm(digest), badPeerValue(0xa2, own)),
      protection(algorithm(digest)),
      protection(),
    ];
    for (const each of wrong) assert.is(await codeOf(adding(each)), 'ERR_VERIFY');
    assert.is(await codeOf(adding(right, right)), 'ERR_VERIFY', 'twice');
    const unsigned = changed(
      der,
      (root) => void childrenOf(at(root, ...SIGNED_PATH.signerInfo)).push(badPeerValue(0xa1, [right])),
    );
    assert.is(await code(unsigned), 'ERR_VERIFY', 'unsigned');
  });
}

test('E4: Ed25519: R of small order or not canonical, S + L, lengths other than 64', async () => {
  const { der, code } = await caseOf(SIGNERS[0] as (typeof SIGNERS)[number]);
  const signature = at(parseBadPeer(der), ...SIGNED_PATH.signature).content as Uint8Array;
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = signature.subarray(32).reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n) + order;
  const plusOrder = Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n));
  const bad = [
    concat(Uint8Array.of(1), new Uint8Array(31), signature.subarray(32)),
    concat(new Uint8Array(32).fill(0xff), signature.subarray(32)),
    concat(signature.subarray(0, 32), plusOrder),
    ...[0, 32, 63, 65].map((length) => concat(signature, signature).subarray(0, length)),
  ];
  for (const each of bad) {
    const forged = changed(der, (root) => {
      at(root, ...SIGNED_PATH.signature).content = each;
    });
    assert.is(await code(forged), 'ERR_VERIFY');
    // S is the primitive's to judge.
    if (each !== bad[2]) assert.is(await code(forged, { crypto: credulous }), 'ERR_VERIFY');
  }
});

test('E4: ECDSA: not DER, padded, negative, zero, the order and beyond, trailing octets, raw r || s', async () => {
  const { der, code } = await caseOf(SIGNERS[1] as (typeof SIGNERS)[number]);
  const signature = at(parseBadPeer(der), ...SIGNED_PATH.signature).content as Uint8Array;
  const [r, s] = childrenOf(parseBadPeer(signature)).map((number) => number.content as Uint8Array);
  assert.ok(r !== undefined && s !== undefined);
  const order = fromHex(
    '00ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  );
  const value = (octets: Uint8Array, tag = 0x02) => badPeerValue(tag, octets);
  const both = (...values: BadPeerValue[]) => badPeerValue(0x30, values);
  const plus = (octets: Uint8Array): Uint8Array => {
    const sum = BigInt(`0x${Buffer.from(octets).toString('hex')}`) + BigInt(`0x${Buffer.from(order).toString('hex')}`);
    return fromHex(`00${sum.toString(16).padStart(98, '0')}`.replace(/^0000(?=[89a-f])/, '00'));
  };
  const bad: Record<string, Uint8Array> = {
    'r zero': writeBadPeer(both(value(Uint8Array.of(0)), value(s))),
    's zero': writeBadPeer(both(value(r), value(Uint8Array.of(0)))),
    'r the order': writeBadPeer(both(value(order), value(s))),
    's the order': writeBadPeer(both(value(r), value(order))),
    'r + order': writeBadPeer(both(value(plus(r)), value(s))),
    's + order': writeBadPeer(both(value(r), value(plus(s)))),
    'r padded': writeBadPeer(both(value(concat(Uint8Array.of(0), r)), value(s))),
    'r negative': writeBadPeer(both(value(concat(Uint8Array.of(0xff), r)), value(s))),
    'r of another type': writeBadPeer(both(value(r, 0x04), value(s))),
    'three numbers': writeBadPeer(both(value(r), value(s), value(s))),
    'one number': writeBadPeer(both(value(r))),
    'BER length': writeBadPeer({ ...both(value(r), value(s)), length: 2 }),
    'trailing octet': concat(signature, Uint8Array.of(0)),
    'trailing octet inside': writeBadPeer(both(value(r), { ...value(s), trailing: Uint8Array.of(5, 0) })),
    empty: NOTHING,
    'r || s': concat(r.subarray(-48), s.subarray(-48)),
  };
  for (const [why, each] of Object.entries(bad)) {
    const forged = changed(der, (root) => {
      at(root, ...SIGNED_PATH.signature).content = each;
    });
    assert.is(await code(forged), 'ERR_VERIFY', why);
    assert.is(await code(forged, { crypto: credulous }), 'ERR_VERIFY', why);
  }
});

test('RSA: PSS parameters left out, of SHA-1, of two hashes, of another mask or trailer, of other salts; PKCS#1 v1.5', async () => {
  const key = await keyOf('RSA');
  const der = await sign(content, { ...common, signers: [{ key }] });
  let primitives = crypto;
  const code = async (...inside: BadPeerValue[]) => {
    const forged = changed(der, (root) => {
      at(root, ...SIGNED_PATH.signatureAlgorithm).content = inside;
    });
    const signers = [{ key: key.publicKey }] as const;
    return (await refusal(() => verify(forged, { profile: 'general', signers, policy, crypto: primitives })))?.code;
  };
  const pss = badPeerValue(0x06, oid('1.2.840.113549.1.1.10'));
  const explicit = (number: number, value: BadPeerValue) => badPeerValue(0xa0 | number, [value]);
  const number = (...octets: number[]) => badPeerValue(0x02, Uint8Array.from(octets));
  const mask = (hash: BadPeerValue, id = '1.2.840.113549.1.1.8') => explicit(1, algorithm(id, hash));
  const hash = explicit(0, algorithm(SHA256));
  const parameters = (...inside: BadPeerValue[]) => badPeerValue(0x30, inside);
  const salt = explicit(2, number(32));
  const good = [hash, mask(algorithm(SHA256)), salt];
  assert.is(await code(pss, parameters(...good)), undefined);
  assert.is(await code(pss, parameters(...good, explicit(3, number(1)))), undefined, 'the DEFAULT, written');
  const withNull = [explicit(0, algorithm(SHA256, NULL)), mask(algorithm(SHA256, NULL)), salt];
  assert.is(await code(pss, parameters(...withNull)), undefined, 'NULL parameters, as OpenSSL and others write');
  const cases: readonly (readonly [string, string, ...BadPeerValue[]])[] = [
    ['ERR_UNSUPPORTED', 'no parameters (RFC 4056 §3)', pss],
    ['ERR_UNSUPPORTED', 'SHA-1 by DEFAULT', pss, parameters()],
    ['ERR_UNSUPPORTED', 'mask by DEFAULT', pss, parameters(hash, salt)],
    ['ERR_UNSUPPORTED', 'two hashes', pss, parameters(hash, mask(algorithm(SHA512)), salt)],
    ['ERR_UNSUPPORTED', 'another mask', pss, parameters(hash, mask(algorithm(SHA256), '1.2.840.113549.1.1.9'), salt)],
    ['ERR_UNSUPPORTED', 'trailer 2', pss, parameters(...good, explicit(3, number(2)))],
    ['ERR_VERIFY', 'salt of 20', pss, parameters(hash, mask(algorithm(SHA256)))],
    ['ERR_VERIFY', 'salt of 33', pss, parameters(hash, mask(algorithm(SHA256)), explicit(2, number(33)))],
    ['ERR_VERIFY', 'salt of 351', pss, parameters(hash, mask(algorithm(SHA256)), explicit(2, number(1, 95)))],
    ['ERR_VERIFY', 'salt of -1', pss, parameters(hash, mask(algorithm(SHA256)), explicit(2, number(0xff)))],
    [
      'ERR_VERIFY',
      'salt of 2^40',
      pss,
      parameters(hash, mask(algorithm(SHA256)), explicit(2, number(1, 0, 0, 0, 0, 0))),
    ],
    ['ERR_VERIFY', 'more', pss, parameters(...good, number(1))],
    ['ERR_VERIFY', 'NULL', pss, NULL],
    [
      'ERR_VERIFY',
      'SHA-512 and a digest of SHA-256',
      pss,
      parameters(explicit(0, algorithm(SHA512)), mask(algorithm(SHA512)), salt),
    ],
    ['ERR_UNSUPPORTED', 'rsaEncryption', badPeerValue(0x06, oid('1.2.840.113549.1.1.1')), NULL],
    ['ERR_UNSUPPORTED', 'PKCS#1 v1.5 with SHA-256', badPeerValue(0x06, oid('1.2.840.113549.1.1.11')), NULL],
    ['ERR_VERIFY', 'DSA', badPeerValue(0x06, oid('2.16.840.1.101.3.4.3.2'))],
  ];
  for (const [expected, why, ...inside] of cases) assert.is(await code(...inside), expected, why);
  primitives = credulous;
  const salted = (...octets: number[]) => parameters(hash, mask(algorithm(SHA256)), explicit(2, number(...octets)));
  assert.is(await code(pss, salted(1, 94)), undefined, '350 octets are the most that 3072 bits have room for');
  for (const octets of [[1, 95], [1, 0, 0, 0, 0, 0], [0xff]])
    assert.is(await code(pss, salted(...octets)), 'ERR_VERIFY', `salt of ${octets}`);
});

test('ML-DSA: a digest too weak for the level (RFC 9882 §3.3), another level, another length', async () => {
  const name = { 'SHA-256': SHA256, 'SHA-384': SHA384, 'SHA-512': SHA512 } as const;
  const weakest = { 'ML-DSA-44': 'SHA-256', 'ML-DSA-65': 'SHA-384', 'ML-DSA-87': 'SHA-512' } as const;
  for (const level of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
    const key = await keyOf(level);
    const signers = [{ key: key.publicKey }] as const;
    const der = await sign(content, { ...common, signers: [{ key }] });
    for (const hash of ['SHA-256', 'SHA-384', 'SHA-512'] as const) {
      const digest = await crypto.digest(hash, content);
      const other = await resigned(der, key, { name: 'ML-DSA' }, (root) => {
        at(root, ...SIGNED_PATH.digestAlgorithms).content = [algorithm(name[hash])];
        childrenOf(at(root, ...SIGNED_PATH.signerInfo)).splice(2, 1, algorithm(name[hash]));
        valued(MESSAGE_DIGEST, badPeerValue(0x04, digest))(root);
      });
      const error = await refusal(() => verify(other, { profile: 'general', signers, policy, crypto }));
      assert.is(error?.code, hash >= weakest[level] ? undefined : 'ERR_VERIFY', `${level} ${hash}`);
    }
    for (const change of [(octets: Uint8Array) => octets.subarray(1), (octets: Uint8Array) => concat(octets, octets)]) {
      const cut = changed(der, (root) => {
        const signature = at(root, ...SIGNED_PATH.signature);
        signature.content = change(signature.content as Uint8Array);
      });
      const error = await refusal(() => verify(cut, { profile: 'general', signers, policy, crypto }));
      assert.is(error?.code, 'ERR_VERIFY');
    }
  }
});

test.run();
