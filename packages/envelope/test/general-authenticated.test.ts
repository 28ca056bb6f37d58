/** AuthenticatedData (RFC 5652 §9): there and back, the MAC computed by node:crypto, and everything that must be refused. */
import { createHash, createHmac } from 'node:crypto';
import { concat, fromHex, ID_DATA, ID_SIGNED_DATA, toHex } from '@stanzaseal/cms';
import {
  type AuthenticatedDataToWrite,
  digestAlgorithm,
  encodeGeneralAuthenticatedData,
  type GeneralAttribute,
  type GeneralAuthenticatedData,
  generalAlgorithm,
  generalAttributes,
  hmacAlgorithm,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import { systemRandom } from '@stanzaseal/cms/provider';
import { at, changed, refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AuthenticateParameters,
  authenticate,
  GENERAL_POLICY,
  type GeneralDecryptParameters,
  type GeneralRecipient,
  type OwnKey,
  readRecipients,
  type VerifiedAuthenticated,
  verifyAuthenticated,
} from '../src/general/index.js';
import { countedGeneral } from './countedGeneral.js';
import { ALGORITHMS, by, KEK, LETTER, make, openWith, PASSWORD, to } from './generalWorld.js';
import { generalCrypto } from './world.js';

const test = suite('general profile: AuthenticatedData');
const MACS = ['HMAC-SHA-256', 'HMAC-SHA-384', 'HMAC-SHA-512'] as const;
const seal = (recipients: readonly GeneralRecipient[], more: Partial<AuthenticateParameters> = {}) =>
  authenticate(LETTER, {
    profile: 'general',
    recipients,
    contentType: ID_DATA,
    macAlgorithm: 'HMAC-SHA-256',
    random: systemRandom,
    crypto: generalCrypto,
    ...more,
  });
const check = (
  der: Uint8Array,
  keys: readonly OwnKey[],
  more: Partial<GeneralDecryptParameters> = {},
): Promise<VerifiedAuthenticated> =>
  verifyAuthenticated(der, { profile: 'general', keys, policy: GENERAL_POLICY, crypto: generalCrypto, ...more });
const partsOf = (der: Uint8Array): GeneralAuthenticatedData => {
  const data = readGeneralContentInfo(der, GENERAL_POLICY.limits);
  if (data.kind !== 'AuthenticatedData') throw new TypeError('der is of another kind');
  return data;
};
const KEY: Uint8Array = new Uint8Array(32).fill(0x77);
const hmac = (hash: string, octets: Uint8Array, key: Uint8Array = KEY) =>
  new Uint8Array(createHmac(hash, key).update(octets).digest());
const attribute = (hex: string, ...values: string[]) => ({ attrType: fromHex(hex), values: values.map(fromHex) });
const CONTENT_TYPE = '2a864886f70d010903';
const MESSAGE_DIGEST = '2a864886f70d010904';
const ID_DATA_DER = '06092a864886f70d010701';
const digestDer = (content: Uint8Array) => `0420${createHash('sha256').update(content).digest('hex')}`;
/** An object by who knows the key, with a right MAC over whatever it says. */
async function forged(
  change: (data: AuthenticatedDataToWrite) => Partial<AuthenticatedDataToWrite>,
  key = KEY,
): Promise<Uint8Array> {
  const base = partsOf(await seal([KEK]));
  const [info] = base.recipientInfos;
  if (info?.kind !== 'kekri') throw new TypeError('no kekri');
  const data = { ...base, recipientInfos: [{ ...info, encryptedKey: await generalCrypto.wrapKey(KEK.key, key) }] };
  const whole = { ...data, ...change(data) };
  return encodeGeneralAuthenticatedData({
    mac: hmac('sha256', whole.authAttrs?.der ?? whole.eContent ?? KEY, key),
    ...omitMac(whole),
    ...change(data),
  });
}
const omitMac = ({ mac: _, ...rest }: AuthenticatedDataToWrite): Omit<AuthenticatedDataToWrite, 'mac'> => rest;
async function refused(der: Uint8Array, why: string, code = 'ERR_OPEN', isFree = false): Promise<void> {
  const { crypto, total } = countedGeneral();
  const error = await refusal(() => check(der, [KEK], { crypto }));
  assert.ok(error !== undefined, `${why} was taken`);
  assert.is(error.code, code, `${why}: ${error}`);
  if (isFree) assert.is(total(), 0, `${why}: computed with a key`);
}

test('there and back for every kind of recipient and every MAC, id-data and others', async () => {
  for (const macAlgorithm of MACS) {
    for (const contentType of [ID_DATA, ID_SIGNED_DATA]) {
      const der = await seal([...ALGORITHMS.map(to), KEK, PASSWORD], { macAlgorithm, contentType });
      const { kind, recipients } = readRecipients(der, GENERAL_POLICY.limits);
      assert.equal([kind, recipients.length], ['AuthenticatedData', ALGORITHMS.length + 2]);
      for (const key of [...ALGORITHMS.map(by), KEK, PASSWORD]) {
        const verified = await check(der, [key]);
        assert.equal([verified.content, verified.contentType], [LETTER, contentType]);
      }
    }
  }
});

test('RFC 5652 §9.1, §9.2: version 0, digest and attributes, the MAC over their DER; a key as long as the hash', async () => {
  for (const [macAlgorithm, hash, length] of [
    ['HMAC-SHA-256', 'sha256', 32],
    ['HMAC-SHA-384', 'sha384', 48],
    ['HMAC-SHA-512', 'sha512', 64],
  ] as const) {
    const der = await seal([KEK], {
      macAlgorithm,
      authAttrs: [{ attrType: fromHex('2a0304'), value: fromHex('0500') }],
    });
    const data = partsOf(der);
    assert.is(data.version, 0);
    const [info] = data.recipientInfos;
    const key = await generalCrypto.unwrapKey(KEK.key, info?.kind === 'kekri' ? info.encryptedKey : KEY);
    assert.is(key.length, length);
    assert.equal(data.mac, hmac(hash, data.authAttrs?.der ?? KEY, key));
    const types = data.authAttrs?.attributes.map(({ attrType }) => toHex(attrType)) ?? [];
    assert.equal([...types].sort(), ['2a0304', CONTENT_TYPE, MESSAGE_DIGEST]);
    assert.equal(data.eContent, LETTER);
  }
});

test('without attributes the MAC is over the content (RFC 5652 §9.2): read, for id-data alone', async () => {
  const bare = { authAttrs: undefined, digestAlgorithm: undefined };
  const verified = await check(await forged(() => bare), [KEK]);
  assert.equal([verified.content, verified.authAttrs], [LETTER, undefined]);
  await refused(
    await forged(() => ({ ...bare, eContentType: ID_SIGNED_DATA })),
    'another content type',
    'ERR_OPEN',
    true,
  );
});

test('RFC 5652 §9.1, §11: content-type and message-digest there once, with one value, and true', async () => {
  const good = [attribute(CONTENT_TYPE, ID_DATA_DER), attribute(MESSAGE_DIGEST, digestDer(LETTER))];
  const saying = (...attributes: readonly GeneralAttribute[]) =>
    forged(() => ({ authAttrs: generalAttributes(attributes) }));
  assert.equal((await check(await saying(...good), [KEK])).content, LETTER);
  for (const [why, attributes] of [
    ['no content-type', [good[1]]],
    ['no message-digest', [good[0]]],
    ['neither, as one file in OpenSSL’s tests', [attribute('2b06010401ae2f6301', '0500')]],
    ['content-type of another', [attribute(CONTENT_TYPE, '06092a864886f70d010702'), good[1]]],
    ['content-type with two values', [attribute(CONTENT_TYPE, ID_DATA_DER, '06092a864886f70d010702'), good[1]]],
    ['message-digest twice', [...good, attribute(MESSAGE_DIGEST, digestDer(KEY))]],
    ['message-digest with two values', [good[0], attribute(MESSAGE_DIGEST, digestDer(LETTER), digestDer(KEY))]],
    ['message-digest of other content', [good[0], attribute(MESSAGE_DIGEST, digestDer(KEY))]],
    ['message-digest as INTEGER', [good[0], attribute(MESSAGE_DIGEST, `0220${digestDer(LETTER).slice(4)}`)]],
    ['message-digest cut', [good[0], attribute(MESSAGE_DIGEST, `041f${digestDer(LETTER).slice(4, -2)}`)]],
  ] as const)
    await refused(await saying(...(attributes as readonly GeneralAttribute[])), why);
});

test('digest and attributes go together; hashes by policy; MACs that are none of ours; content left out', async () => {
  await refused(await forged(() => ({ macAlgorithm: hmacAlgorithm('SHA-1') })), 'HMAC-SHA-1', 'ERR_OPEN', true);
  await refused(
    await forged(() => ({ digestAlgorithm: digestAlgorithm('SHA-1') })),
    'a digest by SHA-1',
    'ERR_OPEN',
    true,
  );
  const gmac = generalAlgorithm(fromHex('608648016503040109'));
  await refused(await forged(() => ({ macAlgorithm: gmac })), 'GMAC (RFC 9044)', 'ERR_UNSUPPORTED', true);
  await refused(await forged(() => ({ eContent: undefined })), 'detached', 'ERR_OPEN', true);
  const whole = await seal([KEK]);
  await refused(
    changed(whole, (root) => void (at(root, 1, 0).content as unknown[]).splice(3, 1)),
    'digestAlgorithm taken out',
    'ERR_OPEN',
    true,
  );
  await refused(
    changed(whole, (root) => void (at(root, 1, 0).content as unknown[]).splice(5, 1)),
    'authAttrs taken out',
    'ERR_OPEN',
    true,
  );
  for (const version of [1, 2, 3, 4])
    await refused(
      changed(whole, (root) => {
        at(root, 1, 0, 0).content = Uint8Array.of(version);
      }),
      `version ${version}`,
      'ERR_OPEN',
      true,
    );
});

test('MACs cut, longer, of other content; keys of 8 and 136 octets', async () => {
  const good = await forged(() => ({}));
  const { mac } = partsOf(good);
  for (const other of [
    mac.subarray(0, 12),
    mac.subarray(0, 31),
    concat(mac, Uint8Array.of(0)),
    new Uint8Array(0),
    new Uint8Array(32),
  ])
    await refused(await forged(() => ({ mac: other })), `a MAC of ${other.length}`);
  await refused(await forged(() => ({ eContent: KEY })), 'other content');
  await refused(await forged(() => ({}), new Uint8Array(136).fill(1)), 'a key of 136');
  assert.equal((await check(await forged(() => ({}), new Uint8Array(16).fill(1)), [KEK])).content, LETTER);
});

test('a key that fails to unwrap goes on to the MAC, and never verifies under the stand-in', async () => {
  const zeros = new Uint8Array(32);
  const base = partsOf(await forged(() => ({}), zeros));
  const [info] = base.recipientInfos;
  if (info?.kind !== 'kekri') throw new TypeError('no kekri');
  await refused(
    encodeGeneralAuthenticatedData({ ...base, recipientInfos: [{ ...info, encryptedKey: new Uint8Array(40) }] }),
    'a MAC under zeros',
  );
});

test('every one-bit flip and every cut is refused', async () => {
  const der = await seal([KEK], { contentType: ID_SIGNED_DATA });
  for (let bit = 0; bit < der.length * 8; bit++) {
    const octets = Uint8Array.from(der);
    octets[bit >> 3] = (octets[bit >> 3] as number) ^ (1 << (bit & 7));
    const error = await refusal(() => check(octets, [KEK]));
    assert.ok(error?.code === 'ERR_OPEN' || error?.code === 'ERR_UNSUPPORTED', `bit ${bit}: ${error}`);
  }
  for (let length = 0; length < der.length; length++) await refused(der.subarray(0, length), `cut at ${length}`);
});

test('what is authenticated does not decrypt, and what is encrypted does not verify', async () => {
  assert.is((await refusal(async () => openWith(await seal([KEK]), [KEK])))?.code, 'ERR_OPEN');
  assert.is((await refusal(async () => check((await make([KEK])).der, [KEK])))?.code, 'ERR_OPEN');
});

test('arguments: attributes that are ours to write', async () => {
  for (const hex of [CONTENT_TYPE, MESSAGE_DIGEST])
    assert.instance(
      await refusal(() => seal([KEK], { authAttrs: [{ attrType: fromHex(hex), value: fromHex('0500') }] })),
      RangeError,
    );
});

test.run();
