/**
 * Expectations of the sources that are test suites of other software.
 * @module
 */
import { GENERAL_POLICY } from '@stanzaseal/envelope/general';
import {
  doesNotOpen,
  doesNotVerify,
  type Expectation,
  notRun,
  opens,
  refusesKey,
  takesPrivateKey,
  takesPublicKey,
  verifies,
} from './expectation.js';
import type { OpenedBy } from './given.js';
import { MATERIAL } from './reasons.js';
import { goodRecipients } from './transplant.js';
import { verifiesAttributes } from './verifiesAttributes.js';

const UNSUPPORTED = ['ERR_UNSUPPORTED'];

const RUST_KEK: OpenedBy = { kek: '0102030405060708090a0b0c0d0e0f00', identifier: 'deadbeef' };
const GPGSM_TEXT =
  'The police are making more anarchists than I could do in ten years.\n            ----+- Emma Goldman -+----\n';

/** asn1crypto: one message of each content type. */
export const ASN1CRYPTO: readonly Expectation[] = [
  ...['compressed', 'digested', 'encrypted'].map((name) => otherType(`cms-${name}.der`)),
  enveloped('cms-enveloped.der'),
  ...['cms-signed.der', 'pkcs7-signed.der', 'smime-signature-generated-by-thunderbird.p7s'].map((file) =>
    pkcs1Signed(file, file.endsWith('.p7s') ? '' : undefined),
  ),
  pkcs1Signed('cms-signed-digested.der'),
  doesNotVerify('pkcs7-signed-digested.der', ['ERR_VERIFY'], { difference: 'PKCS#7 content' }),
  doesNotVerify('cms-signed-indefinite-length.der', ['ERR_VERIFY'], { difference: 'trailing octets' }),
  takesPublicKey('test-der.crt', 'test.crt'),
  takesPublicKey('test.crt'),
  notRun('test-der.key', MATERIAL),
];

/** Bouncy Castle for Java. */
export const BC_JAVA: readonly Expectation[] = [
  doesNotOpen(
    'AuthEnvelopedDataTest.Sample1.der',
    UNSUPPORTED,
    // The key published with it is too small to be taken, so another goes by its name.
    { key: '../rfc9216/4.4-alice-decryption-private-key-material.key.pem', names: ['01'] },
    'RSA PKCS#1 v1.5',
  ),
  ...[
    'ecKeyAgreeMsgAES256',
    'ecKeyAgreeMsgAES128',
    'ecKeyAgreeMsgDESEDE',
    'ecMQVKeyAgreeMsgAES128',
    'rfc4134ex5_1',
    'rfc4134ex5_2',
  ].map((name) => enveloped(`BcEnvelopedDataTest.${name}.der`)),
  ...[
    'CMSSampleMessages.originatorMessage',
    'NewEnvelopedDataStreamTest.envData',
    'NewEnvelopedDataTest.tooShort3DES',
  ].map((name) => enveloped(`${name}.der`)),
  otherType('MiscDataStreamTest.digestedData.der'),
  otherType('NewCompressedDataStreamTest.compData.der'),
  refusesKey('BcEnvelopedDataTest.ecKeyAgreeKey.key.der', ['ERR_DER'], 'a public key with unused bits'),
  ...[
    'AuthEnvelopedDataTest.Sample1Key',
    'BcEnvelopedDataTest.bobPrivRsaEncrypt',
    'NewEnvelopedDataStreamTest.keyData',
    'NewEnvelopedDataTest.tooShort3DESKey',
  ].map((name) => refusesKey(`${name}.key.der`, UNSUPPORTED, 'small RSA keys')),
  ...[
    'BcSignedDataTest.disorderedSet',
    'BcSignedDataTest.xtraCounterSig',
    'NewSignedDataStreamTest.encapSigData',
    'NewSignedDataTest.noAttrEncData',
  ].map((name) => pkcs1Signed(`${name}.der`, name.endsWith('disorderedSet') ? '' : undefined)),
  doesNotVerify('BcSignedDataTest.noSignedAttrSample2.der', UNSUPPORTED, { difference: 'DSA', detached: '' }),
  doesNotVerify('NewSignedDataTest.ecPublicKeyExample.der', UNSUPPORTED, {
    difference: 'id-ecPublicKey as a signature',
  }),
  ...['wrongRSASHA1Message', 'wrongRSASHA1MessageWithAttributes'].map((name) =>
    doesNotVerify(`NewSignedDataTest.${name}.der`, ['ERR_VERIFY', ...UNSUPPORTED]),
  ),
];

/** GnuPG's gpgsm: PasswordRecipientInfo, and RSA of 2001 whose signed attributes lack the content type. */
export const GNUPG: readonly Expectation[] = [
  opens('pwri-sample.gcm.p7m', { password: 'abc' }, GPGSM_TEXT),
  doesNotOpen('pwri-sample.gcm.p7m', ['ERR_OPEN'], { password: 'abc' }, 'cheap passwords', GENERAL_POLICY),
  doesNotOpen('pwri-sample.gcm.p7m', ['ERR_OPEN'], { password: 'abd' }),
  ...['pwri-sample.cbc', 'pwri-sample.cbc-2'].flatMap((name) => [
    enveloped(`${name}.p7m`, { password: 'abc' }),
    goodRecipients(`${name}.p7m`, { password: 'abc' }, GPGSM_TEXT),
  ]),
  ...[1, 2, 3].map((n) => enveloped(`plain-${n}.cms.asc`)),
  ...['text-1.osig.pem', 'text-2.osig.pem', 'text-1.dsig.pem'].map((file) =>
    doesNotVerify(file, UNSUPPORTED, {
      difference: 'small RSA keys',
      ...(file.includes('dsig') && { detached: { file: 'text-1.txt' } }),
    }),
  ),
  ...['text-1.osig-bad.pem', 'text-2.osig-bad.pem'].map((file) => doesNotVerify(file, ['ERR_VERIFY', ...UNSUPPORTED])),
  ...['cert_g10code_test1.der', 'cert_dfn_pca01.der'].map((file) => notRun(file, MATERIAL)),
  ...[
    'text-1.txt',
    'text-2.txt',
    'nistp256-openssl-self-signed.p12',
    '32100C27173EF6E9C4E9A25D3D69F86D37A4F939.key',
  ].map((file) => notRun(file, MATERIAL)),
];

/** libksba. */
export const LIBKSBA: readonly Expectation[] = [
  pkcs1Signed('detached-sig.cms', undefined, '../rfc9216/4.2-alice-signing-private-key-material.pub.pem'),
  pkcs1Signed('rsa-sample1.p7s'),
  ...['ecdh-sample1.p7m', 'rsa-sample1.p7m'].map((file) => enveloped(file)),
  verifiesAttributes('ecdsa-sample1.p7s'),
  takesPrivateKey('ed25519-ossl-1.key', 'ed25519-ossl-1.crt'),
  takesPublicKey('ed25519-ossl-1.crt'),
  // RFC 8410's certificate is of an X25519 key; the private key is the one of §10.3.
  takesPrivateKey('ed25519-rfc8410.key', '../rfc8410/01-public-key.pem'),
  takesPublicKey('ed25519-rfc8410.crt', '../rfc8410/04-certificate.pem'),
  refusesKey('ed448-ossl-1.key', UNSUPPORTED, 'Ed448'),
  refusesKey('ed448-ossl-1.crt', UNSUPPORTED, 'Ed448', 'public'),
  ...['ecdh-sample1.p7m', 'ecdsa-sample1.p7s', 'rsa-sample1.p7m', 'rsa-sample1.p7s'].map((name) =>
    notRun(`${name}.asn`, MATERIAL),
  ),
];

/** PKI.js. */
export const PKIJS: readonly Expectation[] = [
  takesPrivateKey('recipient.key.pem', 'recipient.crt.pem'),
  takesPublicKey('recipient.crt.pem'),
  enveloped('kari-p256-null-wrap-params.pem', { key: 'recipient.key.pem' }),
  // The key wrap's parameters are NULL, and SharedInfo has them as they stood.
  goodRecipients('kari-p256-null-wrap-params.pem', { key: 'recipient.key.pem' }, 'Hi. My name is Alice.'),
];

/** pyca/cryptography. */
export const PYCA: readonly Expectation[] = [
  ...['enveloped-no-content.der', 'enveloped-rsa-oaep.pem', 'enveloped-triple-des.pem', 'enveloped.pem'].map((file) =>
    enveloped(file, { key: 'rsa_key.pem' }),
  ),
  goodRecipients('enveloped-rsa-oaep.pem', { key: 'rsa_key.pem' }, 'Hello, world!'),
  takesPrivateKey('rsa_key.pem', 'rsa_ca.pem'),
  takesPublicKey('rsa_ca.pem'),
];

/** RustCrypto. */
export const RUSTCRYPTO: readonly Expectation[] = [
  notRun('data.txt', MATERIAL),
  ...['kekri', 'pwri', 'ktri', 'kari', 'multi'].map((name) => enveloped(`enveloped_data_${name}.bin`, RUST_KEK)),
  goodRecipients('enveloped_data_kekri.bin', RUST_KEK, { file: 'data.txt' }),
  goodRecipients('enveloped_data_pwri.bin', { password: 'password' }, { file: 'data.txt' }),
  goodRecipients('enveloped_data_multi.bin', RUST_KEK, { file: 'data.txt', newline: '\r\n' }, 2),
  goodRecipients('enveloped_data_multi.bin', { password: 'password' }, { file: 'data.txt', newline: '\r\n' }, 3),
  ...['compressed', 'digested', 'encrypted'].map((name) => otherType(`${name}_data.bin`)),
  ...[1, 2, 3, 4].map((n) => enveloped(`kms_ciphertext_for_recipient_${n}.ber`)),
  ...['kemri_id-alg-hkdf-with-sha256', 'kemri_ukm'].map((name) =>
    enveloped(`1.3.6.1.4.1.22554.5.6.1_ML-KEM-512-ipd_${name}.der`),
  ),
  // A KEM of no standard: nobody's recipient.
  doesNotOpen('1.3.6.1.4.1.22554.5.6.1_ML-KEM-512-ipd_kemri_auth.der', ['ERR_OPEN']),
  verifies('cms_ber.bin'),
  verifies('cms_der.bin'),
  pkcs1Signed('sd.cms'),
  doesNotVerify('apple_mdm_signature_der.bin', ['ERR_VERIFY'], {
    key: '../rfc9216/4.2-alice-signing-private-key-material.pub.pem',
    difference: 'PKCS#7 content',
  }),
  ...['explicit_attrs', 'sequence_not_set'].map((name) =>
    notRun(`signer_info_${name}.bin`, 'a set of SignerInfos without the SignedData that it is of'),
  ),
];

/** wolfSSL. */
export const WOLFSSL: readonly Expectation[] = [
  ...['kari-keyid-cms.msg', 'ktri-keyid-cms.msg', 'test-multiple-recipients.p7b'].map((file) => enveloped(file)),
  pkcs1Signed('test-ber-exp02-05-2022.p7b'),
  // Certificates only: nobody signed (RFC 5652 §5.1).
  doesNotVerify('test-degenerate.p7b', ['ERR_VERIFY'], { detached: '' }),
  ...['ecc-client-key.pem', 'client-key.pem'].map((file) =>
    notRun(file, 'private keys of before PKCS#8: `EC PRIVATE KEY`, `RSA PRIVATE KEY`'),
  ),
];

function enveloped(file: string, by?: OpenedBy): Expectation {
  return doesNotOpen(file, UNSUPPORTED, by, 'EnvelopedData');
}

function otherType(file: string): Expectation {
  return doesNotOpen(file, UNSUPPORTED, undefined, 'other content types');
}

function pkcs1Signed(file: string, detached?: string, key: string = file): Expectation {
  return doesNotVerify(file, UNSUPPORTED, {
    key,
    difference: 'RSA PKCS#1 v1.5',
    ...(detached !== undefined && { detached }),
  });
}
