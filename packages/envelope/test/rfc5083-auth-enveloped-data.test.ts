/** AuthEnvelopedData (RFC 5083, RFC 5084): there and back under every provider, and opened by node:crypto alone. */
import { createDecipheriv, createHash } from 'node:crypto';
import {
  compare,
  concat,
  copyOctets,
  decodeAuthEnvelopedData,
  equal,
  generatePrivateKey,
  toHex,
} from '@stanzaseal/cms';
import { systemRandom } from '@stanzaseal/cms/provider';
import {
  agreementKeys,
  at,
  parseBadPeer,
  providers,
  refusal,
  SEALED_PATH,
  unsafeSeededRandom,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decrypt,
  decryptWithCek,
  encrypt,
  objectDigest,
  readObject,
  recipientsDigest,
  recipientsOf,
  replayDigest,
  sealedLength,
} from '../src/index.js';
import { aadOf, hkdf, partsOf } from './rebuilt.js';
import { clearContextTo, crypto, general, keys, open, openGeneral, type Recipients, sealed, signed } from './world.js';

const test = suite('RFC 5083 AuthEnvelopedData');
const one: Recipients = [keys.prekeyA.publicKey];
const three: Recipients = [keys.prekeyA.publicKey, keys.prekeyB.publicKey, keys.prekeyC.publicKey];

for (const [name, provider] of providers()) {
  test(`${name}: what it seals every provider opens, as each of three recipients`, async () => {
    const { der, cek } = await encrypt(signed, {
      recipients: three,
      clearContext: await clearContextTo(three),
      random: systemRandom,
      crypto: provider,
    });
    for (const [, other] of providers()) {
      for (const key of [keys.prekeyA, keys.prekeyB, keys.prekeyC]) {
        const opened = await open(der, [key], other);
        assert.equal(opened.content, signed);
        assert.equal(opened.cek, cek);
        assert.equal(opened.rKeyId, key.publicKey.keyIdentifier);
      }
    }
  });

  test(`${name}: the same randomness gives the same octets as node:crypto does`, async () => {
    const clearContext = await clearContextTo(three);
    const make = (used: typeof crypto) =>
      encrypt(signed, {
        recipients: three,
        clearContext,
        random: unsafeSeededRandom('same'),
        crypto: used,
      });
    assert.equal((await make(provider)).der, (await make(crypto)).der);
  });
}

test('RFC 5083 §2.1, RFC 5652 §6.2.2: versions, one KeyAgreeRecipientInfo, no optional parts but ours', async () => {
  const { der } = await sealed(three);
  const root = parseBadPeer(der);
  const hexAt = (path: readonly number[]) => toHex(at(root, ...path).content as Uint8Array);
  assert.is(hexAt(SEALED_PATH.contentType), '2a864886f70d0109100117');
  assert.is(hexAt(SEALED_PATH.version), '00');
  assert.is((at(root, ...SEALED_PATH.recipientInfos).content as unknown[]).length, 1);
  assert.is(hexAt(SEALED_PATH.kariVersion), '03');
  assert.is(at(root, ...SEALED_PATH.originatorKey).tag, 0xa1);
  assert.is((at(root, ...SEALED_PATH.recipientEncryptedKeys).content as unknown[]).length, 3);
  assert.is(at(root, ...SEALED_PATH.encryptedContent).tag, 0x80);
  assert.is(at(root, ...SEALED_PATH.authAttrs).tag, 0xa1);
  assert.is((at(root, ...SEALED_PATH.data).content as unknown[]).length, 5);
  assert.is((at(root, ...SEALED_PATH.mac).content as Uint8Array).length, 16);
});

test('RFC 5083 §2.2: the AAD is the DER of the authenticated attributes with the SET tag; node:crypto opens with it', async () => {
  const { der, cek } = await sealed(one);
  const root = parseBadPeer(der);
  const { encryptedContent, mac } = partsOf(root);
  const inner = at(root, ...SEALED_PATH.innerAlgorithm);
  const innerDer = decodeAuthEnvelopedData(der).contentEncryption.algorithm;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    hkdf(cek, 'The Cryptographic Message Syntax', innerDer),
    at(inner, 1, 0).content as Uint8Array,
    { authTagLength: 16 },
  );
  decipher.setAAD(aadOf(root));
  decipher.setAuthTag(mac.content as Uint8Array);
  assert.equal(
    new Uint8Array(Buffer.concat([decipher.update(encryptedContent.content as Uint8Array), decipher.final()])),
    signed,
  );
  assert.is(aadOf(root)[0], 0x31);
});

test('content of every length around the block and the length octets, the empty one too (A8)', async () => {
  for (const length of [0, 1, 15, 16, 17, 127, 128, 255, 256, 1_000, 65_535, 65_536, 200_000]) {
    const content = new Uint8Array(length).fill(length & 0xff);
    assert.equal((await open((await sealed(one, content)).der)).content, content, `${length}`);
    assert.equal((await openGeneral((await general(one, content)).der)).content, content, `${length}, general`);
  }
});

test('sealedLength foretells the length', async () => {
  const many = await Promise.all(
    Array.from(
      { length: 130 },
      async (_, i) => (await generatePrivateKey('X25519', unsafeSeededRandom(`${i}`), crypto)).publicKey,
    ),
  );
  for (const count of [1, 2, 3, 10, 130]) {
    const recipients = many.slice(0, count) as unknown as Recipients;
    const { length } = await clearContextTo(recipients);
    for (const contentLength of [0, 100, 128, 300, 70_000]) {
      const { der } = await sealed(recipients, new Uint8Array(contentLength));
      assert.is(sealedLength(contentLength, count, length), der.length);
    }
  }
});

test('the profile is an argument and never guessed: neither opens as the other', async () => {
  assert.is((await refusal(async () => open((await general(one)).der)))?.code, 'ERR_OPEN');
  assert.equal((await openGeneral((await sealed(one)).der)).content, signed, 'what is sealed is good general CMS');
});

test('anybody reads who the recipients are and what the context says; the CEK opens without a private key', async () => {
  const { der, cek } = await sealed(three);
  const object = await readObject(der, { crypto });
  assert.equal(recipientsOf(object).map(toHex).sort(), three.map(({ keyIdentifier }) => toHex(keyIdentifier)).sort());
  assert.is(object.clearContext?.value.from, 'juliet@capulet.example');
  assert.equal(object.clearContext?.der, await clearContextTo(three));
  const opened = await decryptWithCek(object, cek, crypto);
  assert.equal(opened.content, signed);
  assert.is(opened.rKeyId, undefined);
  for (const wrong of [new Uint8Array(32), cek.subarray(1), concat(cek, cek), new Uint8Array(0)]) {
    assert.is((await refusal(() => decryptWithCek(object, wrong, crypto)))?.code, 'ERR_OPEN');
  }
});

test('the digest of an object stays when its keys are wrapped for others, and changes with anything else', async () => {
  const random = () => unsafeSeededRandom('digest');
  const first = await readObject((await sealed(one, signed, random())).der, { crypto });
  const again = await readObject((await sealed(one, signed, random())).der, { crypto });
  const other = await readObject((await sealed(one, signed)).der, { crypto });
  assert.equal(await objectDigest(first, crypto), await objectDigest(again, crypto));
  assert.not.equal(await objectDigest(first, crypto), await objectDigest(other, crypto));
  assert.is((await objectDigest(first, crypto)).length, 32);
});

test('the replay digest is that of attributes and tag: another ciphertext under them has the same, another object another', async () => {
  const { der } = await sealed(one);
  const first = await readObject(der, { crypto });
  const { encryptedContent } = first.data;
  const damaged = copyOctets(der);
  const place = encryptedContent.byteOffset - der.byteOffset + 5;
  damaged[place] = (damaged[place] as number) ^ 1;
  const second = await readObject(damaged, { crypto });
  const third = await readObject((await sealed(one)).der, { crypto });
  assert.equal(await replayDigest(first, crypto), await crypto.sha256(der.subarray(-first.data.afterContent.length)));
  assert.equal(await replayDigest(first, crypto), await replayDigest(second, crypto));
  assert.not.equal(await objectDigest(first, crypto), await objectDigest(second, crypto));
  assert.not.equal(await replayDigest(first, crypto), await replayDigest(third, crypto));
  assert.is((await refusal(() => open(damaged, [keys.prekeyA])))?.code, 'ERR_OPEN');
});

test('in place: the same object, in the memory of what was signed, of which nothing is left', async () => {
  const clearContext = await clearContextTo(three);
  for (const [name, provider] of providers()) {
    const parameters = { recipients: three, clearContext, crypto: provider };
    const { der } = await encrypt(signed, { ...parameters, random: unsafeSeededRandom('place') });
    const [before, behind] = [512 + 3 * 128, 512 + clearContext.length];
    const space = new Uint8Array(before + signed.length + behind);
    const inside = space.subarray(before, before + signed.length);
    inside.set(signed);
    const random = unsafeSeededRandom('place');
    const inPlace = await encrypt(inside, { ...parameters, random, spaceBefore: before });
    assert.equal(inPlace.der, der, name);
    assert.is(inPlace.der.buffer, space.buffer, name);
    const { encryptedContent } = (await readObject(inPlace.der, { crypto })).data;
    assert.equal(inside, encryptedContent, name);
    for (const [space, spaceBefore] of [
      [new Uint8Array(signed.length + behind + 100), 100],
      [new Uint8Array(before + signed.length + 100), before],
      [new Uint8Array(before + signed.length), before],
    ] as const) {
      const little = space.subarray(spaceBefore, spaceBefore + signed.length);
      little.set(signed);
      assert.instance(
        await refusal(() => encrypt(little, { ...parameters, random: systemRandom, spaceBefore })),
        RangeError,
        name,
      );
    }
  }
});

test('arguments: no recipient, one twice, too many, another algorithm, a context of other recipients', async () => {
  const clearContext = await clearContextTo(one);
  const parameters = { clearContext, random: systemRandom, crypto };
  const with_ = (recipients: unknown, more = {}) =>
    refusal(() => encrypt(signed, { ...parameters, recipients: recipients as Recipients, ...more }));
  assert.instance(await with_([]), RangeError);
  assert.instance(await with_([one[0], one[0]]), RangeError);
  assert.instance(await with_([keys.julietDevice.publicKey]), TypeError);
  assert.instance(await with_([keys.nurse.publicKey]), TypeError);
  assert.instance(await with_(three, { maxRecipients: 2 }), RangeError);
  assert.instance(await with_(three), RangeError);
});

test('the most recipients are an argument on both sides', async () => {
  const many = (await Promise.all(
    Array.from(
      { length: 513 },
      async (_, i) => (await generatePrivateKey('X25519', unsafeSeededRandom(`${i}`), crypto)).publicKey,
    ),
  )) as unknown as Recipients;
  const parameters = {
    recipients: many,
    clearContext: await clearContextTo(many),
    random: systemRandom,
    crypto,
  };
  assert.instance(await refusal(() => encrypt(signed, parameters)), RangeError);
  const { der } = await encrypt(signed, { ...parameters, maxRecipients: 513 });
  assert.is((await refusal(() => readObject(der, { crypto })))?.code, 'ERR_OPEN');
  const limits = { octets: 262144, depth: 16, recipients: 513 };
  assert.is(recipientsOf(await readObject(der, { crypto, limits })).length, 513);
});

test('E8: a random source that fails seals nothing', async () => {
  const failing = () => {
    throw new Error('no entropy');
  };
  for (const random of [
    failing,
    (length: number) => new Uint8Array(length),
    (length: number) => new Uint8Array(length - 1).fill(1),
  ]) {
    assert.ok((await refusal(() => sealed(one, signed, random))) !== undefined);
  }
  let draws = 0;
  const failsAtNonce = (length: number) => (++draws < 3 ? systemRandom(length) : new Uint8Array(length));
  assert.instance(await refusal(() => sealed(one, signed, failsAtNonce)), RangeError);
});

test('D7: recipients in any order give the same set, the same digest, and an order that says nothing', async () => {
  const orders: Recipients[] = [
    three,
    [...three].reverse() as unknown as Recipients,
    [three[1], three[0], three[2]] as Recipients,
  ];
  const digests = await Promise.all(
    orders.map((order) =>
      recipientsDigest(
        order.map(({ keyIdentifier }) => keyIdentifier),
        crypto,
      ),
    ),
  );
  assert.ok(digests.every((digest) => equal(digest, digests[0] as Uint8Array)));
  const wires = await Promise.all(
    orders.map(async (order) => (await sealed(order, signed, unsafeSeededRandom('order'))).der),
  );
  assert.ok(
    wires.every((wire) => equal(wire, wires[0] as Uint8Array)),
    'the same octets',
  );
  assert.throws(
    () => recipientsDigest([one[0].keyIdentifier, one[0].keyIdentifier], crypto),
    (error: unknown) => error instanceof RangeError,
  );
});

for (const [name, provider] of providers()) {
  test(`${name}: a digest is of the keys given, whatever was digested before or written over since (J6)`, async () => {
    const ids = three.map(({ keyIdentifier }) => keyIdentifier);
    const expected = (rKeyIds: readonly Uint8Array[]) =>
      new Uint8Array(
        createHash('sha256')
          .update(concat(...[...rKeyIds].sort(compare)))
          .digest(),
      );
    const lists = [[ids[0]], [ids[1]], [ids[0], ids[1]], ids, [ids[0]], [ids[0]]] as Uint8Array[][];
    for (const list of lists) assert.equal(await recipientsDigest(list, provider), expected(list));
    const together = await Promise.all(lists.map((list) => recipientsDigest(list, provider)));
    assert.equal(together, lists.map(expected));
    const id = copyOctets(ids[2] as Uint8Array);
    (await recipientsDigest([id], provider)).fill(1);
    (await recipientsDigest([id], provider)).fill(2);
    assert.equal(await recipientsDigest([id], provider), expected([id]));
    id[31] = (id[31] as number) ^ 1;
    assert.equal(await recipientsDigest([id], provider), expected([id]));
  });
}

test('a port that throws, or gives something else than a key, is the one error too', async () => {
  const object = await readObject((await sealed(one)).der, { crypto });
  const [key] = [await (await agreementKeys([keys.prekeyA], crypto)).find(one[0].keyIdentifier)];
  assert.ok(key !== undefined);
  for (const find of [
    () => {
      throw new Error('the card was pulled out');
    },
    () => ({
      publicKey: key.publicKey,
      agree: () => {
        throw new Error('the card was pulled out');
      },
    }),
    () => ({ publicKey: key.publicKey, agree: () => new Uint8Array(32) }),
    () => ({ publicKey: key.publicKey, agree: () => new Uint8Array(32).fill(1) }),
  ]) {
    const error = await refusal(() => decrypt(object, { keys: { find }, crypto }));
    assert.is(error?.code, 'ERR_OPEN');
    assert.not.match(error?.message ?? '', 'card');
  }
});

test.run();
