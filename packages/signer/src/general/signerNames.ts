/**
 * The names that signers go by (RFC 5652 §5.3).
 * @module
 */
import { equal, type MaybePromise } from '@stanzaseal/cms';
import type { GeneralPublicKey, GeneralSignerInfo, KeyName } from '@stanzaseal/cms/general';

/**
 * One of the names of a key: SHA-256 of the SubjectPublicKeyInfo (ours), SHA-1 of the key (RFC 5280 §4.2.1.2, in most
 * certificates), or the identifier that some certificate gives it.
 */
export type SignerName = 'sha256' | 'sha1' | { readonly keyIdentifier: Uint8Array };

/** A key that must have signed. */
export interface VerifyingKey {
  /** The key: Ed25519, P-256, P-384, RSA or ML-DSA. */
  readonly key: GeneralPublicKey;
  /**
   * The name that it goes by in the object; SHA-256 or SHA-1, whichever is there, unless said otherwise. `any`: whatever name; each
   * SignerInfo that such a key may have made is tried, and those that are not the key's are other signers'.
   */
  readonly name?: SignerName | 'any';
}

/** A certificate as messages name it. */
export type CertificateName = Extract<KeyName, { readonly kind: 'issuerAndSerialNumber' }>;

/** Maps a certificate's name to an identifier of the bare key that the caller knows it to be for; `undefined` where it is not known. */
export type NameOf = (certificate: CertificateName) => MaybePromise<Uint8Array | undefined>;

/** The octets of a key's name. */
export function identifierOf(key: GeneralPublicKey, name: SignerName = 'sha256'): Uint8Array {
  if (name === 'sha256') return key.keyIdentifier;
  return name === 'sha1' ? key.sha1KeyIdentifier : name.keyIdentifier;
}

/** A SignerInfo with its signer's identifier, `undefined` where nobody knows it. */
export interface Named {
  /** The SignerInfo. */
  readonly signerInfo: GeneralSignerInfo;
  /** subjectKeyIdentifier, or what the caller maps the certificate's name to. */
  readonly identifier: Uint8Array | undefined;
}

/** Puts identifiers to SignerInfos. */
export async function namesOf(signerInfos: readonly GeneralSignerInfo[], nameOf: NameOf | undefined): Promise<Named[]> {
  const named: Named[] = [];
  for (const signerInfo of signerInfos) {
    const { sid } = signerInfo;
    const identifier = sid.kind === 'subjectKeyIdentifier' ? sid.keyIdentifier : await nameOf?.(sid);
    named.push({ signerInfo, identifier });
  }
  return named;
}

/** Whether a SignerInfo names a key. */
export function isNamed({ identifier }: Named, { key, name }: VerifyingKey): boolean {
  if (identifier === undefined || name === 'any') return false;
  const names = name === undefined ? [key.keyIdentifier, key.sha1KeyIdentifier] : [identifierOf(key, name)];
  return names.some((each) => equal(each, identifier));
}
