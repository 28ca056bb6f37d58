/**
 * Where things stand in our objects, as paths for the bad peer's encoder (RFC 5083 §2.1, RFC 5652 §5.1).
 * @module
 */

/** Paths inside a ContentInfo of AuthEnvelopedData with ukm, as the sealed profile writes it. */
export const SEALED_PATH = {
  contentType: [0],
  data: [1, 0],
  version: [1, 0, 0],
  recipientInfos: [1, 0, 1],
  kari: [1, 0, 1, 0],
  kariVersion: [1, 0, 1, 0, 0],
  originator: [1, 0, 1, 0, 1],
  originatorKey: [1, 0, 1, 0, 1, 0],
  ukm: [1, 0, 1, 0, 2, 0],
  keyEncryptionAlgorithm: [1, 0, 1, 0, 3],
  recipientEncryptedKeys: [1, 0, 1, 0, 4],
  encryptedContentInfo: [1, 0, 2],
  contentEncryptionAlgorithm: [1, 0, 2, 1],
  innerAlgorithm: [1, 0, 2, 1, 1],
  encryptedContent: [1, 0, 2, 2],
  authAttrs: [1, 0, 3],
  mac: [1, 0, 4],
} as const;

/** Paths inside a ContentInfo of SignedData with one signer. */
export const SIGNED_PATH = {
  contentType: [0],
  data: [1, 0],
  version: [1, 0, 0],
  digestAlgorithms: [1, 0, 1],
  encapContentInfo: [1, 0, 2],
  eContentType: [1, 0, 2, 0],
  eContent: [1, 0, 2, 1, 0],
  signerInfos: [1, 0, 3],
  signerInfo: [1, 0, 3, 0],
  sid: [1, 0, 3, 0, 1],
  digestAlgorithm: [1, 0, 3, 0, 2],
  signedAttrs: [1, 0, 3, 0, 3],
  signatureAlgorithm: [1, 0, 3, 0, 4],
  signature: [1, 0, 3, 0, 5],
} as const;
