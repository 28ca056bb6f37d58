/** Published SignedData: what must verify, what must be refused, and for which reason it is. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentTypeAttribute, fromUtf8, ID_DATA, messageDigestAttribute, oid } from '@stanzaseal/cms';
import {
  encodeGeneralSignedData,
  GENERAL_LIMITS,
  type GeneralAttributes,
  type GeneralPrivateKey,
  type GeneralPublicKey,
  generalAlgorithm,
  generalAttributes,
  readGeneralContentInfo,
  type SignerInfoToWrite,
} from '@stanzaseal/cms/general';
import { refusal, vectorsDirectory } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SignaturePolicy, verify } from '../src/general/index.js';
import { certified, crypto, keyOf, laxPolicy, mailPolicy, naming, policy, random, vector } from './generalWorld.js';

const test = suite('general SignedData: published vectors');

interface Asked {
  readonly key: GeneralPublicKey;
  /** The certificate that the message names; any, where left out. */
  readonly issuerAndSerial?: Uint8Array;
  readonly policy?: SignaturePolicy;
  readonly content?: Uint8Array;
}

function verified(octets: Uint8Array, { key, issuerAndSerial, policy: taken = mailPolicy, content }: Asked) {
  return verify(octets, {
    profile: 'general',
    signers: [{ key }],
    policy: taken,
    nameOf: naming(key, issuerAndSerial),
    crypto,
    ...(content === undefined ? {} : { content }),
  });
}

async function codeOf(octets: Uint8Array, asked: Asked): Promise<string | undefined> {
  const error = await refusal(() => verified(octets, asked));
  return error?.code ?? error?.name;
}

/** Every bit of the signature's first octets and of the content matters. */
async function refusesChanges(octets: Uint8Array, asked: Asked, where: Uint8Array): Promise<void> {
  const start = Buffer.from(octets).indexOf(where);
  assert.ok(start > 0);
  for (const offset of [0, where.length >> 1, where.length - 1]) {
    const bad = Uint8Array.from(octets);
    bad[start + offset] = (bad[start + offset] as number) ^ 0x10;
    assert.ok((await codeOf(bad, asked)) !== undefined, `octet ${start + offset}`);
  }
}

for (const level of ['44', '65', '87']) {
  test(`RFC 9882 App. B: ML-DSA-${level}: signed attributes, SHA-512, issuer and serial number, no certificate`, async () => {
    const octets = vector(`lamps-cms-ml-dsa/mldsa${level}-signed-attrs.pem`);
    const spki = vector(`lamps-dilithium-certificates/ML-DSA-${level}.pub.pem`);
    const certificate = vector(`lamps-dilithium-certificates/ML-DSA-${level}.crt.pem`);
    if (octets === undefined || spki === undefined || certificate === undefined) return;
    const asked = { key: await crypto.importPublicKey(spki) };
    const { content, signatures } = await verified(octets, asked);
    assert.is(fromUtf8(content), `ML-DSA-${level} signed-data example with signed attributes`);
    assert.equal(
      [signatures[0].scheme.name, signatures[0].hash, signatures[0].signingTime],
      ['ML-DSA', 'SHA-512', undefined],
    );
    assert.equal((await certified(certificate)).key.spki, asked.key.spki);
    await refusesChanges(octets, asked, content);
    await refusesChanges(octets, asked, signatures[0].signerInfo.signature);
    assert.is(await codeOf(octets, { ...asked, policy }), 'ERR_VERIFY', 'id-data without leave');
    assert.is(await codeOf(octets, { ...asked, policy: { ...mailPolicy, signingTime: 'required' } }), 'ERR_VERIFY');
    assert.is(
      await codeOf(octets, { ...asked, issuerAndSerial: Uint8Array.of(0x30, 0) }),
      'ERR_VERIFY',
      'another name',
    );
  });
}

test('RFC 8591 §10.1, §10.2: ECDSA P-256, with and without the certificate', async () => {
  const withCertificate = vector('rfc8591/10.1-signed-with-cert.der');
  const without = vector('rfc8591/10.2-signed-no-cert.der');
  if (withCertificate === undefined || without === undefined) return;
  const asked = await certified(withCertificate);
  assert.is(asked.key.algorithm, 'P-256');
  for (const octets of [withCertificate, without]) {
    const { content, signatures } = await verified(octets, asked);
    assert.is(fromUtf8(content), 'Content-Type: text/plain\r\n\r\nWatson, come here - I want to see you.\r\n');
    assert.ok(signatures[0].signingTime !== undefined);
    await refusesChanges(octets, asked, content);
  }
});

test('RFC 4056: RSA-PSS by SHA-1 key identifier, SHA-256, 222 octets of salt', async () => {
  const octets = vector('pyasn1-alt-modules/rfc4056.PSSSignedData.msg.der');
  if (octets === undefined) return;
  const { key } = await certified(octets);
  const { content, signatures } = await verify(octets, {
    profile: 'general',
    signers: [{ key }],
    policy: mailPolicy,
    crypto,
  });
  assert.equal(signatures[0].scheme, { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 222 });
  assert.equal(signatures[0].signerInfo.sid, { kind: 'subjectKeyIdentifier', keyIdentifier: key.sha1KeyIdentifier });
  await refusesChanges(octets, { key }, content);
});

for (const [file, scheme, hash] of [
  ['rfc5035.SignedMessage.signed_message', 'ECDSA', 'SHA-384'],
  ['rfc5035.SignedReceipt.signed_receipt', 'ECDSA', 'SHA-256'],
  ['rfc5940.CRLandOCSPResponse.msg', 'ECDSA', 'SHA-256'],
  ['rfc6211.SignedMessage.signed_message', 'ECDSA', 'SHA-384'],
  ['rfc7191.Receipt.message2', 'ECDSA', 'SHA-384'],
  ['rfc7191.Error.message3', 'ECDSA', 'SHA-384'],
] as const) {
  test(`${file.split('.')[0]}: ${file}: ${scheme} with ${hash}`, async () => {
    const octets = vector(`pyasn1-alt-modules/${file}.der`);
    if (octets === undefined) return;
    const asked = await certified(octets);
    const { content, signatures } = await verified(octets, asked);
    assert.equal([signatures[0].scheme.name, signatures[0].hash], [scheme, hash]);
    await refusesChanges(octets, asked, content);
    await refusesChanges(octets, asked, signatures[0].signerInfo.signature);
  });
}

test('rfc7191: the signature of rfc7191.ReceiptRequest.message1 is not good: OpenSSL says so too', async () => {
  const octets = vector('pyasn1-alt-modules/rfc7191.ReceiptRequest.message1.der');
  if (octets !== undefined) assert.is(await codeOf(octets, await certified(octets)), 'ERR_VERIFY');
});

test('ML-DSA of Bouncy Castle, CryptoNext and OpenSSL 3.5, which takes SHA-256 for ML-DSA-44', async () => {
  for (const producer of ['bc', 'cryptonext', 'ossl35']) {
    for (const [level, arc] of [
      ['44', '17'],
      ['65', '18'],
      ['87', '19'],
    ]) {
      const name = producer === 'cryptonext' ? 'ML-DSA' : 'ml-dsa';
      const octets = vector(
        `ietf-hackathon-pqc/${producer}/${name}-${level}-2.16.840.1.101.3.4.3.${arc}_signed_attrs.der`,
      );
      if (octets === undefined) return;
      const asked = await certified(octets);
      const { content, signatures } = await verified(octets, asked);
      assert.is(signatures[0].hash, producer === 'ossl35' && level === '44' ? 'SHA-256' : 'SHA-512', producer);
      await refusesChanges(octets, asked, content);
    }
  }
});

// Every negative file of OpenSSL is signed by RSA PKCS#1 v1.5, which alone would be ERR_UNSUPPORTED: ERR_VERIFY is for the defect.
for (const [file, defect] of [
  ['bad_signtime_attr.cms', 'signing-time among the unsigned attributes'],
  ['no_ct_attr.cms', 'no content-type'],
  ['no_md_attr.cms', 'no message-digest'],
  ['ct_multiple_attr.cms', 'two content-types'],
] as const) {
  test(`OpenSSL's ${file}: ${defect}: refused for that, and still when signed anew by a scheme that is spoken`, async () => {
    const octets = vector(`openssl-tests/${file}`);
    if (octets === undefined) return;
    const own = await certifiedBer(octets);
    assert.is(await codeOf(octets, own), 'ERR_VERIFY');
    const key = await keyOf('P-256');
    const honest = await reworked(octets, key, mended);
    const defective = await reworked(octets, key, (signerInfo) => signerInfo);
    assert.is(await codeOf(honest, { key: key.publicKey }), undefined, 'with the defect mended');
    assert.is(await codeOf(defective, { key: key.publicKey }), 'ERR_VERIFY');
  });
}

test('RSA PKCS#1 v1.5, SHA-1, MD4 and DSA are ERR_UNSUPPORTED or ERR_VERIFY, whatever the policy', async () => {
  const files: readonly (readonly [string, string, string?])[] = [
    ['asn1crypto/cms-signed.der', 'ERR_UNSUPPORTED'],
    ['openssl-tests/pkcs7-md4.pem', 'ERR_UNSUPPORTED'],
    ['rfc4134/4.2.bin', 'ERR_UNSUPPORTED'],
    ['bc-java-cms/NewSignedDataTest.noAttrEncData.der', 'ERR_UNSUPPORTED'],
    ['bc-java-cms/BcSignedDataTest.xtraCounterSig.der', 'ERR_UNSUPPORTED'],
    ['gnupg-gpgsm/text-1.osig.pem', 'ERR_UNSUPPORTED or ERR_VERIFY'],
    ['gnupg-gpgsm/text-1.osig-bad.pem', 'ERR_UNSUPPORTED or ERR_VERIFY'],
    ['gnupg-gpgsm/text-2.osig.pem', 'ERR_UNSUPPORTED or ERR_VERIFY'],
    ['gnupg-gpgsm/text-2.osig-bad.pem', 'ERR_UNSUPPORTED or ERR_VERIFY'],
    ['rfc4134/4.1.bin', 'ERR_VERIFY'],
    ['rfc4134/4.4.bin', 'ERR_VERIFY'],
    ['rfc4134/4.11.bin', 'ERR_VERIFY'],
    ['wolfssl/test-degenerate.p7b', 'ERR_VERIFY'],
    ['pyasn1-alt-modules/rfc8708.HashSigSignedData.signed_data.der', 'ERR_VERIFY'],
  ];
  const rsa = (await keyOf('RSA')).publicKey;
  for (const [file, expected] of files) {
    const octets = vector(file);
    if (octets === undefined) return;
    const code = await codeOf(octets, { key: rsa, policy: laxPolicy });
    assert.ok(code !== undefined && expected.includes(code), `${file}: ${code}`);
  }
});

test('every SignedData among the vectors gets one of two answers, under keys of every algorithm', async () => {
  const folder = vectorsDirectory();
  if (folder === undefined) return;
  let read = 0;
  for (const source of [
    'asn1crypto',
    'bc-java-cms',
    'gnupg-gpgsm',
    'libksba',
    'pkijs',
    'rfc4134',
    'rustcrypto-cms',
    'wolfssl',
  ]) {
    const index = JSON.parse(readFileSync(join(folder, source, 'index.json'), 'utf8'));
    for (const { file, cms } of index.files ?? index) {
      if (cms?.contentType !== 'signedData' || /\.eml$/.test(file)) continue;
      const octets = vector(`${source}/${file}`) as Uint8Array;
      for (const algorithm of ['Ed25519', 'P-256', 'RSA', 'ML-DSA-44'] as const) {
        const code = await codeOf(octets, { key: (await keyOf(algorithm)).publicKey, policy: laxPolicy });
        assert.ok(code === 'ERR_VERIFY' || code === 'ERR_UNSUPPORTED', `${file}: ${code}`);
      }
      read++;
    }
  }
  assert.ok(read >= 30, `${read} files`);
});

/** `certified` for a message in BER: by the reader's word for the sid, and the certificate's key for none. */
async function certifiedBer(octets: Uint8Array): Promise<Asked> {
  const read = readGeneralContentInfo(octets, GENERAL_LIMITS);
  assert.ok(read.kind === 'SignedData' && read.signerInfos[0]?.sid.kind === 'issuerAndSerialNumber');
  // The signature is never looked at: any RSA key stands for the signer's.
  return { key: (await keyOf('RSA')).publicKey, issuerAndSerial: read.signerInfos[0].sid.der };
}

/** A message with its first SignerInfo changed and signed by a key of P-256, under the name that it has. */
async function reworked(
  octets: Uint8Array,
  key: GeneralPrivateKey,
  change: (signerInfo: SignerInfoToWrite, content: Uint8Array) => SignerInfoToWrite,
): Promise<Uint8Array> {
  const data = readGeneralContentInfo(octets, GENERAL_LIMITS);
  assert.ok(data.kind === 'SignedData');
  const signerInfo = change(data.signerInfos[0] as SignerInfoToWrite, data.eContent as Uint8Array);
  const scheme = { name: 'ECDSA', hash: 'SHA-256' } as const;
  const signature = await crypto.sign(key, scheme, (signerInfo.signedAttrs as GeneralAttributes).der, random);
  const signatureAlgorithm = generalAlgorithm(oid('1.2.840.10045.4.3.2'));
  return encodeGeneralSignedData({ ...data, signerInfos: [{ ...signerInfo, signatureAlgorithm, signature }] });
}

/** The attributes that there should be, and no unsigned ones. */
function mended(signerInfo: SignerInfoToWrite, content: Uint8Array): SignerInfoToWrite {
  const digest = createHash('sha256').update(content).digest();
  const signedAttrs = generalAttributes([contentTypeAttribute(ID_DATA), messageDigestAttribute(digest)]);
  return { ...signerInfo, signedAttrs, unsignedAttrs: undefined };
}

test.run();
