/** One canonical base64, one PEM (F13; RFC 4648 §10, RFC 7468). */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Base64,
  CmsError,
  decodePem,
  decodePemBlocks,
  encodePem,
  fromBase64,
  fromHex,
  toBase64,
  toHex,
  toUtf8,
} from '../src/index.js';
import { createCryptoProvider } from '../src/provider/node.js';

const test = suite('base64 and PEM');
/** Whoever decodes: our own code, and what the Node provider brings. */
const decoders = [fromBase64, (createCryptoProvider().base64 as Base64).decode];
const refused = (call: () => unknown, why: string) =>
  assert.throws(call, (error: unknown) => error instanceof CmsError && error.code === 'ERR_DER', why);

test('RFC 4648 §10: the test vectors, both ways', () => {
  const vectors = {
    '': '',
    f: 'Zg==',
    fo: 'Zm8=',
    foo: 'Zm9v',
    foob: 'Zm9vYg==',
    fooba: 'Zm9vYmE=',
    foobar: 'Zm9vYmFy',
  };
  for (const [text, base64] of Object.entries(vectors)) {
    assert.is(toBase64(toUtf8(text)), base64);
    assert.equal(fromBase64(base64), toUtf8(text));
  }
});

test('every length to 300 and every octet value goes there and back, as Node writes it', () => {
  for (let length = 0; length <= 300; length++) {
    const octets = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
    assert.is(toBase64(octets), Buffer.from(octets).toString('base64'));
    assert.equal(fromBase64(toBase64(octets)), octets);
  }
});

test('F13: white space, the URL alphabet, missing or superfluous padding, stray bits', () => {
  for (const bad of [
    'Zm9v\n',
    ' Zm9v',
    'Zm 9v',
    'Zm9v\r\nYmFy',
    '\tZm9vYmE=',
    'Zm9vYg',
    'Zm9vYmE',
    'Zg=',
    'Z',
    'Z===',
    '====',
    '=',
    'Zg==Zg==',
    'Zm=v',
    'Z=9v',
    'Zm8=Zm8=',
    'Zm9v====',
    'Zh==',
    'Zm9=',
    '_-8=',
    '+_8=',
    'Zm9\u00e9',
    'Zm9\u{1f512}',
    'Zm9v\u0000AAA',
  ])
    for (const decode of decoders) refused(() => decode(bad), JSON.stringify(bad));
});

test('F13: what was changed at random is taken where it is still what the octets are written as, and nowhere else', () => {
  const characters = [...'AZaz09+/=-_ \n\u0000\u00c1\u0141\u{1f512}'];
  const pick = (below: number): number => Math.floor(Math.random() * below);
  for (let round = 0; round < 4000; round++) {
    const text = toBase64(Uint8Array.from({ length: pick(12) }, () => pick(256)));
    const [at, cut] = [pick(text.length + 1), pick(3)];
    const changed = text.slice(0, at) + (characters[pick(characters.length)] as string) + text.slice(at + cut);
    const isCanonical = Buffer.from(changed, 'base64').toString('base64') === changed;
    for (const decode of decoders) {
      if (isCanonical) assert.is(toBase64(decode(changed)), changed);
      else refused(() => decode(changed), JSON.stringify(changed));
    }
  }
});

test('F13: of all texts of four characters that differ in unused bits, one is taken', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let taken = 0;
  for (const character of alphabet) {
    try {
      fromBase64(`A${character}==`);
      taken++;
    } catch {}
  }
  assert.is(taken, 4);
});

test('PEM: written in lines of 64, read back', () => {
  const der = new Uint8Array(100).fill(0xa5);
  const text = encodePem('CMS', der);
  assert.ok(text.startsWith('-----BEGIN CMS-----\n') && text.endsWith('\n-----END CMS-----\n'));
  assert.ok(text.split('\n').every((line) => line.length <= 64));
  assert.equal(decodePem(text, 'CMS'), der);
  assert.equal(decodePem(text.replaceAll('\n', '\r\n'), 'CMS'), der);
  assert.equal(decodePem(encodePem('CMS', new Uint8Array(0)), 'CMS'), new Uint8Array(0));
});

test('F13: PEM with another label, two objects, or something around or inside', () => {
  const text = encodePem('PUBLIC KEY', fromHex('3003020100'));
  refused(() => decodePem(text, 'PRIVATE KEY'), 'another label');
  refused(() => decodePem(text + text, 'PUBLIC KEY'), 'two objects');
  refused(() => decodePem(`hello\n${text}`, 'PUBLIC KEY'), 'text before');
  refused(() => decodePem(`${text}hello`, 'PUBLIC KEY'), 'text after');
  refused(() => decodePem('', 'PUBLIC KEY'), 'nothing');
  refused(() => decodePem(text.replace('-----END', '----END'), 'PUBLIC KEY'), 'no end');
  refused(() => decodePem(text.replace('END PUBLIC', 'END PRIVATE'), 'PUBLIC KEY'), 'another end');
  refused(() => decodePem(text.replace('\nMAMC', '\nProc-Type: 4,ENCRYPTED\n\nMAMC'), 'PUBLIC KEY'), 'headers');
  refused(() => decodePem(text.replace('MAMC', 'MA MC'), 'PUBLIC KEY'), 'a blank inside');
  refused(() => decodePem(text.replace('MAMC', 'MAM_'), 'PUBLIC KEY'), 'URL alphabet');
  assert.is(decodePemBlocks(text + text).length, 2);
  assert.is(toHex((decodePemBlocks(text)[0] as { der: Uint8Array }).der), '3003020100');
});

test.run();
