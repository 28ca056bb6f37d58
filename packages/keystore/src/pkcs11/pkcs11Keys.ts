/**
 * Keys that live in a token, as ports: whoever signs or agrees with them need not know.
 * @module
 */
import {
  type AgreementKey,
  CmsError,
  type CryptoProvider,
  ecdsaToDer,
  equal,
  isAcceptablePublicKey,
  type KeyAlgorithm,
  type PublicKey,
  publicKeyFromRaw,
  type RandomSource,
  type RawPublicKey,
  type SigningKey,
  toUtf8,
} from '@stanzaseal/cms';
import { KeyStoreError } from '../keyStoreError.js';
import type { CryptokiHandle } from './cryptoki.js';
import type { Pkcs11Session, Pkcs11Token } from './pkcs11Token.js';
import {
  destroyKeyPair,
  findPrivateKey,
  findPublicKey,
  generateKeyPair,
  privateKeyOf,
  readPublicKey,
} from './tokenObjects.js';
import { deriveRaw, signRaw } from './tokenOperations.js';

/** A key in a token. */
export interface Pkcs11KeyParameters {
  /** The token. */
  readonly token: Pkcs11Token;
  /** Label of the private key (CKA_LABEL), the only one of that label. */
  readonly keyLabel: string;
  /** Its public half, where the token keeps none; else the two must agree. */
  readonly publicKey?: RawPublicKey;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/**
 * Makes a key in a token: sensitive, not extractable, there to stay. P-256 keys sign or agree, never both.
 * @param parameters `use`: `sign` or `agree`, for P-256; the others have one use
 * @throws KeyStoreError `ERR_IN_USE` when a private key has the label, `ERR_PASSPHRASE`, `ERR_LOCKED`; CmsError
 * `ERR_UNSUPPORTED` when the token makes no such keys; TypeError for P-256 without a use
 * @example
 * const publicKey = await generatePkcs11Key({ token, keyLabel: 'identity', algorithm: 'Ed25519', random, crypto });
 */
export async function generatePkcs11Key(parameters: {
  readonly token: Pkcs11Token;
  readonly keyLabel: string;
  readonly algorithm: KeyAlgorithm;
  readonly use?: 'sign' | 'agree';
  readonly random: RandomSource;
  readonly crypto: CryptoProvider;
}): Promise<PublicKey> {
  const { token, keyLabel: label, algorithm, random, crypto } = parameters;
  const use = parameters.use ?? ONLY_USE[algorithm];
  if (use === undefined) throw new TypeError('use is neither sign nor agree');
  const { raw } = await token.use(async (session) => {
    if (findPrivateKey(session, label) !== undefined) {
      throw new KeyStoreError('ERR_IN_USE', `token has a private key called '${label}' already`);
    }
    const wanted = {
      label,
      use: use === 'sign' ? ('sign' as const) : ('derive' as const),
      keepPublicKey: true,
      random,
    };
    return readPublicKey(session, (await generateKeyPair(session, algorithm, wanted)).publicKey);
  });
  return publicKeyFromRaw(algorithm, raw, crypto);
}

/**
 * Destroys a key in a token, both halves, for good.
 * @throws KeyStoreError `ERR_PASSPHRASE` when there is no such key, `ERR_LOCKED`
 */
export function destroyPkcs11Key({ token, keyLabel }: Pick<Pkcs11KeyParameters, 'token' | 'keyLabel'>): Promise<void> {
  return token.use(async (session) => destroyKeyPair(session, privateKeyOf(session, keyLabel)));
}

/**
 * A signing key in a token: Ed25519 by CKM_EDDSA, P-256 by CKM_ECDSA over SHA-256. It signs once here, a sentence that is
 * nothing else, to see that the public key is its own. Its `name` is the label, which an account's record keeps.
 * @throws KeyStoreError `ERR_PASSPHRASE` when there is no such key, `ERR_CORRUPT` when the public key is not its own,
 * `ERR_LOCKED`; TypeError when the public key is nowhere; CmsError `ERR_UNSUPPORTED` for a key that does not sign
 * @example
 * const identity = await pkcs11SigningKey({ token, keyLabel: 'identity', crypto });
 */
export async function pkcs11SigningKey(
  parameters: Pkcs11KeyParameters,
): Promise<SigningKey & { readonly name: string }> {
  const { token, keyLabel, crypto } = parameters;
  const { publicKey, handleIn } = await openKey(parameters);
  const { algorithm } = publicKey;
  if (algorithm === 'X25519') throw new CmsError('ERR_UNSUPPORTED', 'X25519 keys do not sign');
  const key = Object.freeze({
    publicKey,
    name: keyLabel,
    async sign(octets: Uint8Array): Promise<Uint8Array> {
      const message = algorithm === 'P-256' ? await crypto.sha256(octets) : octets;
      const raw = await token.use((session) => signRaw(session, handleIn(session), algorithm, message));
      return algorithm === 'P-256' ? ecdsaToDer(raw) : raw;
    },
  });
  const sentence = toUtf8('stanzaseal: is this public key mine?');
  if (!(await crypto.verify(publicKey, sentence, await key.sign(sentence)))) throw notItsOwn();
  return key;
}

/**
 * An agreement key in a token: X25519 or P-256, by CKM_ECDH1_DERIVE. Peers' keys are checked before the token sees them.
 * @throws as `pkcs11SigningKey`; `agree` throws CmsError `ERR_DER` for a peer's key that is not acceptable (E1-E3), and
 * TypeError for one of another algorithm
 */
export async function pkcs11AgreementKey(
  parameters: Pkcs11KeyParameters,
): Promise<AgreementKey & { readonly publicKey: PublicKey }> {
  const { token } = parameters;
  const { publicKey, handleIn } = await openKey(parameters);
  const { algorithm } = publicKey;
  if (algorithm === 'Ed25519') throw new CmsError('ERR_UNSUPPORTED', 'Ed25519 keys do not agree');
  return Object.freeze({
    publicKey,
    async agree(peer: RawPublicKey): Promise<Uint8Array> {
      if (peer.algorithm !== algorithm) throw new TypeError('peer is not of the algorithm of the key');
      if (!isAcceptablePublicKey(algorithm, peer.raw)) throw new CmsError('ERR_DER', 'public key is not acceptable');
      return token.use((session) => deriveRaw(session, handleIn(session), peer.raw));
    },
  });
}

const ONLY_USE: Readonly<Partial<Record<KeyAlgorithm, 'sign' | 'agree'>>> = { Ed25519: 'sign', X25519: 'agree' };

/** The public key, checked, and the private one's handle in any session. */
async function openKey({ token, keyLabel, publicKey: given, crypto }: Pkcs11KeyParameters): Promise<{
  readonly publicKey: PublicKey;
  handleIn(session: Pkcs11Session): CryptokiHandle;
}> {
  const handles = new WeakMap<Pkcs11Session, CryptokiHandle>(); // they hold in the session in which they were found
  const handleIn = (session: Pkcs11Session): CryptokiHandle => {
    const handle = handles.get(session) ?? privateKeyOf(session, keyLabel);
    handles.set(session, handle);
    return handle;
  };
  const shown = await token.use(async (session) => findPublicKey(session, handleIn(session)));
  const raw = shown ?? given;
  if (raw === undefined) throw new TypeError('publicKey is missing, and the token keeps none');
  const publicKey = await publicKeyFromRaw(raw.algorithm, raw.raw, crypto);
  if (given === undefined) return { publicKey, handleIn };
  const expected = await publicKeyFromRaw(given.algorithm, given.raw, crypto);
  if (!equal(expected.keyIdentifier, publicKey.keyIdentifier)) throw notItsOwn();
  return { publicKey, handleIn };
}

function notItsOwn(): KeyStoreError {
  return new KeyStoreError('ERR_CORRUPT', 'key in the token does not belong to the public key');
}
