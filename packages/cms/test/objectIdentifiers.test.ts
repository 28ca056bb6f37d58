/** OBJECT IDENTIFIERs as octets (F6). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as cms from '../src/index.js';

const { fromHex, oid, oidToText, toHex } = cms;
const test = suite('object identifiers');

test('RFC 5652, RFC 5083, RFC 8410, RFC 8418, RFC 5084 and RFC 9709: the octets as published', () => {
  const published: readonly [Uint8Array, string][] = [
    [cms.ID_DATA, '2a864886f70d010701'],
    [cms.ID_SIGNED_DATA, '2a864886f70d010702'],
    [cms.ID_CT_AUTH_ENVELOPED_DATA, '2a864886f70d0109100117'],
    [cms.ID_CONTENT_TYPE, '2a864886f70d010903'],
    [cms.ID_MESSAGE_DIGEST, '2a864886f70d010904'],
    [cms.ID_SIGNING_TIME, '2a864886f70d010905'],
    [cms.ID_X25519, '2b656e'],
    [cms.ID_ED25519, '2b6570'],
    [cms.ID_P256, '2a8648ce3d030107'],
    [cms.ID_ECDSA_WITH_SHA256, '2a8648ce3d040302'],
    [cms.ID_SHA256, '608648016503040201'],
    [cms.ID_SHA512, '608648016503040203'],
    [cms.ID_STD_DH_HKDF_SHA256, '2a864886f70d0109100313'],
    [cms.ID_AES256_WRAP, '60864801650304012d'],
    [cms.ID_AES256_GCM, '60864801650304012e'],
    [cms.ID_CEK_HKDF_SHA256, '2a864886f70d010910031f'],
  ];
  for (const [octets, hex] of published) assert.is(toHex(octets), hex);
});

test('F6: our own arc stands under 2.25 with all 128 bits of its UUID', () => {
  const uuid = 190310237082559258561972166712186265384n;
  assert.ok(uuid < 2n ** 128n && uuid > 2n ** 53n);
  const octets = oid(cms.STANZASEAL_ARC);
  assert.is(octets[0], 2 * 40 + 25);
  let arc = 0n;
  for (const octet of octets.subarray(1)) arc = (arc << 7n) | BigInt(octet & 0x7f);
  assert.is(arc, uuid);
  assert.is(octets.length, 1 + 19);
  assert.ok(cms.ID_CT_SEALED_STANZA.length <= cms.MAX_OID_OCTETS);
  assert.equal(cms.ID_AA_SENDER_KEYS, oid(`${cms.STANZASEAL_ARC}.2.6`));
});

test('F6: arcs that a 53-bit or 32-bit reader takes for one another stay apart', () => {
  const pairs = [
    ['2.25.190310237082559258561972166712186265384.1.1', '2.25.190310237082559258561972166712186265385.1.1'],
    ['1.2.4294967297', '1.2.1'],
    ['1.2.9007199254740993', '1.2.9007199254740992'],
    ['1.2.18446744073709551617', '1.2.1'],
  ] as const;
  for (const [a, b] of pairs) assert.not.ok(cms.equal(oid(a), oid(b)), `${a} ${b}`);
});

test('dotted text goes there and back', () => {
  for (const text of [
    '0.0',
    '0.39',
    '1.0',
    '1.39.127',
    '2.0',
    '2.39',
    '2.40',
    '2.999.128',
    '2.25.0',
    '1.2.16384.2097151.2097152',
    cms.STANZASEAL_ARC,
  ]) {
    assert.is(oidToText(oid(text)), text);
  }
  assert.is(toHex(oid('2.999.3')), '883703');
  assert.equal(oid('1.2.128'), fromHex('2a8100'));
});

test('text that is no object identifier is a RangeError', () => {
  for (const bad of [
    '',
    '1',
    '3.1',
    '0.40',
    '1.40',
    '1.2.',
    '.1.2',
    '1..2',
    '01.2',
    '1.02',
    '1.-2',
    '1.2 ',
    '1.2e3',
    'a.b',
  ]) {
    assert.throws(
      () => oid(bad),
      (error: unknown) => error instanceof RangeError,
      bad,
    );
  }
});

test.run();
