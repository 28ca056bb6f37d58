/**
 * Deliberate differences from Wycheproof's `valid` and `acceptable`.
 * @module
 */
import type { Difference } from './differences.js';

const UNSUPPORTED = ['ERR_UNSUPPORTED'] as const;
const CURVE_KEYS = ['ecdh_secp256r1', 'ecdh_secp384r1'] as const;
const CURVE_POINTS = ['ecdh_secp256r1_ecpoint', 'ecdh_secp384r1_ecpoint'] as const;

/** The rows. */
export const WYCHEPROOF_DIFFERENCES: readonly Difference[] = [
  {
    name: 'X448',
    files: ['x448', 'x448_asn'],
    cases: 996,
    codes: UNSUPPORTED,
    clause: 'RFC 8410 §3, RFC 8418 §2',
    reason: 'Not offered: one curve of its kind is enough, and of other software Bouncy Castle alone writes it.',
  },
  {
    name: 'Ed448 signatures',
    files: ['ed448'],
    cases: 17,
    codes: UNSUPPORTED,
    clause: 'RFC 8419 §3.1',
    reason: 'Not offered: implementations disagree about its digest inside CMS, so that a signature proves little.',
  },
  {
    name: 'X25519 keys that are not canonical or have small order',
    files: ['x25519', 'x25519_asn'],
    traits: ['NonCanonicalPublic', 'LowOrderPublic'],
    cases: 88,
    codes: ['ERR_DER', 'ERR_OPEN'],
    clause: 'RFC 7748 §6.1, RFC 8418 §2',
    reason: "A key has one spelling and one identifier, and a shared secret of zeros is everybody's (E1, E2).",
  },
  {
    name: 'compressed points',
    files: [...CURVE_KEYS, ...CURVE_POINTS],
    traits: ['CompressedPublic'],
    cases: 4,
    codes: ['ERR_UNSUPPORTED', 'ERR_OPEN'],
    clause: 'RFC 5480 §2.2 (MAY)',
    reason: 'A key has one spelling and one identifier.',
  },
  {
    name: 'a shared x-coordinate of zero',
    files: [...CURVE_KEYS, ...CURVE_POINTS],
    traits: ['comment=shared secret has x-coordinate that satisfies x**2 = 0'],
    cases: 4,
    codes: ['ERR_DER', 'ERR_OPEN'],
    clause: 'RFC 7748 §6.1; SEC 1 §3.3.1 would take it',
    reason: 'The same check as for X25519. No honest key ever meets it: the chance is that of guessing a key.',
  },
  {
    name: 'SubjectPublicKeyInfo that is no DER, or without a named curve',
    files: CURVE_KEYS,
    traits: ['InvalidAsn', 'UnnamedCurve'],
    cases: 458,
    codes: ['ERR_DER', 'ERR_UNSUPPORTED'],
    clause: 'RFC 5480 §2.1.1, X.690 §10',
    reason: 'Keys are strict DER, and parameters are a named curve: explicit ones have been an attack (CVE-2020-0601).',
  },
  {
    name: 'AES-GCM nonces of other than 12 to 16 octets',
    files: ['aes_gcm'],
    traits: ['8', '16', '32', '48', '64', '80', '160', '256', '512', '1024', '2056'].map((bits) => `ivSize=${bits}`),
    cases: 52,
    codes: ['ERR_OPEN', 'throws'],
    clause: 'RFC 5084 §3.2',
    reason: 'RFC 5084 recommends 12; GnuPG writes 16; beyond that nobody writes and CVE-2025-15467 lies.',
  },
  {
    name: 'AES-CBC',
    files: ['aes_cbc_pkcs5'],
    cases: 72,
    codes: UNSUPPORTED,
    clause: 'RFC 5652 §6, RFC 3565',
    reason: 'EnvelopedData is not authenticated: whoever changes it learns from how it fails, and how it opens.',
  },
  {
    name: 'AES key wrap with padding',
    files: ['aes_kwp'],
    cases: 77,
    codes: UNSUPPORTED,
    clause: 'RFC 5649',
    reason: 'No kind of recipient that we speak asks for it: content-encryption keys are whole blocks.',
  },
  {
    name: 'a wrapped key of 8 octets',
    files: ['aes_wrap'],
    traits: ['ShortKey'],
    cases: 3,
    codes: ['throws'],
    clause: 'RFC 3394 §2 (n >= 2)',
    reason: 'The key wrap is defined from 16 octets on.',
  },
  {
    name: 'ML-DSA under a context string',
    files: ['mldsa_44_verify', 'mldsa_65_verify', 'mldsa_87_verify'],
    traits: ['context'],
    cases: 6,
    codes: ['ERR_VERIFY'],
    clause: 'RFC 9882 §3',
    reason: 'CMS signs under the empty context string alone, so such a signature is none.',
  },
  {
    name: 'RSA keys below 2,048 bits',
    files: ['rsa_oaep_misc'],
    traits: ['keySize=1024', 'keySize=1536'],
    cases: 120,
    codes: UNSUPPORTED,
    clause: 'NIST SP 800-131A §3',
    reason: 'They fall to factoring.',
  },
  {
    name: 'RSA-OAEP with two different hashes',
    files: ['rsa_oaep_misc', 'rsa_oaep_2048_sha256_mgf1sha1'],
    traits: ['two hashes'],
    cases: 217,
    codes: UNSUPPORTED,
    clause: 'RFC 4055 §4.1 (RECOMMENDED: the same hash)',
    reason: 'Neither node:crypto nor WebCrypto computes it, and we make no primitive of our own.',
  },
  {
    name: 'keys under id-RSASSA-PSS',
    files: ['rsa_pss_2048_sha256_mgf1_32_params', 'rsa_pss_misc_params'],
    cases: 213,
    codes: UNSUPPORTED,
    clause: 'RFC 4056 §1, RFC 4055 §1.2',
    reason:
      'A bare RSA key is an rsaEncryption key: one spelling and one identifier. The parameters stand in the signature.',
  },
  {
    name: 'RSA PKCS#1 v1.5 signatures',
    files: ['rsa_signature_2048_sha256'],
    cases: 10,
    codes: UNSUPPORTED,
    clause: 'RFC 8017 §8 (RSASSA-PSS is REQUIRED in new applications)',
    reason: 'Its padding has been forged again and again (CVE-2006-4339 and after).',
  },
];
