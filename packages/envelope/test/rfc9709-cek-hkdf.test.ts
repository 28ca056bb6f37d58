/** The content key of RFC 9709 and the commitment: published values, the exact octets of the info, every nonce bit (A5). */
import { contentEncryption, decodeAuthEnvelopedData, fromHex, toHex, toUtf8 } from '@stanzaseal/cms';
import { providers, readVectors } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cekCommitment, contentKey } from '../src/index.js';
import { hkdf, hmac } from './rebuilt.js';
import { keys, sealed } from './world.js';

const test = suite('RFC 9709 CEK-HKDF');

test('RFC 9709: the info is the DER of the inner algorithm, nonce and tag length in it', async () => {
  const nonce = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
  const { algorithm } = contentEncryption(nonce);
  assert.is(toHex(algorithm), `301e060960864801650304012e3011040c${toHex(nonce)}020110`);
  const read = decodeAuthEnvelopedData((await sealed([keys.prekeyA.publicKey])).der).contentEncryption;
  assert.equal(read.algorithm, contentEncryption(read.nonce).algorithm);
});

for (const [name, crypto] of providers()) {
  test(`A5: ${name}: the published values of RFC 9709`, async () => {
    const text = readVectors('rfc9709/vectors.json');
    if (text === undefined) return;
    const vectors: { ikm: string; info: string; okm: string }[] = JSON.parse(text);
    assert.is(vectors.length, 2);
    for (const { ikm, info, okm } of vectors) {
      // They are of 16 octets; HKDF of 32 begins with the same octets (RFC 5869 §2.3).
      assert.is(toHex((await contentKey(fromHex(ikm), fromHex(info), crypto)).subarray(0, 16)), okm);
    }
  });

  test(`A5: ${name}: 32 octets by two HMACs, and by hkdfSync; any bit of the nonce changes them`, async () => {
    const cek = new Uint8Array(32).fill(0x42);
    const nonce = new Uint8Array(12);
    const { algorithm } = contentEncryption(nonce);
    const key = await contentKey(cek, algorithm, crypto);
    const salt = toUtf8('The Cryptographic Message Syntax');
    assert.is(salt.length, 32);
    assert.equal(key, hkdf(cek, salt, algorithm));
    assert.equal(key, hmac(hmac(salt, cek), Uint8Array.of(...algorithm, 1)));
    for (let bit = 0; bit < 96; bit++) {
      const other = new Uint8Array(12);
      other[bit >> 3] = 1 << (bit & 7);
      assert.not.equal(await contentKey(cek, contentEncryption(other).algorithm, crypto), key);
    }
  });

  test(`D1: ${name}: the commitment is HKDF(CEK, "stanzaseal/0", "cek commitment") and differs from the content key`, async () => {
    const cek = new Uint8Array(32).fill(0x42);
    const commitment = await cekCommitment(cek, crypto);
    assert.equal(commitment, hkdf(cek, 'stanzaseal/0', 'cek commitment'));
    assert.not.equal(commitment, await contentKey(cek, contentEncryption(new Uint8Array(12)).algorithm, crypto));
  });
}

test.run();
