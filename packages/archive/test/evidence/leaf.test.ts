// Leaves: what is hashed, and cutting recipients out so that they can be put back.
import {
  contentHash,
  cutRecipientInfos,
  decodeMeta,
  drawSalts,
  type EntryMeta,
  encodeMeta,
  joinRecipientInfos,
  leafHash,
  leafOf,
  recipientsHash,
} from '@stanzaseal/archive/evidence';
import { concat, decodeAuthEnvelopedData, decodeDerTree, toHex, toUtf8 } from '@stanzaseal/cms';
import { goldenWorld, refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainHash } from './evidenceWorld.js';

const test = suite('leaf');
const sealed = (await goldenWorld()).object('sealed').der;
const meta: EntryMeta = { kind: 'sealed', owner: 'juliet@example.com', receivedAt: 1_795_262_400_123, stanzaId: 'a1' };

test('the leaf is SHA-256(0x00 || H(salt1 || meta || object) || H(salt2 || recipientInfos))', () => {
  const { object, recipientInfos } = cutRecipientInfos(sealed);
  const { salt1, salt2 } = drawSalts(unsafeSeededRandom('salts'));
  const der = encodeMeta(meta);
  const [content, recipients] = [plainHash(salt1, der, object), plainHash(salt2, recipientInfos)];
  const entry = { salt1, salt2, meta: der, object, recipientInfos };
  assert.is(toHex(contentHash(entry)), toHex(content));
  assert.is(toHex(recipientsHash(entry)), toHex(recipients));
  const leaf = toHex(plainHash(Uint8Array.of(0), content, recipients));
  assert.is(toHex(leafHash(entry)), leaf);
  assert.is(toHex(leafOf(content, recipients)), leaf);
  assert.is.not(toHex(salt1), toHex(salt2));
});

test('cutting takes the recipients out and nothing else, and joining gives the very octets back', () => {
  const { object, recipientInfos } = cutRecipientInfos(sealed);
  assert.is(recipientInfos[0], 0x31);
  assert.is(toHex(joinRecipientInfos({ object, recipientInfos })), toHex(sealed));
  const text = toHex(object);
  const { afterRecipientInfos, kari } = decodeAuthEnvelopedData(sealed);
  assert.ok(text.includes(`0201003100${toHex(afterRecipientInfos)}`));
  for (const { encryptedKey } of kari.recipientEncryptedKeys) assert.not(text.includes(toHex(encryptedKey)));
  // What is left is DER, and says nothing of how long the recipients were.
  assert.type(decodeDerTree(object), 'object');
  const longer = concat(
    Uint8Array.of(0x31, 0x82, 0x01, 0x04),
    Uint8Array.of(0x30, 0x82, 0x01, 0x00),
    new Uint8Array(256),
  );
  assert.is(toHex(cutRecipientInfos(joinRecipientInfos({ object, recipientInfos: longer })).object), text);
});

test('joining with any recipients and cutting again gives both back', () => {
  const { object } = cutRecipientInfos(sealed);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 70_000 }), (inside) => {
      const recipientInfos = concat(header(inside.length), inside);
      const joined = joinRecipientInfos({ object, recipientInfos });
      const again = cutRecipientInfos(joined);
      assert.is(toHex(again.object), toHex(object));
      assert.is(toHex(again.recipientInfos), toHex(recipientInfos));
    }),
    { numRuns: 60 },
  );
});

test('what has no recipients, is cut already, or is no object at all is refused', async () => {
  const { object, recipientInfos } = cutRecipientInfos(sealed);
  for (const octets of [
    object,
    recipientInfos,
    new Uint8Array(0),
    sealed.subarray(1),
    concat(sealed, Uint8Array.of(0)),
  ])
    assert.is((await refusal(() => cutRecipientInfos(octets)))?.code, 'ERR_DER');
  for (let length = 0; length < sealed.length; length += 7)
    assert.is((await refusal(() => cutRecipientInfos(sealed.subarray(0, length))))?.code, 'ERR_DER');
  // The same length in more octets than DER allows: there would be two ways back.
  const padded = concat(Uint8Array.of(0x30, 0x83, 0x00), sealed.subarray(2));
  assert.is((await refusal(() => cutRecipientInfos(padded)))?.code, 'ERR_DER');
  const bad = [sealed, object].map((each) => ({ object: each, recipientInfos: Uint8Array.of(0x31, 0x00) }));
  for (const cut of [
    ...bad,
    { object: sealed, recipientInfos },
    { object, recipientInfos: concat(recipientInfos, recipientInfos) },
  ])
    assert.is((await refusal(() => joinRecipientInfos(cut)))?.code, 'ERR_DER');
});

test('meta is read as it was written, in one form', async () => {
  const metas: EntryMeta[] = [
    meta,
    { kind: 'plain', owner: 'room@conference.example.com', receivedAt: 0 },
    { kind: 'record', owner: '', receivedAt: Number.MAX_SAFE_INTEGER, stanzaId: '' },
    { kind: 'quarantined', owner: 'ü@example.com', receivedAt: 5 },
    {
      kind: 'sealed',
      owner: 'a@b',
      receivedAt: 1,
      shell: { before: '<message><sealed>', after: '</sealed></message>' },
    },
  ];
  for (const each of metas) {
    assert.equal(decodeMeta(encodeMeta(each)), each);
    const der = encodeMeta(each);
    for (let i = 0; i < der.length; i++) {
      assert.is((await refusal(() => decodeMeta(der.subarray(0, i))))?.code, 'ERR_DER');
      const flipped = Uint8Array.from(der);
      flipped[i] = (flipped[i] as number) ^ 1;
      const read = await refusal(() => assert.is(toHex(encodeMeta(decodeMeta(flipped))), toHex(flipped)));
      if (read !== undefined) assert.match(String(read.code), /^ERR_(DER|UNSUPPORTED)$/);
    }
  }
  const shell = { before: '', after: '' };
  assert.instance(await refusal(() => encodeMeta({ kind: 'plain', owner: 'a@b', receivedAt: 1, shell })), TypeError);
  assert.instance(await refusal(() => encodeMeta({ ...meta, receivedAt: 1.5 })), RangeError);
});

test('salts and hashes of another length, and a source of randomness that failed', async () => {
  const entry = {
    ...drawSalts(unsafeSeededRandom('s')),
    meta: toUtf8(''),
    object: toUtf8(''),
    recipientInfos: toUtf8(''),
  };
  assert.instance(await refusal(() => leafHash({ ...entry, salt1: new Uint8Array(31) })), RangeError);
  assert.instance(await refusal(() => leafHash({ ...entry, salt2: new Uint8Array(33) })), RangeError);
  assert.instance(await refusal(() => leafOf(new Uint8Array(31), new Uint8Array(32))), RangeError);
  assert.instance(await refusal(() => leafOf(new Uint8Array(32), new Uint8Array(31))), RangeError);
  assert.instance(await refusal(() => drawSalts((length) => new Uint8Array(length))), RangeError);
});

test('K7, K15: equal entries of different salts have nothing in common', () => {
  const random = unsafeSeededRandom('K15');
  const entry = { meta: encodeMeta(meta), object: toUtf8('yes'), recipientInfos: new Uint8Array(0) };
  const hashes = Array.from({ length: 4 }, () => ({ ...entry, ...drawSalts(random) })).flatMap((each) =>
    [contentHash(each), recipientsHash(each), leafHash(each)].map(toHex),
  );
  assert.is(new Set(hashes).size, 12);
});

function header(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(0x31, length);
  if (length < 0x100) return Uint8Array.of(0x31, 0x81, length);
  if (length < 0x10000) return Uint8Array.of(0x31, 0x82, length >> 8, length & 0xff);
  return Uint8Array.of(0x31, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

test.run();
