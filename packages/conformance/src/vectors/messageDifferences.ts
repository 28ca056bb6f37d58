/**
 * Deliberate differences from the sources of messages and keys: an expectation names its row.
 * @module
 */
import type { Difference } from './differences.js';

const UNSUPPORTED = ['ERR_UNSUPPORTED'] as const;

/** The rows. */
export const MESSAGE_DIFFERENCES: readonly Difference[] = [
  {
    name: 'EnvelopedData',
    cases: 71,
    codes: UNSUPPORTED,
    clause: 'RFC 5652 §6, RFC 5083 §1',
    reason: 'It is not authenticated, whatever its recipients are; a later package for old archives may read it.',
  },
  {
    name: 'other content types',
    cases: 14,
    codes: UNSUPPORTED,
    clause: 'RFC 5652 §4, §7, §8, RFC 3274',
    reason:
      'Data, DigestedData, EncryptedData and CompressedData neither authenticate anybody nor need a key of ours (A17).',
  },
  {
    name: 'RSA PKCS#1 v1.5',
    cases: 13,
    codes: UNSUPPORTED,
    clause: 'RFC 8017 §7.2, §8.2, RFC 3218',
    reason: 'Its padding has been an oracle and has been forged; RSA-OAEP and RSA-PSS take its place.',
  },
  {
    name: 'small RSA keys',
    cases: 17,
    codes: UNSUPPORTED,
    clause: 'NIST SP 800-131A §3',
    reason: 'Keys below 2,048 bits fall to factoring.',
  },
  {
    name: 'DSA',
    cases: 13,
    codes: UNSUPPORTED,
    clause: 'FIPS 186-5 §4',
    reason: 'DSA is withdrawn, and was used with SHA-1.',
  },
  {
    name: 'finite-field DH',
    cases: 2,
    codes: UNSUPPORTED,
    clause: 'RFC 5753, RFC 8418',
    reason: 'Key agreement is by P-256, P-384 and X25519.',
  },
  {
    name: 'other curves',
    cases: 1,
    codes: UNSUPPORTED,
    clause: 'RFC 5480 §2.1.1.1',
    reason: 'P-256 and P-384 are the curves that other software sends.',
  },
  {
    name: 'Ed448',
    cases: 2,
    codes: UNSUPPORTED,
    clause: 'RFC 8419 §3.1',
    reason: 'Implementations disagree about its digest inside CMS.',
  },
  {
    name: 'HSS/LMS',
    cases: 2,
    codes: UNSUPPORTED,
    clause: 'RFC 9708',
    reason: 'A key with a state that must never go back is nothing for devices that are restored from copies.',
  },
  {
    name: 'id-RSASSA-PSS keys',
    cases: 1,
    codes: UNSUPPORTED,
    clause: 'RFC 4056 §1',
    reason:
      'A bare RSA key is an rsaEncryption key; under that spelling the same message verifies, which is a case of its own.',
  },
  {
    name: 'id-ecPublicKey as a signature',
    cases: 1,
    codes: UNSUPPORTED,
    clause: 'RFC 5753 §2.1.1',
    reason: 'It names a key, and no signature algorithm; the key is of P-521 besides.',
  },
  {
    name: 'cheap passwords',
    cases: 1,
    codes: ['ERR_OPEN'],
    clause: 'RFC 8018 §4.2, OWASP',
    reason:
      '10,000 iterations fall to a dictionary. Who must read it lowers the bound in the policy; then it opens, which is a case of its own.',
  },
  {
    name: 'attributes without content-type',
    cases: 1,
    codes: ['ERR_OPEN'],
    clause: 'RFC 5652 §9.1',
    reason:
      'Authenticated attributes MUST hold content-type and message-digest; these hold neither, so nothing binds the content.',
  },
  {
    name: 'recipients with a key shared beforehand',
    cases: 3,
    codes: ['ERR_OPEN'],
    clause: 'RFC 8696',
    reason: 'Not offered: such a recipient is passed over like any unknown one, and nobody else is there.',
  },
  {
    name: 'other MACs',
    cases: 2,
    codes: UNSUPPORTED,
    clause: 'RFC 8702, RFC 9044',
    reason: 'AuthenticatedData is by HMAC; KMAC and GMAC are not offered.',
  },
  {
    name: 'PKCS#7 content',
    cases: 2,
    codes: ['ERR_VERIFY'],
    clause: 'RFC 5652 §5.2.1',
    reason: 'Content that is no OCTET STRING is PKCS#7 of 1993.',
  },
  {
    name: 'trailing octets',
    cases: 1,
    codes: ['ERR_VERIFY'],
    clause: 'RFC 5652 §3',
    reason: 'One octet more follows the message: octets that nothing covers are never passed over.',
  },
  {
    name: 'keys in BER',
    cases: 1,
    codes: ['ERR_DER'],
    clause: 'RFC 8410 §7, Appendix A',
    reason: 'Private keys are strict DER; the RFC prints this one among invalid encodings.',
  },
  {
    name: 'a public key with unused bits',
    cases: 1,
    codes: ['ERR_DER'],
    clause: 'RFC 5915 §3, RFC 5480 §2.2',
    reason: 'The BIT STRING says that two bits of the point are unused, which no point has.',
  },
  {
    name: 'SET in the order of tags',
    cases: 1,
    codes: ['ERR_DER'],
    clause: 'X.690 §10.3, §11.6',
    reason:
      'The strict codec sorts every SET as a SET OF, which is all that CMS has. The general reader keeps the order as it stood.',
  },
];
