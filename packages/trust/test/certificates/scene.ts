/** Juliet, her key, and what it takes to endorse it and to check that. */
import { generatePrivateKey, type PrivateKey, type SigningKey } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import * as assert from 'uvu/assert';
import {
  type CertificateCheck,
  type CertificateEndorsement,
  type CertificateSigner,
  checkCertificateEndorsement,
  endorseByCertificate,
  TrustError,
} from '../../src/certificates/index.js';
import type { Issued } from './authority.js';

export const crypto = createCryptoProvider();
export const general = createGeneralCrypto();
export const primitives = { crypto, general, subtle: globalThis.crypto.subtle };
export { random };
export const JULIET = 'juliet@capulet.example';
export const ROMEO = 'romeo@montague.example';
export const DAY = 86_400_000;
/** Certificates of OpenSSL begin when they are made. */
export const NOW: number = Date.now() + 60_000;

/** A new Ed25519 key that signs. */
export async function newKey(): Promise<SigningKey> {
  const key: PrivateKey = await generatePrivateKey('Ed25519', random, crypto);
  return crypto.signingKey(key.publicKey, key.secret());
}

/** Who endorses: a certificate with those that come along. */
export const by = (leaf: Issued, ...between: Issued[]): CertificateSigner => ({
  certificates: [leaf.der, ...between.map(({ der }) => der)],
  key: leaf.key,
  general,
  random,
});

/** Terms of an endorsement for a year. */
export const terms = (jid = JULIET, sequence = 1) => ({ jid, notBefore: NOW, notAfter: NOW + 365 * DAY, sequence });

/** A statement of a certificate about a key of Juliet's. */
export async function stated(identity: SigningKey, leaf: Issued, ...between: Issued[]): Promise<Uint8Array> {
  return endorseByCertificate(identity, terms(), by(leaf, ...between), { now: NOW, crypto });
}

/** Checks a statement about Juliet. */
export function check(statement: Uint8Array, roots: readonly Issued[], more: Partial<CertificateCheck> = {}) {
  return checkCertificateEndorsement(statement, {
    jid: JULIET,
    roots: roots.map(({ der }) => der),
    now: NOW,
    primitives,
    ...more,
  });
}

/** Expects the one answer to everything that is wrong. */
export async function refused(checking: Promise<CertificateEndorsement>): Promise<void> {
  try {
    await checking;
  } catch (error) {
    assert.instance(error, TrustError);
    const { code, message } = error as TrustError;
    assert.equal([code, message], ['ERR_VERIFY', 'the statement does not hold']);
    return;
  }
  assert.unreachable('the statement was believed');
}
