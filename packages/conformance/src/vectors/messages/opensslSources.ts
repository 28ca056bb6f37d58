/**
 * Expectations of OpenSSL's own suite: bad files above all.
 * @module
 */
import {
  doesNotOpen,
  doesNotVerify,
  type Expectation,
  opens,
  refusesKey,
  takesPrivateKey,
  takesPublicKey,
} from './expectation.js';
import type { OpenedBy } from './given.js';
import { badRecipients } from './transplant.js';

const UNSUPPORTED = ['ERR_UNSUPPORTED'];
const OPENSSL_KEK: OpenedBy = { kek: '000102030405060708090a0b0c0d0e0f', identifier: 'c0fee0' };

/** OpenSSL's files of after 3.6. */
export const OPENSSL_MASTER: readonly Expectation[] = [
  opens('authenveloped_attrs.pem', OPENSSL_KEK, 'Hello AuthEnvelopedData world\n'),
  doesNotOpen('bad_authenveloped_attrs.pem', ['ERR_OPEN'], OPENSSL_KEK),
  doesNotOpen('authenticated_attrs.pem', ['ERR_OPEN'], OPENSSL_KEK, 'attributes without content-type'),
];

/** OpenSSL's bad files, and the keys of its suite. */
export const OPENSSL_TESTS: readonly Expectation[] = [
  ...['bad_signtime_attr', 'no_ct_attr', 'no_md_attr', 'ct_multiple_attr'].map((name) =>
    doesNotVerify(`${name}.cms`, ['ERR_VERIFY']),
  ),
  doesNotVerify('pkcs7-md4.pem', UNSUPPORTED),
  doesNotOpen('ciphertext_from_1_1_1.cms', UNSUPPORTED, undefined, 'EnvelopedData'),
  ...(
    [
      ['dh-malformed.der', undefined],
      ['ecdh-malformed.der', { key: 'ecdh-key.pem' }],
      ['rsa-malformed.der', { key: '../pyca-cryptography/rsa_key.pem' }],
      ['cms_pwri_kek_oob.der', { password: 'password' }],
      ['missing-kdf.der', { password: 'password' }],
    ] as const
  ).flatMap(([file, by]) => [doesNotOpen(file, UNSUPPORTED, by), badRecipients(file, by)]),
  doesNotOpen('encDataWithTooLongIV.pem', ['ERR_OPEN']),
  doesNotOpen('enveloped-content-type-for-aes-gcm.pem', UNSUPPORTED, { ...OPENSSL_KEK, identifier: '433046454530' }),
  doesNotOpen('encryptedData.der', UNSUPPORTED, undefined, 'other content types'),
  refusesKey('dh-key.pem', UNSUPPORTED, 'finite-field DH'),
  refusesKey('dh-cert.pem', UNSUPPORTED, 'finite-field DH', 'public'),
  takesPrivateKey('ecdh-key.pem', 'ecdh-cert.pem'),
  takesPublicKey('ecdh-cert.pem'),
  ...['sm_mldsa44', 'sm_mlkem512', 'sm_mlkem768', 'smec1', 'smec3', 'smroot', 'smrsa1', 'smrsa2', 'smrsa3'].flatMap(
    (name) => [takesPrivateKey(`smime-certs/${name}.pem`, `smime-certs/${name}.pem`)],
  ),
  refusesKey('smime-certs/smec2.pem', UNSUPPORTED, 'other curves'),
  refusesKey('smime-certs/badrsa.pem', ['ERR_DER', ...UNSUPPORTED], undefined, 'public'),
];
