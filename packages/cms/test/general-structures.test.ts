/** General structures: what is written is read back, in DER and in BER, whole and in pieces; and what is refused. */
import { at, changed, childrenOf, goldenWorld, parseBadPeer } from '@stanzaseal/testkit';
import * as asn1 from 'asn1js';
import * as pkijs from 'pkijs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  authEnvelopedDataFrame,
  authenticatedDataFrame,
  type ContentFrame,
  encodeAuthenticatedDataTail,
  encodeGeneralAuthEnvelopedData,
  encodeGeneralAuthenticatedData,
  encodeGeneralSignedData,
  encodeRecipientInfo,
  encodeSignerInfos,
  GENERAL_LIMITS,
  type GeneralContentInfo,
  type GeneralRecipientInfo,
  generalAttributes,
  readGeneralContentInfo,
  readGeneralSignedData,
  readSignedDataWithPkijs,
  signedDataFrame,
  singleValue,
} from '../src/general/index.js';
import {
  CmsError,
  type CmsErrorCode,
  concat,
  decodeAuthEnvelopedData,
  decodeDerTree,
  decodeSignedData,
  encodeDer,
  encodeParts,
  equal,
  fromHex,
  ID_CONTENT_TYPE,
  ID_DATA,
  ID_SIGNED_DATA,
  integer,
  objectIdentifier,
  oid,
  toHex,
} from '../src/index.js';
import { authEnvelopedData, authenticatedData, byIdentifier, recipients, signedData, toBer } from './generalSamples.js';

const test = suite('general structures');
const world = await goldenWorld();
const read = (octets: Uint8Array): GeneralContentInfo => readGeneralContentInfo(octets, GENERAL_LIMITS);
const refuses = (octets: Uint8Array, code: CmsErrorCode, message: RegExp): void =>
  assert.throws(
    () => read(octets),
    (error: unknown) => error instanceof CmsError && error.code === code && message.test(error.message),
  );

/** Values with octets as hexadecimal digits and SETs sorted, for comparing. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, part]): [string, unknown] => {
    const inside = plain(part);
    const isSet = ['recipientInfos', 'signerInfos', 'attributes', 'values', 'digestAlgorithms'].includes(name);
    return [name, isSet ? [...(inside as unknown[])].sort(byText) : inside];
  });
  return Object.fromEntries(entries);
}
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const samples = [
  { kind: 'SignedData', data: signedData, der: encodeGeneralSignedData(signedData) },
  { kind: 'AuthEnvelopedData', data: authEnvelopedData, der: encodeGeneralAuthEnvelopedData(authEnvelopedData) },
  { kind: 'AuthenticatedData', data: authenticatedData, der: encodeGeneralAuthenticatedData(authenticatedData) },
] as const;

for (const { kind, data, der } of samples) {
  test(`${kind}: strict DER, read back as it was, from BER too`, () => {
    decodeDerTree(der);
    assert.equal(plain(read(der)), plain({ kind, ...data }));
    const ber = toBer(der);
    assert.ok(ber.length > der.length);
    assert.equal(plain(read(ber)), plain({ kind, ...data }));
    assert.equal(plain(read(Buffer.from(der) as Uint8Array)), plain({ kind, ...data }), 'from a Buffer');
  });

  test(`${kind}: every truncation is refused`, () => {
    for (let length = 0; length < der.length; length++) refuses(der.subarray(0, length), 'ERR_DER', /./);
    refuses(concat(der, Uint8Array.of(0)), 'ERR_DER', /trailing/);
  });
}

test('golden objects: the same as the strict reader, and written back to the same octets', () => {
  let enveloped = 0;
  let signed = 0;
  for (const { name, der, authenticated } of world.objects) {
    if (name === 'inner SignedData') {
      const inner = readGeneralSignedData(der, GENERAL_LIMITS);
      assert.is(toHex(encodeGeneralSignedData(inner, 'SignedData')), toHex(der), name);
    } else if (!authenticated && name !== 'sealed to three') {
      refuses(der, 'ERR_DER', /./);
    } else {
      const general = read(der);
      if (general.kind === 'AuthEnvelopedData') {
        enveloped++;
        assert.is(toHex(encodeGeneralAuthEnvelopedData(general)), toHex(der), name);
        // The strict reader knows the sealed profile and no other.
        if (!name.startsWith('sealed')) continue;
        const strict = decodeAuthEnvelopedData(der);
        const [kari] = general.recipientInfos;
        assert.ok(kari?.kind === 'kari', name);
        assert.is(toHex(kari.originatorKey?.publicKey as Uint8Array), toHex(strict.kari.originatorKey.raw));
        assert.is(kari.recipientEncryptedKeys.length, strict.kari.recipientEncryptedKeys.length);
        assert.is(toHex(general.mac), toHex(strict.mac));
        assert.is(toHex(general.encryptedContent as Uint8Array), toHex(strict.encryptedContent));
        assert.is(toHex(general.authAttrs?.der ?? new Uint8Array(0)), toHex(strict.authAttrsDer));
      } else {
        signed++;
        assert.ok(general.kind === 'SignedData', name);
        const strict = decodeSignedData(der);
        assert.is(toHex(general.eContentType), toHex(strict.eContentType));
        assert.equal(
          plain(general.signerInfos.map((each) => each.signature)),
          plain(strict.signerInfos.map((each) => each.signature)),
        );
        assert.is(toHex(encodeGeneralSignedData(general)), toHex(der), name);
      }
    }
  }
  assert.ok(enveloped >= 4 && signed >= 4);
});

test('a SignedData without ContentInfo', () => {
  const bare = encodeGeneralSignedData(signedData, 'SignedData');
  assert.equal(plain(readGeneralSignedData(bare, GENERAL_LIMITS)), plain(signedData));
  assert.throws(() => readGeneralSignedData(encodeGeneralSignedData(signedData), GENERAL_LIMITS), /another value/);
});

test('detached content is absent, empty content is empty', () => {
  for (const content of [undefined, new Uint8Array(0)]) {
    const signed = read(encodeGeneralSignedData({ ...signedData, eContent: content }));
    assert.ok(signed.kind === 'SignedData');
    assert.equal(signed.eContent, content);
    const enveloped = read(encodeGeneralAuthEnvelopedData({ ...authEnvelopedData, encryptedContent: content }));
    assert.ok(enveloped.kind === 'AuthEnvelopedData');
    assert.equal(enveloped.encryptedContent, content);
    const authenticated = read(encodeGeneralAuthenticatedData({ ...authenticatedData, eContent: content }));
    assert.ok(authenticated.kind === 'AuthenticatedData');
    assert.equal(authenticated.eContent, content);
  }
});

test('RFC 5652 §5.1: version 1 only for id-data and signers named by certificate', () => {
  const [first] = signedData.signerInfos;
  assert.ok(first);
  for (const [eContentType, signerInfos, version] of [
    [ID_DATA, [first], 1],
    [ID_DATA, [{ ...first, sid: byIdentifier }], 3],
    [ID_SIGNED_DATA, [first], 3],
  ] as const) {
    const signed = read(encodeGeneralSignedData({ ...signedData, eContentType, signerInfos }));
    assert.is('version' in signed ? signed.version : -1, version);
  }
});

test('pkijs reads what is written: recipients and signers', () => {
  for (const recipient of recipients) {
    if (recipient.kind === 'other' || recipient.kind === 'kemri') continue;
    const schema = asn1.fromBER(encodeRecipientInfo(recipient).slice()).result;
    const { value } = new pkijs.RecipientInfo({ schema });
    const encryptedKey =
      value instanceof pkijs.KeyAgreeRecipientInfo
        ? value.recipientEncryptedKeys.encryptedKeys[0]?.encryptedKey
        : (value as pkijs.KeyTransRecipientInfo).encryptedKey;
    const expected =
      recipient.kind === 'kari' ? recipient.recipientEncryptedKeys[0]?.encryptedKey : recipient.encryptedKey;
    assert.ok(
      expected && encryptedKey && equal(new Uint8Array(encryptedKey.valueBlock.valueHexView), expected),
      recipient.kind,
    );
    assert.is((value as pkijs.KeyTransRecipientInfo).version, recipient.version, recipient.kind);
  }
  const signed = readSignedDataWithPkijs(encodeGeneralSignedData(signedData), GENERAL_LIMITS);
  assert.is(signed.version, 3);
  const attributes = signed.signerInfos.find(({ signedAttrsDer }) => signedAttrsDer !== undefined)?.signedAttrsDer;
  assert.ok(attributes && equal(attributes, signedData.signerInfos[0]?.signedAttrs?.der as Uint8Array));
});

/** DER with the value at a path replaced. */
function replaced(der: Uint8Array, path: readonly number[], by: string): Uint8Array {
  return changed(der, (root) => {
    childrenOf(at(root, ...path.slice(0, -1)))[path.at(-1) as number] = parseBadPeer(fromHex(by));
  });
}

/** Content through a frame, in pieces of a length. */
function framed<Tail>(frame: ContentFrame<Tail>, content: Uint8Array, piece: number, tail: Tail): Uint8Array {
  const parts = [frame.head];
  for (let from = 0; from < content.length; from += piece) {
    const octets = content.subarray(from, from + piece);
    parts.push(frame.chunkHeader(octets.length), octets);
  }
  return concat(...parts, frame.tail(tail));
}

test('frames: with all lengths known the same octets, with none the same values', () => {
  const content = signedData.eContent as Uint8Array;
  const { length } = content;
  const head = { ...signedData, signers: signedData.signerInfos };
  const signersLength = encodeSignerInfos(signedData.signerInfos).length;
  const tailLength = encodeAuthenticatedDataTail(authenticatedData).length;
  const [signed, enveloped, authenticated] = samples.map(({ der }) => toHex(der));
  for (const piece of [1, 77, 300]) {
    const signatures = signedData.signerInfos;
    assert.is(toHex(framed(signedDataFrame(head, length, signersLength), content, piece, signatures)), signed);
    assert.is(
      toHex(framed(authEnvelopedDataFrame(authEnvelopedData, length), content, piece, authEnvelopedData.mac)),
      enveloped,
    );
    assert.is(
      toHex(framed(authenticatedDataFrame(authenticatedData, length, tailLength), content, piece, authenticatedData)),
      authenticated,
    );
    for (const [of, octets] of [
      [0, framed(signedDataFrame(head, undefined, signersLength), content, piece, signatures)],
      [0, framed(signedDataFrame(head, length, undefined), content, piece, signatures)],
      [1, framed(authEnvelopedDataFrame(authEnvelopedData, undefined), content, piece, authEnvelopedData.mac)],
      [2, framed(authenticatedDataFrame(authenticatedData, undefined, undefined), content, piece, authenticatedData)],
      [2, framed(authenticatedDataFrame(authenticatedData, length, undefined), content, piece, authenticatedData)],
    ] as const) {
      const { kind, data } = samples[of];
      assert.throws(() => decodeDerTree(octets), 'BER');
      assert.equal(plain(read(octets)), plain({ kind, ...data }));
    }
  }
  const bare = framed(signedDataFrame(head, undefined, undefined, 'SignedData'), content, 50, signedData.signerInfos);
  assert.equal(plain(readGeneralSignedData(bare, GENERAL_LIMITS)), plain(signedData));
});

test('frames: lengths of more than 2 GiB, and a tail that is not as announced', () => {
  const frame = authEnvelopedDataFrame(authEnvelopedData, 3 * 2 ** 30);
  assert.ok(toHex(frame.head).endsWith('8084c0000000'));
  assert.throws(() => frame.tail(new Uint8Array(12)), RangeError);
  const signed = signedDataFrame({ ...signedData, signers: signedData.signerInfos }, 1, 100);
  assert.throws(() => signed.tail(signedData.signerInfos), RangeError);
});

test('the kinds that are refused are named', () => {
  for (const [dotted, name] of [
    ['1.2.840.113549.1.7.1', /id-data/],
    ['1.2.840.113549.1.7.3', /id-envelopedData/],
    ['1.2.840.113549.1.7.5', /id-digestedData/],
    ['1.2.840.113549.1.7.6', /id-encryptedData/],
    ['1.2.840.113549.1.9.16.1.9', /id-ct-compressedData/],
    ['1.2.3.4', /1\.2\.3\.4/],
  ] as const)
    refuses(contentInfoOf(oid(dotted), fromHex('0400')), 'ERR_UNSUPPORTED', name);
});

const contentInfoOf = (type: Uint8Array, content: Uint8Array): Uint8Array =>
  encodeParts(0x30, encodeParts(0x06, type), encodeParts(0xa0, content));
const ktri = recipients[0] as Extract<GeneralRecipientInfo, { kind: 'ktri' }>;
const enveloped = (recipientInfos: readonly GeneralRecipientInfo[]): Uint8Array =>
  encodeGeneralAuthEnvelopedData({ ...authEnvelopedData, recipientInfos });

const recipientCount = (octets: Uint8Array): number => {
  const object = read(octets);
  return 'recipientInfos' in object ? object.recipientInfos.length : -1;
};

test('G1: 512 recipients are read, 513 are not, however they are spread', () => {
  const many = (count: number): GeneralRecipientInfo[] => Array.from({ length: count }, () => ktri);
  assert.is(recipientCount(enveloped(many(512))), 512);
  refuses(enveloped(many(513)), 'ERR_DER', /limit/);
  const kari = recipients.find((each) => each.kind === 'kari') as Extract<GeneralRecipientInfo, { kind: 'kari' }>;
  const keys = Array.from(
    { length: 400 },
    () => kari.recipientEncryptedKeys[0] as (typeof kari.recipientEncryptedKeys)[0],
  );
  const half = { ...kari, recipientEncryptedKeys: keys };
  assert.is(recipientCount(enveloped([half])), 1);
  refuses(enveloped([half, half]), 'ERR_DER', /limit/);
});

test('limits on attributes and signers', () => {
  const attribute = { attrType: ID_CONTENT_TYPE, values: [encodeDer(objectIdentifier(ID_DATA))] };
  const withAttributes = (count: number): Uint8Array =>
    encodeGeneralAuthEnvelopedData({
      ...authEnvelopedData,
      authAttrs: generalAttributes(Array.from({ length: count }, () => attribute)),
    });
  assert.is(read(withAttributes(32)).kind, 'AuthEnvelopedData');
  refuses(withAttributes(33), 'ERR_DER', /limit/);
  refuses(withAttributes(0), 'ERR_DER', /no attribute/);
  const none = read(encodeGeneralAuthEnvelopedData({ ...authEnvelopedData, unauthAttrs: generalAttributes([]) }));
  assert.equal(none.kind === 'AuthEnvelopedData' && none.unauthAttrs?.attributes, [], 'libksba writes such');
  const signer = signedData.signerInfos[0] as (typeof signedData.signerInfos)[0];
  const signers = (count: number): Uint8Array =>
    encodeGeneralSignedData({ ...signedData, signerInfos: Array.from({ length: count }, () => signer) });
  const most = read(signers(32));
  assert.is(most.kind === 'SignedData' ? most.signerInfos.length : -1, 32);
  refuses(signers(33), 'ERR_DER', /limit/);
});

test('malformed structures', () => {
  const [signed, { der }] = samples.map(({ der }) => ({ der })) as [{ der: Uint8Array }, { der: Uint8Array }];
  // Version, recipients, authEncryptedContentInfo, authAttrs, mac.
  refuses(replaced(der, [1, 0, 0], '0201ff'), 'ERR_DER', /integer/);
  refuses(replaced(der, [1, 0, 0], '02020000'), 'ERR_DER', /integer/);
  refuses(replaced(der, [1, 0, 1], '3100'), 'ERR_DER', /no recipient/);
  refuses(replaced(der, [1, 0, 2], '3000'), 'ERR_DER', /part missing/);
  refuses(replaced(der, [1, 0, 2], '040100'), 'ERR_DER', /another value/);
  refuses(replaced(der, [1, 0, 3], 'a1023000'), 'ERR_DER', /part missing/);
  refuses(replaced(der, [1, 0, 4], '0500'), 'ERR_DER', /another value/);
  refuses(replaced(der, [0], '06042a800001'), 'ERR_DER', /object identifier/);
  refuses(replaced(der, [1, 0, 2, 2], 'a0060401ff0c0141'), 'ERR_DER', /chunk/);
  refuses(replaced(signed.der, [1, 0, 2, 1, 0], '3000'), 'ERR_UNSUPPORTED', /PKCS #7/);
  refuses(
    changed(der, (root) => void (at(root, 1, 0, 4).trailing = fromHex('0500'))),
    'ERR_DER',
    /more parts/,
  );
});

test('malformed recipients', () => {
  const kemri = recipients.find((each) => each.kind === 'kemri') as Extract<GeneralRecipientInfo, { kind: 'kemri' }>;
  refuses(enveloped([{ ...kemri, kekLength: 0 }]), 'ERR_DER', /out of range/);
  refuses(enveloped([{ ...kemri, kekLength: 65536 }]), 'ERR_DER', /out of range/);
  const kari = recipients.find((each) => each.kind === 'kari') as Extract<GeneralRecipientInfo, { kind: 'kari' }>;
  refuses(enveloped([{ ...kari, recipientEncryptedKeys: [] }]), 'ERR_DER', /no recipient/);
  assert.throws(() => enveloped([{ ...kari, originatorKey: undefined }]), TypeError);
  assert.throws(() => enveloped([]), RangeError);
  const unused = toHex(encodeRecipientInfo(kari)).replace('032100', '032101');
  refuses(enveloped([{ kind: 'other', der: fromHex(unused) }]), 'ERR_DER', /unused bits/);
});

test('recipients as others write them: originator by certificate, rKeyId and kekid with date and other', () => {
  const kari = recipients.find((each) => each.kind === 'kari') as Extract<GeneralRecipientInfo, { kind: 'kari' }>;
  const kekri = recipients.find((each) => each.kind === 'kekri') as Extract<GeneralRecipientInfo, { kind: 'kekri' }>;
  const parts = '0403c0fee0180f32303236303130313030303030305a30020500';
  const named = replaced(encodeRecipientInfo(kari), [1, 0], '8003010203');
  const dated = replaced(encodeRecipientInfo(kari), [4, 1, 0], `a01a${parts}`);
  const datedKek = replaced(encodeRecipientInfo(kekri), [1], `301a${parts}`);
  const opened = [named, dated, datedKek].map((der) => {
    const object = read(enveloped([{ kind: 'other', der }]));
    return object.kind === 'AuthEnvelopedData' ? object.recipientInfos[0] : undefined;
  });
  assert.equal(plain(opened[0]), plain({ ...kari, originatorKey: undefined }));
  const second = opened[1]?.kind === 'kari' ? opened[1].recipientEncryptedKeys[1]?.rid : undefined;
  assert.equal(plain(second), { kind: 'subjectKeyIdentifier', keyIdentifier: 'c0fee0' });
  assert.equal(plain(opened[2]), plain(kekri));
});

test('attributes: sorted DER whatever the order on the wire; BER booleans and strings become DER', () => {
  const [, , { der }] = samples;
  const reversed = changed(der, (root) => void childrenOf(at(root, 1, 0, 5)).reverse());
  assert.is.not(toHex(reversed), toHex(der));
  const authAttrsOf = (octets: Uint8Array): string => {
    const object = read(octets);
    assert.ok(object.kind === 'AuthenticatedData');
    return toHex(object.authAttrs?.der as Uint8Array);
  };
  assert.is(authAttrsOf(reversed), toHex(authenticatedData.authAttrs?.der as Uint8Array));
  // TRUE as 7f; an OCTET STRING and a BIT STRING in two chunks.
  const boolean = replaced(der, [1, 0, 5], 'a20c300a0603550403310301017f');
  assert.is(authAttrsOf(boolean), '310c300a060355040331030101ff');
  const chunked = replaced(der, [1, 0, 5], 'a211300f060355040331082406040141040142');
  assert.is(authAttrsOf(chunked), '310d300b0603550403310404024142');
  const bits = replaced(der, [1, 0, 5], 'a21330110603550403310a23080302004103020142');
  assert.is(authAttrsOf(bits), '310e300c060355040331050303014142');
  refuses(replaced(der, [1, 0, 5], 'a211300f060355040331082c06040141040142'), 'ERR_UNSUPPORTED', /in chunks/);
  refuses(replaced(der, [1, 0, 5], 'a20e300c060355040331052203020101'), 'ERR_DER', /./);
});

test('B5: an attribute that stands there twice, or with two values, is data but never a single value', () => {
  const object = read(samples[0].der);
  assert.ok(object.kind === 'SignedData');
  const { signedAttrs, unsignedAttrs } = object.signerInfos.find((each) => each.unsignedAttrs) ?? {};
  assert.is(unsignedAttrs?.attributes.length, 2);
  assert.throws(() => singleValue(unsignedAttrs, oid('1.2.3.4')), /attribute twice/);
  assert.is(singleValue(unsignedAttrs, oid('1.2.3.5')), undefined);
  assert.is(singleValue(undefined, ID_CONTENT_TYPE), undefined);
  assert.is(
    toHex(singleValue(signedAttrs, ID_CONTENT_TYPE) as Uint8Array),
    toHex(encodeDer(objectIdentifier(ID_DATA))),
  );
  for (const values of [[], [1, 2]]) {
    const attributes = generalAttributes([
      { attrType: ID_CONTENT_TYPE, values: values.map((n) => encodeDer(integer(n))) },
    ]);
    assert.throws(() => singleValue(attributes, ID_CONTENT_TYPE), /one value/);
  }
});

test('authAttrs and digestAlgorithm of AuthenticatedData go together', () => {
  assert.throws(() => encodeGeneralAuthenticatedData({ ...authenticatedData, digestAlgorithm: undefined }), RangeError);
  assert.throws(() => encodeGeneralAuthenticatedData({ ...authenticatedData, authAttrs: undefined }), RangeError);
  const plainMac = { ...authenticatedData, authAttrs: undefined, digestAlgorithm: undefined };
  assert.equal(
    plain(read(encodeGeneralAuthenticatedData(plainMac))),
    plain({ kind: 'AuthenticatedData', ...plainMac }),
  );
  const frame = authenticatedDataFrame({ ...authenticatedData, digestAlgorithm: undefined }, 1, undefined);
  const octets = concat(frame.head, Uint8Array.of(1), frame.tail(authenticatedData));
  refuses(octets, 'ERR_DER', /without digestAlgorithm/);
});

test('limits are the caller\u2019s', () => {
  const { der } = samples[1];
  for (const limits of [
    { ...GENERAL_LIMITS, octets: der.length - 1 },
    { ...GENERAL_LIMITS, depth: 5 },
    { ...GENERAL_LIMITS, nodes: 50 },
  ])
    assert.throws(
      () => readGeneralContentInfo(der, limits),
      (error: unknown) => error instanceof CmsError && error.code === 'ERR_DER' && /limit/.test(error.message),
    );
});

test.run();
