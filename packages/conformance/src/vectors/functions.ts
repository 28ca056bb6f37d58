/**
 * The functions of ours that judge: opening and verification of the general profile, by policies that take what vectors hold.
 * @module
 */
import {
  GENERAL_LIMITS,
  type GeneralCrypto,
  type GeneralPublicKey,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import {
  decrypt,
  GENERAL_POLICY,
  type GeneralPolicy,
  type OwnKey,
  verifyAuthenticated,
} from '@stanzaseal/envelope/general';
import { GENERAL_SIGNATURE_POLICY, type SignaturePolicy, verify } from '@stanzaseal/signer/general';

/**
 * What vectors need beyond `GENERAL_POLICY`: SHA-1 and SHA-224, which a caller has to ask for, and passwords of any cost below the
 * ceiling. All else is as it is given out.
 */
export const VECTOR_POLICY: GeneralPolicy = Object.freeze({
  ...GENERAL_POLICY,
  agreementHashes: ['SHA-1', 'SHA-224', ...GENERAL_POLICY.agreementHashes] as const,
  oaepHashes: ['SHA-1', 'SHA-224', ...GENERAL_POLICY.oaepHashes] as const,
  password: Object.freeze({
    ...GENERAL_POLICY.password,
    pbkdf2Iterations: Object.freeze({ least: 1, most: 2_500_000 }),
  }),
});

/** What vectors need of signatures: id-data, and signatures straight over the content. */
export const VECTOR_SIGNATURE_POLICY: SignaturePolicy = Object.freeze({
  ...GENERAL_SIGNATURE_POLICY,
  idData: true,
  missingSignedAttributes: true,
});

/** Content of an object for one of these keys; whoever is named by a certificate is taken for the first of them. */
export async function openWith(
  object: Uint8Array,
  keys: readonly OwnKey[],
  crypto: GeneralCrypto,
  policy: GeneralPolicy = VECTOR_POLICY,
): Promise<Uint8Array> {
  const [first] = keys;
  const nameOf = (): Uint8Array | undefined => (first?.kind === 'key' ? first.key.publicKey.keyIdentifier : undefined);
  const open = isAuthenticatedData(object) ? verifyAuthenticated : decrypt;
  const { content } = await open(object, { profile: 'general', keys, policy, nameOf, crypto });
  return content;
}

/** Content of a SignedData that a key signed, by whatever name. */
export async function verifyWith(
  object: Uint8Array,
  key: GeneralPublicKey,
  crypto: GeneralCrypto,
  detached?: Uint8Array,
  policy: SignaturePolicy = VECTOR_SIGNATURE_POLICY,
): Promise<Uint8Array> {
  const { content } = await verify(object, {
    profile: 'general',
    signers: [{ key, name: 'any' }],
    policy,
    crypto,
    ...(detached && { content: detached }),
  });
  return content;
}

function isAuthenticatedData(object: Uint8Array): boolean {
  try {
    return readGeneralContentInfo(object, GENERAL_LIMITS).kind === 'AuthenticatedData';
  } catch {
    return false;
  }
}
