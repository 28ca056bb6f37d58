/** SignedData as RFC 5652 §5 and RFC 8419 have it, under every provider, and as node:crypto checks it by itself. */
import { createHash, createPublicKey, verify as nodeVerify } from 'node:crypto';
import {
  attribute,
  concat,
  decodeSignedData,
  encodeAttributes,
  exportPublicKey,
  generatePrivateKey,
  ID_CT_SEALED_STANZA,
  ID_DATA,
  integer,
  oid,
  type PublicKey,
  toHex,
  toUtf8,
} from '@stanzaseal/cms';
import {
  at,
  GOLDEN_TIME,
  goldenWorld,
  parseBadPeer,
  providers,
  refusal,
  SIGNED_PATH,
  unsafeSeededRandom,
  writeBadPeer,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSignedData, type SignerError, sign, signedLengths, verify, verifyRead } from '../src/index.js';

const test = suite('RFC 5652 SignedData');
const world = await goldenWorld();
const content = toUtf8('<envelope/>');
const contentType = ID_CT_SEALED_STANZA;
const timed = { contentType, signingTime: GOLDEN_TIME + 999 };
const spki = (key: PublicKey) =>
  createPublicKey({ key: Buffer.from(exportPublicKey(key)), format: 'der', type: 'spki' });

for (const [name, crypto] of providers()) {
  for (const keyName of ['julietDevice', 'nurse'] as const) {
    const key = world.keys[keyName];
    const { algorithm } = key.publicKey;

    test(`${name}, ${algorithm}: signed, verified by every provider, and by node:crypto over the attributes (RFC 5652 §5.4)`, async () => {
      const { der, signedAttrsDer } = await sign(content, {
        ...timed,
        signers: [await key.signingKey(crypto)],
        crypto,
      });
      for (const [, other] of providers()) {
        const verified = await verify(der, { signers: [key.publicKey], contentType, crypto: other });
        assert.equal(verified.content, content);
        assert.equal(verified.signedAttrsDer, signedAttrsDer);
        assert.is(verified.signingTime, GOLDEN_TIME, 'cut to seconds');
        assert.is(verified.signedAttrs.length, 3);
      }
      const [signerInfo] = decodeSignedData(der).signerInfos;
      assert.ok(signerInfo !== undefined);
      assert.is(signerInfo.signedAttrsDer[0], 0x31);
      assert.ok(
        nodeVerify(
          algorithm === 'Ed25519' ? null : 'sha256',
          signerInfo.signedAttrsDer,
          spki(key.publicKey),
          signerInfo.signature,
        ),
      );
      const digest = createHash(algorithm === 'Ed25519' ? 'sha512' : 'sha256')
        .update(content)
        .digest('hex');
      assert.ok(toHex(signerInfo.signedAttrsDer).includes(digest), 'message-digest of the content octets');
    });
  }
}

test('RFC 5652 §5.1, §5.3, RFC 8419 §3.1: versions, algorithms and identifiers as written', async () => {
  const root = parseBadPeer(world.object('signed').der);
  const hexAt = (path: readonly number[]) => toHex(at(root, ...path).content as Uint8Array);
  assert.is(hexAt(SIGNED_PATH.version), '03');
  assert.is(hexAt([...SIGNED_PATH.signerInfo, 0]), '03');
  assert.is(hexAt([...SIGNED_PATH.digestAlgorithms, 0, 0]), '608648016503040203', 'SHA-512');
  assert.is((at(root, ...SIGNED_PATH.digestAlgorithm).content as unknown[]).length, 1, 'parameters absent');
  assert.is(hexAt([...SIGNED_PATH.signatureAlgorithm, 0]), '2b6570', 'id-Ed25519');
  assert.is((at(root, ...SIGNED_PATH.signatureAlgorithm).content as unknown[]).length, 1, 'parameters absent');
  assert.is(at(root, ...SIGNED_PATH.sid).tag, 0x80);
  assert.is(hexAt(SIGNED_PATH.sid), toHex(world.keys.julietDevice.publicKey.keyIdentifier));
  assert.is((at(root, ...SIGNED_PATH.data).content as unknown[]).length, 4, 'no certificates, no CRLs');
  assert.is((at(root, ...SIGNED_PATH.signerInfo).content as unknown[]).length, 6, 'no unsigned attributes');
});

test('RFC 5652 §11.3: signing-time is UTCTime through 2049 and GeneralizedTime from 2050', async () => {
  const { crypto, keys } = world;
  for (const [time, tag] of [
    [Date.UTC(2049, 11, 31, 23, 59, 59), 0x17],
    [Date.UTC(2050, 0, 1), 0x18],
    [Date.UTC(1950, 0, 1), 0x17],
    [Date.UTC(1949, 11, 31), 0x18],
  ] as const) {
    const { der } = await sign(content, {
      contentType,
      signingTime: time,
      signers: [await keys.julietDevice.signingKey(crypto)],
      crypto,
    });
    assert.is((await verify(der, { signers: [keys.julietDevice.publicKey], contentType, crypto })).signingTime, time);
    const attributes = at(parseBadPeer(der), ...SIGNED_PATH.signedAttrs).content as {
      content: { content: { tag: number }[] }[];
    }[];
    assert.ok(attributes.some((each) => each.content[1]?.content[0]?.tag === tag));
  }
});

test('the same key, content and time give the same octets (RFC 8032: deterministic)', async () => {
  const { crypto, keys } = world;
  const make = async () =>
    (await sign(content, { ...timed, signers: [await keys.julietDevice.signingKey(crypto)], crypto })).der;
  assert.equal(await make(), await make());
});

test('signedLengths foretells the length, for any content and attributes, and the object is written around its content', async () => {
  const { crypto, keys } = world;
  const random = unsafeSeededRandom('lengths');
  for (const length of [0, 1, 100, 127, 128, 255, 256, 5_000, 70_000]) {
    // UTCTime ends with 2049, and GeneralizedTime has two digits more (RFC 5652 §11.3).
    for (const [extra, signingTime] of [
      [0, GOLDEN_TIME],
      [1, Date.UTC(2049, 11, 31, 23, 59, 59)],
      [3, Date.UTC(2050)],
    ] as const) {
      const signedAttrs = Array.from({ length: extra }, (_, i) =>
        attribute(oid(`1.2.3.${i}`), integer(length * 1_000)),
      );
      const parameters = {
        contentType,
        signingTime,
        signedAttrs,
        form: 'SignedData',
        signers: [await keys.julietDevice.signingKey(crypto)],
        crypto,
      } as const;
      const octets = random(length);
      const { der } = await sign(octets, parameters);
      const { whole, behind } = signedLengths(contentType, signingTime, signedAttrs);
      assert.is(whole(length), der.length);
      const room = new Uint8Array(der.length);
      const inside = room.subarray(der.length - behind - length, der.length - behind);
      inside.set(octets);
      assert.is((await sign(inside, { ...parameters, room })).der, room);
      assert.equal(room, der);
      for (const [content, bad] of [
        [inside, new Uint8Array(der.length)],
        [inside, room.subarray(1)],
        [octets, room],
      ] as const) {
        const refused = await sign(content, { ...parameters, room: bad }).catch((error: unknown) => error);
        assert.instance(refused, RangeError);
      }
    }
  }
});

test('RFC 5652 §3, §5.1: the SignedData itself is the content of the ContentInfo, and neither is taken for the other', async () => {
  const { crypto, keys } = world;
  const [whole, inner] = [world.object('signed').der, world.object('inner SignedData').der];
  assert.equal(writeBadPeer(at(parseBadPeer(whole), ...SIGNED_PATH.data)), inner);
  const parameters = { signers: [keys.julietDevice.publicKey] as const, contentType, crypto };
  assert.equal((await verify(inner, { ...parameters, form: 'SignedData' })).content, world.content);
  assert.equal(readSignedData(inner, undefined, 'SignedData').content, world.content);
  assert.is((await refusal(() => verify(inner, parameters)))?.code, 'ERR_VERIFY');
  assert.is((await refusal(() => verify(whole, { ...parameters, form: 'SignedData' })))?.code, 'ERR_VERIFY');
});

test('detached content: verified when it is given, and only then', async () => {
  const { crypto, keys, object } = world;
  const { der } = object('signed detached');
  const parameters = { signers: [keys.julietDevice.publicKey] as const, contentType, crypto };
  assert.equal((await verify(der, { ...parameters, content: world.content })).content, world.content);
  const wrong = [
    () => verify(der, parameters),
    () => verify(der, { ...parameters, content }),
    () => verify(object('signed').der, { ...parameters, content: world.content }),
  ];
  for (const call of wrong) assert.is((await refusal(call))?.code, 'ERR_VERIFY');
});

test('id-data is taken by explicit choice alone', async () => {
  const { crypto, keys } = world;
  const { der } = await sign(content, {
    signers: [await keys.julietDevice.signingKey(crypto)],
    contentType: ID_DATA,
    signingTime: GOLDEN_TIME,
    crypto,
  });
  const parameters = { signers: [keys.julietDevice.publicKey] as const, contentType: ID_DATA, crypto };
  assert.is((await refusal(() => verify(der, parameters)))?.code, 'ERR_VERIFY');
  assert.equal((await verify(der, { ...parameters, allowIdData: true })).content, content);
});

test('two signers sign the same content; both and nobody else must be asked for', async () => {
  const { crypto, keys } = world;
  const [a, b, c] = [keys.julietDevice, keys.nurse, keys.romeoDevice];
  const { der } = await sign(content, {
    ...timed,
    signers: [await a.signingKey(crypto), await b.signingKey(crypto)],
    crypto,
  });
  await verify(der, { signers: [b.publicKey, a.publicKey], contentType, crypto });
  for (const signers of [
    [a.publicKey],
    [b.publicKey],
    [a.publicKey, c.publicKey],
    [a.publicKey, b.publicKey, c.publicKey],
    [a.publicKey, a.publicKey],
  ]) {
    assert.is(
      (await refusal(() => verify(der, { signers: signers as [PublicKey], contentType, crypto })))?.code,
      'ERR_VERIFY',
    );
  }
});

test('reading apart shows who claims to have signed, and verifyRead then verifies the same', async () => {
  const { crypto, keys, object } = world;
  const data = readSignedData(object('signed').der);
  assert.equal(data.signerInfos[0]?.sid, keys.julietDevice.publicKey.keyIdentifier);
  assert.equal(
    (await verifyRead(data, { signers: [keys.julietDevice.publicKey], contentType, crypto })).content,
    world.content,
  );
  const altered = { ...data, content };
  assert.is(
    (await refusal(() => verifyRead(altered, { signers: [keys.julietDevice.publicKey], contentType, crypto })))?.code,
    'ERR_VERIFY',
  );
});

test('arguments: an agreement key does not sign; content that parses as attributes is not signed', async () => {
  const { crypto, keys } = world;
  assert.instance(await refusal(() => keys.prekeyA.signingKey(crypto)), TypeError);
  const fake = { publicKey: keys.prekeyA.publicKey, sign: () => new Uint8Array(64) };
  assert.instance(await refusal(() => sign(content, { ...timed, signers: [fake], crypto })), TypeError);
  const attributes = encodeAttributes([attribute(oid('1.2.3'), integer(1)), attribute(oid('1.2.4'), integer(1))]);
  assert.instance(
    await refusal(async () =>
      sign(attributes, { ...timed, signers: [await keys.julietDevice.signingKey(crypto)], crypto }),
    ),
    RangeError,
  );
  const text = toUtf8('123 goes home');
  await sign(text, { ...timed, signers: [await keys.julietDevice.signingKey(crypto)], crypto });
});

test("limits: the caller's octets and depth", async () => {
  const { crypto, keys, object } = world;
  const { der } = object('signed');
  const parameters = { signers: [keys.julietDevice.publicKey] as const, contentType, crypto };
  await verify(der, { ...parameters, limits: { octets: der.length, depth: 16 } });
  for (const limits of [
    { octets: der.length - 1, depth: 16 },
    { octets: der.length, depth: 7 },
  ]) {
    assert.is((await refusal(() => verify(der, { ...parameters, limits })))?.code, 'ERR_VERIFY');
  }
});

test('every error is the one error: class, code and message say nothing of why', async () => {
  const { crypto, keys, object } = world;
  const { der } = object('signed');
  const messages = new Set<string>();
  const stranger = (await generatePrivateKey('Ed25519', unsafeSeededRandom('stranger'), crypto)).publicKey;
  const calls = [
    () => verify(der, { signers: [stranger], contentType, crypto }),
    () => verify(der, { signers: [keys.prekeyA.publicKey], contentType, crypto }),
    () => verify(der, { signers: [keys.julietDevice.publicKey], contentType: ID_DATA, crypto }),
    () => verify(new Uint8Array(0), { signers: [keys.julietDevice.publicKey], contentType, crypto }),
    () => verify(concat(der, der), { signers: [keys.julietDevice.publicKey], contentType, crypto }),
    () => readSignedData(der.subarray(1)),
  ];
  for (const call of calls) {
    const error = (await refusal(call)) as SignerError;
    messages.add(`${error.constructor.name} ${error.name} ${error.code} ${error.message}`);
  }
  assert.equal([...messages], ['SignerError SignerError ERR_VERIFY signed data does not verify']);
});

test.run();
