/**
 * Object identifiers of the objects that are built around published cases, as the RFCs print them: written down once more here, so
 * that a wrong one in our packages is noticed.
 * @module
 */

// RFC 5652, RFC 5083: content types
/** id-data. */
export const DATA = '1.2.840.113549.1.7.1';
/** id-signedData. */
export const SIGNED_DATA = '1.2.840.113549.1.7.2';
/** id-envelopedData. */
export const ENVELOPED_DATA = '1.2.840.113549.1.7.3';
/** id-ct-authData. */
export const AUTH_DATA = '1.2.840.113549.1.9.16.1.2';
/** id-ct-authEnvelopedData. */
export const AUTH_ENVELOPED_DATA = '1.2.840.113549.1.9.16.1.23';

// RFC 3565, RFC 5084, RFC 5649, RFC 8103: ciphers, by octets of key
/** id-aesN-wrap. */
export const AES_WRAP: Readonly<Record<number, string>> = {
  16: '2.16.840.1.101.3.4.1.5',
  24: '2.16.840.1.101.3.4.1.25',
  32: '2.16.840.1.101.3.4.1.45',
};
/** id-aesN-wrap-pad. */
export const AES_WRAP_PAD: Readonly<Record<number, string>> = {
  16: '2.16.840.1.101.3.4.1.8',
  24: '2.16.840.1.101.3.4.1.28',
  32: '2.16.840.1.101.3.4.1.48',
};
/** id-aesN-GCM. */
export const AES_GCM: Readonly<Record<number, string>> = {
  16: '2.16.840.1.101.3.4.1.6',
  24: '2.16.840.1.101.3.4.1.26',
  32: '2.16.840.1.101.3.4.1.46',
};
/** id-aesN-CBC. */
export const AES_CBC: Readonly<Record<number, string>> = {
  16: '2.16.840.1.101.3.4.1.2',
  24: '2.16.840.1.101.3.4.1.22',
  32: '2.16.840.1.101.3.4.1.42',
};
/** id-alg-AEADChaCha20Poly1305. */
export const CHACHA20_POLY1305 = '1.2.840.113549.1.9.16.3.18';

// RFC 5753, RFC 8418, RFC 9629: key agreement and encapsulation
/** id-ecPublicKey. */
export const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
/** secp256r1 and secp384r1. */
export const CURVE: Readonly<Record<string, string>> = { secp256r1: '1.2.840.10045.3.1.7', secp384r1: '1.3.132.0.34' };
/** id-X25519. */
export const X25519 = '1.3.101.110';
/** id-X448. */
export const X448 = '1.3.101.111';
/** dhSinglePass-stdDH-sha256kdf-scheme. */
export const STD_DH_SHA256_KDF = '1.3.132.1.11.1';
/** dhSinglePass-stdDH-hkdf-sha256-scheme. */
export const STD_DH_HKDF_SHA256 = '1.2.840.113549.1.9.16.3.19';
/** id-ori-kem. */
export const ORI_KEM = '1.2.840.113549.1.9.16.13.3';
/** id-alg-hkdf-with-sha256. */
export const HKDF_SHA256 = '1.2.840.113549.1.9.16.3.28';
/** id-alg-ml-kem-N. */
export const ML_KEM: Readonly<Record<string, string>> = {
  'ML-KEM-512': '2.16.840.1.101.3.4.4.1',
  'ML-KEM-768': '2.16.840.1.101.3.4.4.2',
  'ML-KEM-1024': '2.16.840.1.101.3.4.4.3',
};

// RFC 8410, RFC 5758, RFC 4056, RFC 9882: signatures
/** id-Ed25519. */
export const ED25519 = '1.3.101.112';
/** id-Ed448. */
export const ED448 = '1.3.101.113';
/** ecdsa-with-SHA2, by hash. */
export const ECDSA: Readonly<Record<string, string>> = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
};
/** rsaEncryption. */
export const RSA = '1.2.840.113549.1.1.1';
/** sha256WithRSAEncryption. */
export const RSA_SHA256 = '1.2.840.113549.1.1.11';
/** id-RSASSA-PSS. */
export const RSA_PSS = '1.2.840.113549.1.1.10';
/** id-RSAES-OAEP. */
export const RSA_OAEP = '1.2.840.113549.1.1.7';
/** id-pSpecified. */
export const P_SPECIFIED = '1.2.840.113549.1.1.9';
/** id-mgf1. */
export const MGF1 = '1.2.840.113549.1.1.8';
/** id-ml-dsa-N. */
export const ML_DSA: Readonly<Record<string, string>> = {
  '44': '2.16.840.1.101.3.4.3.17',
  '65': '2.16.840.1.101.3.4.3.18',
  '87': '2.16.840.1.101.3.4.3.19',
};

// RFC 8018, RFC 3211, RFC 4231, FIPS 180-4
/** id-PBKDF2. */
export const PBKDF2 = '1.2.840.113549.1.5.12';
/** id-alg-PWRI-KEK. */
export const PWRI_KEK = '1.2.840.113549.1.9.16.3.9';
/** HMAC, by hash. */
export const HMAC: Readonly<Record<string, string>> = {
  'SHA-1': '1.2.840.113549.2.7',
  'SHA-256': '1.2.840.113549.2.9',
  'SHA-384': '1.2.840.113549.2.10',
  'SHA-512': '1.2.840.113549.2.11',
};
/** Hash functions. */
export const HASH: Readonly<Record<string, string>> = {
  'SHA-1': '1.3.14.3.2.26',
  'SHA-224': '2.16.840.1.101.3.4.2.4',
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
};
