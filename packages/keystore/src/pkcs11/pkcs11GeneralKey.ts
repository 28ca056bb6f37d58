/**
 * Keys in a token for the general profile, whose keys are octets in a provider's hands: the provider is given hands of its
 * own for one key.
 * @module
 */
import { CmsError, ecdsaToDer, type PublicKey } from '@stanzaseal/cms';
import {
  type GeneralCrypto,
  GeneralPrivateKey,
  type GeneralPublicKey,
  type SignatureScheme,
  toGeneralPublicKey,
  toSealedPublicKey,
} from '@stanzaseal/cms/general';
import { type Pkcs11KeyParameters, pkcs11AgreementKey, pkcs11SigningKey } from './pkcs11Keys.js';
import { privateKeyOf } from './tokenObjects.js';
import { signRaw } from './tokenOperations.js';

/** A key in a token, and the only provider that can use it. */
export interface Pkcs11GeneralKey {
  /** Stands for the private key: it holds none, and `pkcs8()` is empty. */
  readonly key: GeneralPrivateKey;
  /** Does with `key` what the token does, and all else as the provider it was made of. */
  readonly crypto: GeneralCrypto;
}

/**
 * A key in a token for `@stanzaseal/signer/general` (`use: 'sign'`: Ed25519, and ECDSA over P-256 with any SHA-2) or
 * `@stanzaseal/envelope/general` (`use: 'agree'`: X25519 and P-256).
 * @throws as `pkcs11SigningKey` and `pkcs11AgreementKey`
 * @example
 * const { key, crypto } = await pkcs11GeneralKey({ token, keyLabel: 'seal', use: 'sign', crypto: provider, general });
 * const der = await sign(content, { profile: 'general', signers: [{ key }], contentType, signingTime, random, crypto });
 */
export async function pkcs11GeneralKey(
  parameters: Pkcs11KeyParameters & { readonly use: 'sign' | 'agree'; readonly general: GeneralCrypto },
): Promise<Pkcs11GeneralKey> {
  return parameters.use === 'sign' ? generalSigningKey(parameters) : generalAgreementKey(parameters);
}

type Parameters = Pkcs11KeyParameters & { readonly general: GeneralCrypto };

async function generalSigningKey({ general, ...parameters }: Parameters): Promise<Pkcs11GeneralKey> {
  const { token, keyLabel } = parameters;
  const signer = await pkcs11SigningKey(parameters);
  const key = await standIn(signer.publicKey, general);
  const { algorithm } = signer.publicKey;
  const sign: GeneralCrypto['sign'] = async (given, scheme, octets, random) => {
    if (given !== key) return general.sign(given, scheme, octets, random);
    if (algorithm === 'Ed25519' && scheme.name === 'Ed25519') return signer.sign(octets);
    if (algorithm !== 'P-256' || scheme.name !== 'ECDSA') throw unfit(scheme);
    // The leftmost 256 bits of a longer digest (FIPS 186-5 §6.4.1).
    const digest = (await general.digest(scheme.hash, octets)).subarray(0, 32);
    if (digest.length < 32) throw unfit(scheme);
    return ecdsaToDer(
      await token.use((session) => signRaw(session, privateKeyOf(session, keyLabel), algorithm, digest)),
    );
  };
  return Object.freeze({ key, crypto: { ...general, sign } });
}

async function generalAgreementKey({ general, ...parameters }: Parameters): Promise<Pkcs11GeneralKey> {
  const agreement = await pkcs11AgreementKey(parameters);
  const key = await standIn(agreement.publicKey, general);
  const agree: GeneralCrypto['agree'] = (given, peer: GeneralPublicKey) =>
    given === key ? agreement.agree(toSealedPublicKey(peer)) : general.agree(given, peer);
  return Object.freeze({ key, crypto: { ...general, agree } });
}

async function standIn(publicKey: PublicKey, general: GeneralCrypto): Promise<GeneralPrivateKey> {
  return new GeneralPrivateKey(await toGeneralPublicKey(publicKey, general), new Uint8Array(0));
}

function unfit(scheme: SignatureScheme): CmsError {
  return new CmsError('ERR_UNSUPPORTED', `key in the token does not sign by ${scheme.name} with this hash`);
}
