/**
 * Signatures of certificates and revocation lists. RSA with PKCS #1 v1.5, which nothing else on the way of a message takes, is what most
 * authorities sign with: it is taken here, with SHA-2. MD5 and SHA-1 are not (RFC 6151, RFC 6194; forged certificates of 2008 and 2020).
 * @module
 */
import { type CryptoProvider, DerReader, equal, oid } from '@stanzaseal/cms';
import { type GeneralCrypto, generalAlgorithm, readSignatureAlgorithm } from '@stanzaseal/cms/general';
import type { Signed } from './certificate.js';

/** The primitives that certificates take. */
export interface CertificateCrypto {
  /** For the endorsed key. */
  readonly crypto: CryptoProvider;
  /** For the keys of certificates. */
  readonly general: GeneralCrypto;
  /** For RSA with PKCS #1 v1.5, which the others do not have: WebCrypto's `subtle`. */
  readonly subtle: Pick<SubtleCrypto, 'importKey' | 'verify'>;
}

/** sha256WithRSAEncryption and its sisters (RFC 4055 §5). */
const PKCS1: readonly (readonly [oid: Uint8Array, hash: string])[] = [
  [oid('1.2.840.113549.1.1.11'), 'SHA-256'],
  [oid('1.2.840.113549.1.1.12'), 'SHA-384'],
  [oid('1.2.840.113549.1.1.13'), 'SHA-512'],
];
const NULL = Uint8Array.of(0x05, 0x00);
const STRONG = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

/** Whether a key signed something: `false`, never a throw, for whatever is no good signature by an algorithm that is taken. */
export async function isSignedBy(
  signed: Pick<Signed, 'tbs' | 'signature' | 'signatureAlgorithm'>,
  spki: Uint8Array,
  { general, subtle }: Pick<CertificateCrypto, 'general' | 'subtle'>,
): Promise<boolean> {
  const { tbs, signature, signatureAlgorithm } = signed;
  try {
    const reader = new DerReader(signatureAlgorithm);
    const fields = reader.sequence();
    reader.end();
    const name = fields.objectIdentifier();
    const parameters = fields.atEnd ? undefined : fields.any();
    fields.end();
    const key = await general.importPublicKey(spki);
    const hash = PKCS1.find(([known]) => equal(known, name))?.[1];
    if (hash !== undefined) {
      if (key.algorithm !== 'RSA' || parameters === undefined || !equal(parameters, NULL)) return false;
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
      const imported = await subtle.importKey('spki', plain(key.spki), algorithm, false, ['verify']);
      return await subtle.verify(algorithm.name, imported, plain(signature), plain(tbs));
    }
    const { scheme, keyAlgorithms } = readSignatureAlgorithm(generalAlgorithm(name, parameters));
    if (!keyAlgorithms.includes(key.algorithm) || ('hash' in scheme && !STRONG.has(scheme.hash))) return false;
    return await general.verify(key, scheme, tbs, signature);
  } catch {
    return false;
  }
}

/** WebCrypto's types take views of `ArrayBuffer` alone. */
function plain(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return octets.buffer instanceof ArrayBuffer ? (octets as Uint8Array<ArrayBuffer>) : new Uint8Array(octets);
}
