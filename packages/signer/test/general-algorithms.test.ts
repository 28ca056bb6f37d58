/** Signing and verifying in the general profile: every algorithm, every name, several signers, digests by themselves. */
import { attribute, equal, ID_CT_SEALED_STANZA, ID_DATA, octetString, oid, oidToText, toHex } from '@stanzaseal/cms';
import {
  encodeSignerInfos,
  GENERAL_LIMITS,
  readGeneralContentInfo,
  type SignatureScheme,
} from '@stanzaseal/cms/general';
import { at, badPeerValue, changed, refusal, SIGNED_PATH } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  contentHashOf,
  type GeneralSigner,
  type JudgementParameters,
  judgeSigners,
  sign,
  signDigest,
  signerInfosLength,
  verify,
} from '../src/general/index.js';
import {
  content,
  contentType,
  crypto,
  keyOf,
  policy,
  random,
  SIGNING_ALGORITHMS,
  signingTime,
} from './generalWorld.js';

const test = suite('general SignedData: algorithms');
const common = { profile: 'general', contentType, signingTime, random, crypto } as const;
const general = { profile: 'general', policy, crypto } as const;

const WRITTEN: Readonly<Record<string, readonly [signature: string, digest: string, length?: number]>> = {
  Ed25519: ['1.3.101.112', '2.16.840.1.101.3.4.2.3', 64],
  'P-256': ['1.2.840.10045.4.3.2', '2.16.840.1.101.3.4.2.1'],
  'P-384': ['1.2.840.10045.4.3.3', '2.16.840.1.101.3.4.2.2'],
  RSA: ['1.2.840.113549.1.1.10', '2.16.840.1.101.3.4.2.1', 384],
  'ML-DSA-44': ['2.16.840.1.101.3.4.3.17', '2.16.840.1.101.3.4.2.3', 2420],
  'ML-DSA-65': ['2.16.840.1.101.3.4.3.18', '2.16.840.1.101.3.4.2.3', 3309],
  'ML-DSA-87': ['2.16.840.1.101.3.4.3.19', '2.16.840.1.101.3.4.2.3', 4627],
};

for (const algorithm of SIGNING_ALGORITHMS) {
  test(`${algorithm}: there and back, attached and detached; one bit of anything changes the answer`, async () => {
    const key = await keyOf(algorithm);
    const signers = [{ key: key.publicKey }] as const;
    const der = await sign(content, { ...common, signers: [{ key }] });
    const verified = await verify(der, { ...general, signers });
    assert.equal(verified.content, content);
    assert.equal(verified.contentType, contentType);
    assert.equal([verified.signatures.length, verified.missing, verified.others], [1, [], []]);
    assert.is(verified.signatures[0].signingTime, signingTime);
    assert.is(verified.signatures[0].key, key.publicKey);

    const read = readGeneralContentInfo(der, GENERAL_LIMITS);
    assert.ok(read.kind === 'SignedData' && read.version === 3 && read.signerInfos.length === 1);
    const [signer] = read.signerInfos;
    const [signature, digest, length] = WRITTEN[algorithm] ?? [];
    assert.is(oidToText(signer?.signatureAlgorithm.oid as Uint8Array), signature);
    assert.is(oidToText(signer?.digestAlgorithm.oid as Uint8Array), digest);
    assert.is(signer?.digestAlgorithm.parameters, undefined, 'RFC 5754 §2: absent');
    if (length !== undefined) assert.is(signer?.signature.length, length);
    if (algorithm === 'RSA') {
      assert.is(
        toHex(signer?.signatureAlgorithm.parameters as Uint8Array),
        '3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120',
        'RFC 4055 §3.1: SHA-256, MGF1 with SHA-256, 32 octets of salt',
      );
    }

    const detached = await sign(content, { ...common, signers: [{ key }], detached: true });
    assert.equal((await verify(detached, { ...general, signers, content })).content, content);
    for (const octets of [detached, der]) {
      const given = octets === der ? { content } : {};
      assert.is((await refusal(() => verify(octets, { ...general, signers, ...given })))?.code, 'ERR_VERIFY');
    }
    const step = Math.ceil(der.length / 40);
    for (let octet = 0; octet < der.length; octet += step) {
      const bad = Uint8Array.from(der);
      bad[octet] = (bad[octet] as number) ^ 1;
      const error = await refusal(() => verify(bad, { ...general, signers }));
      assert.ok(error?.code === 'ERR_VERIFY' || error?.code === 'ERR_UNSUPPORTED', `octet ${octet}`);
    }
    const other = (await keyOf(algorithm === 'RSA' ? 'P-256' : algorithm, 'two')).publicKey;
    assert.is((await refusal(() => verify(der, { ...general, signers: [{ key: other }] })))?.code, 'ERR_VERIFY');
    const forced = [{ key: other, name: { keyIdentifier: key.publicKey.keyIdentifier } }] as const;
    assert.is((await refusal(() => verify(der, { ...general, signers: forced })))?.code, 'ERR_VERIFY', 'forced name');
  });
}

test('a signer goes by SHA-256 of its SubjectPublicKeyInfo, by SHA-1, or by a given identifier', async () => {
  const key = await keyOf('P-256');
  const { publicKey } = key;
  const keyIdentifier = Uint8Array.of(1, 2, 3);
  for (const [name, octets, found] of [
    ['sha256', publicKey.keyIdentifier, [undefined, 'sha256', 'any']],
    ['sha1', publicKey.sha1KeyIdentifier, [undefined, 'sha1', 'any']],
    [{ keyIdentifier }, keyIdentifier, [{ keyIdentifier }, 'any']],
  ] as const) {
    const der = await sign(content, { ...common, signers: [{ key, name }] });
    const read = readGeneralContentInfo(der, GENERAL_LIMITS);
    assert.ok(read.kind === 'SignedData');
    assert.equal(read.signerInfos[0]?.sid, { kind: 'subjectKeyIdentifier', keyIdentifier: octets });
    for (const asked of [undefined, 'sha256', 'sha1', { keyIdentifier }, 'any'] as const) {
      const signers = [{ key: publicKey, ...(asked === undefined ? {} : { name: asked }) }] as const;
      const error = await refusal(() => verify(der, { ...general, signers }));
      const expected = found.some((each) => JSON.stringify(each) === JSON.stringify(asked));
      assert.is(error?.code, expected ? undefined : 'ERR_VERIFY', JSON.stringify([name, asked]));
    }
  }
});

const SCHEMES: readonly (readonly [GeneralSigner['key']['publicKey']['algorithm'], SignatureScheme])[] = [
  ['P-256', { name: 'ECDSA', hash: 'SHA-384' }],
  ['P-256', { name: 'ECDSA', hash: 'SHA-512' }],
  // What OpenSSL writes unless it is told otherwise.
  ['P-384', { name: 'ECDSA', hash: 'SHA-256' }],
  ['RSA', { name: 'RSA-PSS', hash: 'SHA-512', saltLength: 64 }],
  ['RSA', { name: 'RSA-PSS', hash: 'SHA-384', saltLength: 0 }],
  // The most that fits 3072 bits (RFC 8017 §9.1.1).
  ['RSA', { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 350 }],
];
for (const [algorithm, scheme] of SCHEMES) {
  test(`${algorithm} with ${JSON.stringify(scheme)}`, async () => {
    const key = await keyOf(algorithm);
    const der = await sign(content, { ...common, signers: [{ key, scheme }] });
    const { signatures } = await verify(der, { ...general, signers: [{ key: key.publicKey }] });
    assert.equal(signatures[0].scheme, scheme);
  });
}

test('several signers of several algorithms, each digest announced once', async () => {
  const keys = await Promise.all(SIGNING_ALGORITHMS.map((algorithm) => keyOf(algorithm)));
  const [first, ...more] = keys.map((key) => ({ key }));
  assert.ok(first !== undefined);
  const der = await sign(content, { ...common, signers: [first, ...more] });
  const read = readGeneralContentInfo(der, GENERAL_LIMITS);
  assert.ok(read.kind === 'SignedData');
  assert.is(read.digestAlgorithms.length, 3);
  const [asked, ...others] = keys.map(({ publicKey }) => ({ key: publicKey }));
  assert.ok(asked !== undefined);
  const { signatures } = await verify(der, { ...general, signers: [asked, ...others] });
  assert.equal(
    signatures.map(({ key }) => key.algorithm),
    [...SIGNING_ALGORITHMS],
  );
});

test('what cannot be signed is said to whoever asks', async () => {
  const ed25519 = await keyOf('Ed25519');
  const agreement = await keyOf('X25519');
  const rsa = await keyOf('RSA');
  const cases: readonly [signer: GeneralSigner, name: string][] = [
    [{ key: agreement }, 'TypeError'],
    [{ key: ed25519, scheme: { name: 'ECDSA', hash: 'SHA-256' } }, 'TypeError'],
    [{ key: rsa, scheme: { name: 'ECDSA', hash: 'SHA-256' } }, 'TypeError'],
    [{ key: rsa, scheme: { name: 'RSA-PSS', hash: 'SHA-1', saltLength: 20 } }, 'TypeError'],
    [{ key: await keyOf('P-256'), scheme: { name: 'ECDSA', hash: 'SHA-224' } }, 'TypeError'],
    [{ key: await keyOf('ML-DSA-44'), scheme: { name: 'Ed25519' } }, 'TypeError'],
    [{ key: rsa, scheme: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 351 } }, 'RangeError'],
    [{ key: rsa, scheme: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: -1 } }, 'RangeError'],
  ];
  for (const [signer, name] of cases)
    assert.is((await refusal(() => sign(content, { ...common, signers: [signer] })))?.name, name);
  const twice = [{ key: ed25519 }, { key: ed25519 }] as const;
  assert.is((await refusal(() => sign(content, { ...common, signers: twice })))?.name, 'RangeError', 'one name (B9)');
  const odd = { ...common, profile: 'sealed' as 'general', signers: [{ key: ed25519 }] as const };
  assert.is((await refusal(() => sign(content, odd)))?.name, 'TypeError');
  for (const attrType of ['3', '4', '5', '6', '52'].map((arc) => oid(`1.2.840.113549.1.9.${arc}`))) {
    const signedAttrs = [attribute(attrType, octetString(content))];
    const error = await refusal(() => sign(content, { ...common, signers: [{ key: ed25519 }], signedAttrs }));
    assert.is(error?.name, 'RangeError', oidToText(attrType));
  }
  const verifying = { ...general, signers: [{ key: agreement.publicKey }] as const };
  assert.is((await refusal(() => verify(content, verifying)))?.name, 'TypeError');
});

test('attributes of the caller are signed and given back', async () => {
  const key = await keyOf('Ed25519');
  const mine = attribute(oid('2.25.2'), octetString(content));
  const der = await sign(content, { ...common, signers: [{ key }], signedAttrs: [mine] });
  const { signatures } = await verify(der, { ...general, signers: [{ key: key.publicKey }] });
  const found = signatures[0].signedAttrs?.find(({ attrType }) => equal(attrType, mine.attrType));
  assert.equal(found?.values, [mine.value]);
});

test('content types: the one asked for, id-data by policy alone, SignedData without its ContentInfo refused', async () => {
  const key = await keyOf('Ed25519');
  const signers = [{ key: key.publicKey }] as const;
  const data = await sign(content, { ...common, contentType: ID_DATA, signers: [{ key }] });
  const ours = await sign(content, { ...common, contentType: ID_CT_SEALED_STANZA, signers: [{ key }] });
  const bare = await sign(content, { ...common, signers: [{ key }], form: 'SignedData' });
  assert.is((await refusal(() => verify(data, { ...general, signers })))?.code, 'ERR_VERIFY');
  const lax = { ...general, policy: { ...policy, idData: true } };
  assert.equal((await verify(data, { ...lax, signers })).contentType, ID_DATA);
  await verify(ours, { ...general, signers, contentType: ID_CT_SEALED_STANZA });
  assert.is((await refusal(() => verify(ours, { ...general, signers, contentType })))?.code, 'ERR_VERIFY');
  assert.is((await refusal(() => verify(bare, { ...general, signers })))?.code, 'ERR_VERIFY');
});

test('content that streams by: SignerInfos from digests, their length beforehand, and judgement by digests', async () => {
  for (const algorithm of SIGNING_ALGORITHMS) {
    const key = await keyOf(algorithm);
    const hash = contentHashOf({ key });
    const digest = await crypto.digest(hash, content);
    const signerInfo = await signDigest(digest, { key }, common);
    const length = signerInfosLength([{ key }], common);
    const isEcdsa = algorithm.startsWith('P-');
    assert.is(length, isEcdsa ? undefined : encodeSignerInfos([signerInfo]).length, algorithm);
    assert.is((await refusal(() => signDigest(digest.subarray(1), { key }, common)))?.name, 'RangeError');

    const data = {
      digestAlgorithms: [signerInfo.digestAlgorithm],
      signerInfos: [{ ...signerInfo, version: 3 }],
    };
    const parameters: JudgementParameters = { signers: [{ key: key.publicKey }], policy, crypto };
    const digested = (octets: Uint8Array | undefined) => ({ contentType, octets: undefined, digest: () => octets });
    assert.is((await judgeSigners(data, digested(digest), parameters)).signatures.length, 1);
    for (const wrong of [undefined, digest.map((octet) => octet ^ 1)]) {
      const error = await refusal(() => judgeSigners(data, digested(wrong), parameters));
      assert.is(error?.code, 'ERR_VERIFY');
    }
  }
});

test('BER: indefinite lengths and content in chunks, as other software streams it', async () => {
  const key = await keyOf('Ed25519');
  const signers = [{ key: key.publicKey }] as const;
  const ber = changed(await sign(content, { ...common, signers: [{ key }] }), (root) => {
    const chunks = [content.subarray(0, 7), content.subarray(7, 7), content.subarray(7)];
    const around = [[], [1], SIGNED_PATH.data, SIGNED_PATH.encapContentInfo, SIGNED_PATH.eContent];
    const values = around.map((path) => at(root, ...path));
    Object.assign(at(root, ...SIGNED_PATH.eContent), {
      tag: 0x24,
      content: chunks.map((each) => badPeerValue(4, each)),
    });
    for (const value of values) value.length = 'indefinite';
  });
  assert.equal((await verify(ber, { ...general, signers })).content, content);
  for (const cut of [1, 2, 10])
    assert.is((await refusal(() => verify(ber.subarray(0, -cut), { ...general, signers })))?.code, 'ERR_VERIFY');
});

test.run();
