/**
 * What is taken from other people's SignedData: said by the caller, one member for each question.
 * @module
 */
import type { SignatureScheme } from '@stanzaseal/cms/general';

/** Digests of content, and within ECDSA and RSA-PSS. SHA-1, SHA-224 and MD5 are not spoken, whatever the policy. */
export type SignatureHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** The questions that RFC 5652 leaves to whoever verifies. */
export interface SignaturePolicy {
  /** Signature schemes taken. */
  readonly schemes: readonly SignatureScheme['name'][];
  /** Digests taken, of ECDSA with either curve: OpenSSL writes P-384 with SHA-256 unless it is told otherwise. */
  readonly hashes: readonly SignatureHash[];
  /** Whether content of type id-data is taken: anybody may take it for anything (the LAMPS rule, B2). */
  readonly idData: boolean;
  /**
   * Whether a signature straight over the content is taken. It needs `idData` too: RFC 5652 §5.3 demands signed attributes
   * for every other content type, and ours are never taken without. Content that parses as signed attributes is refused (B2).
   */
  readonly missingSignedAttributes: boolean;
  /**
   * `all`: each of the keys given must have signed. `any`: at least one must have, and the others must not have signed badly.
   * In both, a SignerInfo that names one of the keys given and is no good refuses the whole, and so do two that name the
   * same key (B8, B9).
   */
  readonly signers: 'all' | 'any';
  /** SignerInfos that name none of the keys given: `report` gives them back as unverified data, `refuse` takes no such object (B8). */
  readonly otherSigners: 'report' | 'refuse';
  /** Whether signing-time must be among the signed attributes; where it is there, it must be well formed. */
  readonly signingTime: 'required' | 'optional';
}

/**
 * The policy for other people's messages that needs no apology: every scheme and digest spoken, signed attributes, a content
 * type of its own, all of the keys given; other signers are reported. `{ ...GENERAL_SIGNATURE_POLICY, idData: true }` reads what
 * S/MIME software writes.
 */
export const GENERAL_SIGNATURE_POLICY: SignaturePolicy = Object.freeze({
  schemes: Object.freeze(['Ed25519', 'ECDSA', 'RSA-PSS', 'ML-DSA'] as const),
  hashes: Object.freeze(['SHA-256', 'SHA-384', 'SHA-512'] as const),
  idData: false,
  missingSignedAttributes: false,
  signers: 'all',
  otherSigners: 'report',
  signingTime: 'optional',
});
