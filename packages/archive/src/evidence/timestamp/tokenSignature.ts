/**
 * The signature of a timestamp token. RSA with PKCS #1 v1.5, which nothing else of this project takes, is what most authorities
 * sign with: it is taken here and nowhere else, with SHA-2 alone.
 * @module
 */
import { constants, createPublicKey, verify } from 'node:crypto';
import { DerReader, equal, ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, oidToText } from '@stanzaseal/cms';
import { type GeneralPublicKey, type GeneralSignerInfo, singleValue } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { GENERAL_SIGNATURE_POLICY, SignerError, verifySignerInfo } from '@stanzaseal/signer/general';
import { proofError } from '../proofError.js';
import { digest, digestOf } from './digests.js';

/** rsaEncryption, which leaves the digest to digestAlgorithm, and the three that name it (RFC 3370 §3.2, RFC 5754 §3.2). */
const PKCS1: ReadonlyMap<string, string | undefined> = new Map([
  ['1.2.840.113549.1.1.1', undefined],
  ['1.2.840.113549.1.1.11', 'SHA-256'],
  ['1.2.840.113549.1.1.12', 'SHA-384'],
  ['1.2.840.113549.1.1.13', 'SHA-512'],
]);

/** What was signed. */
export interface TokenContent {
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
  /** The content. */
  readonly octets: Uint8Array;
}

/** Verifies the one SignerInfo of a token under a certificate's key. @throws ArchiveError or SignerError for one that is not good */
export async function verifyTokenSignature(
  signer: GeneralSignerInfo,
  spki: Uint8Array,
  content: TokenContent,
): Promise<void> {
  const crypto = createGeneralCrypto();
  const key = await crypto.importPublicKey(spki);
  const { contentType, octets } = content;
  try {
    const signed = { contentType, octets, digest: (name: Parameters<typeof digest>[0]) => digest(name, octets) };
    await verifySignerInfo(signer, key, signed, { policy: GENERAL_SIGNATURE_POLICY, crypto });
  } catch (thrown) {
    if (!(thrown instanceof SignerError) || thrown.code !== 'ERR_UNSUPPORTED' || key.algorithm !== 'RSA') throw thrown;
    verifyPkcs1(signer, key, content);
  }
}

function verifyPkcs1(signer: GeneralSignerInfo, key: GeneralPublicKey, { contentType, octets }: TokenContent): void {
  const { signedAttrs, signature } = signer;
  const name = digestOf(signer.digestAlgorithm.oid);
  const algorithm = oidToText(signer.signatureAlgorithm.oid);
  if (!PKCS1.has(algorithm) || (PKCS1.get(algorithm) ?? name) !== name) throw proofError();
  const type = singleValue(signedAttrs, ID_CONTENT_TYPE);
  const messageDigest = singleValue(signedAttrs, ID_MESSAGE_DIGEST);
  if (signedAttrs === undefined || type === undefined || messageDigest === undefined) throw proofError();
  if (!equal(new DerReader(type).objectIdentifier(), contentType)) throw proofError();
  if (!equal(new DerReader(messageDigest).octetString(), digest(name, octets))) throw proofError();
  const rsa = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
  const padding = constants.RSA_PKCS1_PADDING;
  if (!verify(name.replace('-', ''), signedAttrs.der, { key: rsa, padding }, signature)) throw proofError();
}
