import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CryptoProvider, generatePrivateKey } from '../src/index.js';
import { agreementKeyFromCryptoKey, importCryptoKey, signingKeyFromCryptoKey } from '../src/provider/cryptoKeys.js';
import { createCryptoProvider, systemRandom as random } from '../src/provider/node.js';

const test = suite('keys that WebCrypto holds');
const crypto: CryptoProvider = createCryptoProvider();

for (const algorithm of ['Ed25519', 'P-256'] as const) {
  test(`${algorithm}: signs, and gives nobody its octets`, async () => {
    const key = await generatePrivateKey(algorithm, random, crypto);
    const { publicKey } = key;
    const held = await importCryptoKey(publicKey, key.secret());
    assert.equal([held.type, held.extractable, held.usages], ['private', false, ['sign']]);
    const octets = random(1000);
    const signing = signingKeyFromCryptoKey(publicKey, held);
    assert.is(signing.publicKey, publicKey);
    assert.ok(await crypto.verify(publicKey, octets, await signing.sign(octets)));
    for (const format of ['pkcs8', 'jwk'] as const) {
      const exported = await globalThis.crypto.subtle.exportKey(format, held).catch((error: Error) => error.name);
      assert.match(String(exported), /^InvalidAccess/);
    }
  });
}

test('X25519: agrees as the key that it was made of', async () => {
  const [own, peer] = [
    await generatePrivateKey('X25519', random, crypto),
    await generatePrivateKey('X25519', random, crypto),
  ];
  const held = await importCryptoKey(own.publicKey, own.secret());
  assert.is(held.extractable, false);
  const agreement = agreementKeyFromCryptoKey(own.publicKey, held);
  const expected = await (await own.agreementKey(crypto)).agree(peer.publicKey);
  assert.equal(await agreement.agree(peer.publicKey), expected);
});

test.run();
