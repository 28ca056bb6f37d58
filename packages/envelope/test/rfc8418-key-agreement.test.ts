/** X25519 with HKDF and AES key wrap (RFC 8418): computed again by node:crypto, with and without ukm. */
import { createCipheriv, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import {
  concat,
  decodeAuthEnvelopedData,
  exportPrivateKey,
  exportPublicKey,
  fromHex,
  STD_DH_HKDF_SHA256_AES256_WRAP,
  toHex,
} from '@stanzaseal/cms';
import { GENERAL_LIMITS, readGeneralContentInfo } from '@stanzaseal/cms/general';
import { providers, refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyEncryptionKey, sealedUkm, sharedInfo } from '../src/index.js';
import { hkdf, hmac } from './rebuilt.js';
import { clearContextTo, crypto, general, keys, type Recipients, sealed } from './world.js';

const test = suite('RFC 8418 key agreement');
const recipients: Recipients = [keys.prekeyA.publicKey, keys.prekeyB.publicKey];

/** The wrapped CEK as node:crypto computes it from the recipient's private key. */
function wrappedFor(
  key: typeof keys.prekeyA,
  originator: Uint8Array,
  ukm: Uint8Array | undefined,
  info: Uint8Array,
  cek: Uint8Array,
): string {
  const privateKey = createPrivateKey({ key: Buffer.from(exportPrivateKey(key)), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey({
    key: Buffer.from(exportPublicKey({ algorithm: 'X25519', raw: originator })),
    format: 'der',
    type: 'spki',
  });
  const wrapping = hkdf(diffieHellman({ privateKey, publicKey }), ukm ?? new Uint8Array(0), info);
  return createCipheriv('id-aes256-wrap', wrapping, Buffer.alloc(8, 0xa6)).update(cek).toString('hex');
}

/** The key agreement of an object of either profile, by the general reader. */
function keyAgreementOf(der: Uint8Array): {
  originator: Uint8Array;
  ukm: Uint8Array | undefined;
  entries: Map<string, string>;
} {
  const object = readGeneralContentInfo(der, GENERAL_LIMITS);
  assert.ok(object.kind === 'AuthEnvelopedData');
  const [kari] = object.recipientInfos;
  assert.ok(kari?.kind === 'kari' && kari.originatorKey !== undefined);
  const entries = kari.recipientEncryptedKeys.map(({ rid, encryptedKey }): [string, string] => {
    assert.ok(rid.kind === 'subjectKeyIdentifier');
    return [toHex(rid.keyIdentifier), toHex(encryptedKey)];
  });
  return { originator: kari.originatorKey.publicKey, ukm: kari.ukm, entries: new Map(entries) };
}

test('RFC 5753 §7.2: ECC-CMS-SharedInfo, octet by octet', () => {
  const ukm = Uint8Array.from({ length: 32 }, (_, i) => i);
  assert.is(toHex(sharedInfo(ukm)), `3039300b060960864801650304012da0220420${toHex(ukm)}a206040400000100`);
});

test('RFC 8418 §2.2: the algorithm with its key wrap as parameter', () => {
  assert.is(toHex(STD_DH_HKDF_SHA256_AES256_WRAP), '301a060b2a864886f70d0109100313300b060960864801650304012d');
});

for (const [name, make] of [
  ['with ukm', sealed],
  ['without ukm', general],
] as const) {
  test(`RFC 8418 §2: ${name}: node:crypto computes the same wrapped key for each recipient`, async () => {
    const { der, cek } = await make(recipients);
    const { originator, ukm, entries } = keyAgreementOf(der);
    assert.is(ukm !== undefined, name === 'with ukm');
    const info =
      ukm === undefined
        ? fromHex('3015300b060960864801650304012da206040400000100')
        : concat(fromHex('3039300b060960864801650304012da0220420'), ukm, fromHex('a206040400000100'));
    for (const key of [keys.prekeyA, keys.prekeyB]) {
      const wrapped = entries.get(toHex(key.publicKey.keyIdentifier));
      assert.is(wrapped, wrappedFor(key, originator, ukm, info, cek));
      if (ukm === undefined) continue;
      // The mistake of Bouncy Castle 1.86: the ukm in the info and not as the salt.
      assert.is.not(wrapped, wrappedFor(key, originator, undefined, info, cek));
    }
  });
}

for (const [name, provider] of providers()) {
  test(`${name}: the KEK is HKDF written out as two HMACs (RFC 5869 §2)`, async () => {
    const secret = new Uint8Array(32).fill(9);
    const ukm = new Uint8Array(32).fill(3);
    const info = sharedInfo(ukm);
    const expected = hmac(hmac(ukm, secret), concat(info, Uint8Array.of(1)));
    assert.equal(await keyEncryptionKey(secret, ukm, info, provider), expected);
  });

  test(`RFC 8418 §2: ${name}: an all-zero shared secret is refused`, async () => {
    const ukm = new Uint8Array(32);
    const error = await refusal(async () => keyEncryptionKey(new Uint8Array(32), ukm, sharedInfo(ukm), provider));
    assert.is(error?.code, 'ERR_OPEN');
    await keyEncryptionKey(Uint8Array.of(...new Uint8Array(31), 1), ukm, sharedInfo(ukm), provider);
  });
}

test('the ukm of the sealed profile is SHA-256("stanzaseal/0 ukm" || DER(clear context))', async () => {
  const { der } = await sealed(recipients);
  const clearContext = await clearContextTo(recipients);
  const expected = await crypto.sha256(concat(new TextEncoder().encode('stanzaseal/0 ukm'), clearContext));
  assert.equal(await sealedUkm(clearContext, crypto), expected);
  assert.equal(decodeAuthEnvelopedData(der).kari.ukm, expected);
});

test('D6: one ephemeral for all, and another KEK for each: wrapped keys differ', async () => {
  const { der } = await sealed([...recipients, keys.prekeyC.publicKey]);
  const { recipientEncryptedKeys } = decodeAuthEnvelopedData(der).kari;
  assert.is(new Set(recipientEncryptedKeys.map(({ encryptedKey }) => toHex(encryptedKey))).size, 3);
});

test.run();
