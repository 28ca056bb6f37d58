import { equal, fromHex } from '@stanzaseal/cms';
import { refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compareFingerprint,
  fingerprint,
  fingerprintUri,
  parseFingerprint,
  parseFingerprintUri,
} from '../src/index.js';

const test = suite('fingerprints: R05, R06, T22');

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0';
const identity = fromHex(HEX);
const juliet = { jid: 'juliet@capulet.example', identity };
const URI = `xmpp:juliet@capulet.example?trust-message;encryption=urn:xmpp:sealed:0;trust=${HEX}`;

test('64 digits in groups of eight, or of four', () => {
  assert.is(fingerprint(identity), '0f1e2d3c 4b5a6978 8796a5b4 c3d2e1f0 01122334 45566778 899aabbc cddeeff0');
  assert.is(fingerprint(identity, 4).split(' ').length, 16);
  assert.throws(() => fingerprint(identity.subarray(1)), /32 octets/);
});

test('reads what it writes; spaces, line ends and case do not matter', () => {
  for (const text of [
    fingerprint(identity),
    fingerprint(identity, 4),
    HEX.toUpperCase(),
    ` ${HEX.slice(0, 9)}\n${HEX.slice(9)}\t`,
  ])
    assert.ok(equal(parseFingerprint(text), identity), text);
});

test('takes nothing else', () => {
  const wrong = [
    HEX.slice(1),
    `${HEX}0`,
    `${HEX.slice(1)}g`,
    HEX.replace('0f', '0-f'),
    HEX.replace('0', '\uff10'),
    '',
    `0x${HEX.slice(2)}`,
    HEX.replace(/..(?=.)/g, '$&:'),
  ];
  for (const text of wrong) assert.throws(() => parseFingerprint(text), RangeError, text);
});

test('a trust message URI (XEP-0434), and back', () => {
  assert.is(fingerprintUri(juliet), URI);
  assert.equal(parseFingerprintUri(URI), juliet);
  assert.equal(parseFingerprintUri(` ${URI.replace('urn:xmpp:sealed:0', 'urn%3Axmpp%3Asealed%3A0')}\n`), juliet);
});

test('addresses that are odd in a URI come back (RFC 5122)', () => {
  for (const jid of [
    'nasty!#$%()*+,-.;=?[]^_`{|}~node@example.com',
    'π@例え.example',
    'o\\27hara@[2001:db8::1]',
    'example.com',
  ]) {
    const uri = fingerprintUri({ jid, identity });
    assert.match(uri, /^[!-~]+$/);
    assert.is(uri.split('?').length, 2);
    assert.is(uri.split('#').length, 1);
    assert.is(parseFingerprintUri(uri).jid, jid);
  }
});

test('other URIs are refused: another encryption, two keys, a distrusted key, a resource, an authority, another query', () => {
  const wrong = [
    URI.replace('sealed', 'omemo'),
    `${URI};trust=${HEX}`,
    `${URI};distrust=${HEX}`,
    URI.replace('trust=', 'distrust='),
    URI.replace('example?', 'example/balcony?'),
    URI.replace('xmpp:', 'xmpp://'),
    URI.replace('trust-message', 'message'),
    URI.replace('juliet', '%'),
    URI.replace('juliet', '%FF'),
    URI.replace(HEX, HEX.slice(2)),
    URI.replace('juliet@', '@'),
    'xmpp:juliet@capulet.example',
    '',
  ];
  for (const uri of wrong) assert.throws(() => parseFingerprintUri(uri), RangeError, uri);
});

test('R06: pasted or scanned, it is the same, another key, or another account', () => {
  assert.is(compareFingerprint(juliet, fingerprint(identity)), 'same');
  assert.is(compareFingerprint(juliet, URI), 'same');
  assert.is(compareFingerprint(juliet, HEX.replace(/0$/, '1')), 'different');
  assert.is(compareFingerprint(juliet, URI.replace(/0$/, '1')), 'different');
  assert.is(compareFingerprint(juliet, URI.replace('juliet', 'julia')), 'other-account');
  assert.throws(() => compareFingerprint(juliet, 'a rose'), RangeError);
});

test('T22: an account is the same in every spelling of its JID, and no other', async () => {
  const scanned = URI.replace('juliet@capulet.example', 'JULIET@Capulet.EXAMPLE.');
  assert.is(compareFingerprint(juliet, scanned), 'same');
  assert.is(compareFingerprint({ ...juliet, jid: 'Juliet@CAPULET.example/balcony' }, URI), 'same');
  assert.is(compareFingerprint({ ...juliet, jid: 'ｊuliet@capulet.example' }, URI), 'same');
  assert.is(compareFingerprint({ ...juliet, jid: 'jülıet@capulet.example' }, URI), 'other-account');
  assert.is((await refusal(() => compareFingerprint({ ...juliet, jid: 'a b@c' }, URI)))?.code, 'ERR_ADDRESS');
});

test('every one of 256 bits counts', () => {
  for (let bit = 0; bit < 256; bit++) {
    const other = new Uint8Array(identity);
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.is(compareFingerprint(juliet, fingerprint(other)), 'different');
  }
});

test.run();
