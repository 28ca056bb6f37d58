/**
 * The work of `trust endorse`: a statement about one's own identity key, by one's certificate or OpenPGP key. Loaded when it runs.
 * @module
 */
import { encodePem, type SigningKey } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { endorseByCertificate, revokeByCertificate, TrustError } from '@stanzaseal/trust/certificates';
import { endorseByOpenPgp, revokeByOpenPgp } from '@stanzaseal/trust/openpgp';
import { CliFailure } from './failure.js';
import type { System } from './system.js';
import {
  type EndorserOptions,
  type OpenPgpEndorser,
  readCertificateSigner,
  readOpenPgpEndorser,
  termsOf,
} from './trustEndorser.js';

/** Whose key is endorsed, and whether it is, or is no longer. */
export interface EndorsedKey {
  /** Bare JID, or domain. */
  readonly jid: string;
  /** The key. */
  readonly identity: SigningKey;
  /** Take the endorsement back. */
  readonly isRevoked: boolean;
}

/** A statement in PEM. @throws CliFailure, TrustError */
export async function endorsementOf(
  { jid, identity, isRevoked }: EndorsedKey,
  options: EndorserOptions,
  system: System,
): Promise<string> {
  const now = system.now();
  const { crypto } = system;
  const terms = { jid, ...termsOf(options, now) };
  try {
    if (options.openpgp === undefined) {
      const signer = await readCertificateSigner(options, createGeneralCrypto(), system);
      const der = isRevoked
        ? await revokeByCertificate(identity.publicKey, terms, signer, { now, crypto })
        : await endorseByCertificate(identity, terms, signer, { now, crypto });
      return encodePem('CMS', der);
    }
    const der = await unlocked(await readOpenPgpEndorser(options), (secret) =>
      isRevoked
        ? revokeByOpenPgp(identity.publicKey, terms, secret, { now, crypto })
        : endorseByOpenPgp(identity, terms, secret, { now, crypto }),
    );
    return encodePem('CMS', der);
  } catch (thrown) {
    // What was given cannot endorse this key: the library names its argument, the user a file.
    if (!(thrown instanceof RangeError)) throw thrown;
    const sentence = thrown.message.replace('certificates[0]', 'the certificate').replace(/^key /, 'the key ');
    throw new CliFailure('ERR_UNSUPPORTED', sentence, { cause: thrown });
  }
}

/** Many keys have no passphrase: it is asked for when one is needed. */
async function unlocked<T>(
  { key, passphrase }: OpenPgpEndorser,
  use: (secret: { key: Uint8Array | string; passphrase?: string }) => Promise<T>,
): Promise<T> {
  try {
    return await use({ key });
  } catch (thrown) {
    if (!(thrown instanceof TrustError) || thrown.code !== 'ERR_PASSPHRASE') throw thrown;
    return use({ key, passphrase: await passphrase() });
  }
}
