/**
 * Every crypto provider there is, for tests that must give the same result under each.
 * @module
 */
import { Crypto } from '@peculiar/webcrypto';
import type { CryptoProvider, RawPublicKey } from '@stanzaseal/cms';
import { createCryptoProvider as createNodeProvider } from '@stanzaseal/cms/provider';
import { createCryptoProvider as createWebProvider } from '@stanzaseal/cms/provider/webcrypto';

/** The three providers with their names: `node:crypto`, the platform's WebCrypto, and @peculiar/webcrypto behind the same port. */
export function providers(): readonly (readonly [name: string, crypto: CryptoProvider])[] {
  return [
    ['node:crypto', createNodeProvider()],
    ['WebCrypto', createWebProvider()],
    ['@peculiar/webcrypto', createWebProvider(new Crypto() as unknown as Parameters<typeof createWebProvider>[0])],
  ];
}

/** How often each costly operation of a counted provider ran. */
export interface OperationCounts {
  /** Agreements with a peer's key. */
  agree: number;
  /** Key pairs made or imported for agreement. */
  agreementKey: number;
  /** Signatures made. */
  sign: number;
  /** Signatures checked. */
  verify: number;
  /** Key unwrappings. */
  unwrapKey: number;
  /** Decryptions of content. */
  decryptAesGcm: number;
}

/** A provider that counts, and its counts, which `reset` sets to zero. */
export interface CountedProvider {
  /** The provider. */
  readonly crypto: CryptoProvider;
  /** The counts so far. */
  readonly counts: OperationCounts;
  /** Begins to count anew. */
  reset(): void;
}

/** Wraps a provider so that its public-key operations are counted: refusals must come before them (G1, A12). */
export function countedProvider(crypto: CryptoProvider): CountedProvider {
  const zero: OperationCounts = { agree: 0, agreementKey: 0, sign: 0, verify: 0, unwrapKey: 0, decryptAesGcm: 0 };
  const counts = { ...zero };
  const counted: CryptoProvider = {
    ...crypto,
    async agreementKey(secret, publicKey) {
      counts.agreementKey++;
      const key = await crypto.agreementKey(secret, publicKey);
      return {
        publicKey: key.publicKey,
        agree(peer: RawPublicKey) {
          counts.agree++;
          return key.agree(peer);
        },
      };
    },
    async signingKey(publicKey, secret) {
      const key = await crypto.signingKey(publicKey, secret);
      return {
        publicKey,
        sign(octets: Uint8Array) {
          counts.sign++;
          return key.sign(octets);
        },
      };
    },
    verify(publicKey, octets, signature) {
      counts.verify++;
      return crypto.verify(publicKey, octets, signature);
    },
    unwrapKey(wrapping, wrapped) {
      counts.unwrapKey++;
      return crypto.unwrapKey(wrapping, wrapped);
    },
    decryptAesGcm(...parameters) {
      counts.decryptAesGcm++;
      return crypto.decryptAesGcm(...parameters);
    },
  };
  return { crypto: counted, counts, reset: () => void Object.assign(counts, zero) };
}
