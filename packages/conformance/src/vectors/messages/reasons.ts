/**
 * Why files are not run, and the names of what is refused on purpose.
 * @module
 */

/** Files that other cases read. */
export const MATERIAL =
  'contents, certificates, dumps and keys that other cases read or that no function of ours takes';
/** S/MIME mails. */
export const MIME = 'S/MIME mail: its CMS stands inside MIME, which no package of ours parses';
/** Ciphers of another time. */
export const OLD_CIPHER =
  'traces of DES and 3DES, which we do not speak; PWRI-KEK with AES stands in gnupg-gpgsm and around the PBKDF2 cases of Wycheproof';
