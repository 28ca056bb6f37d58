/**
 * Endorsements: signed by who endorses and by the endorsed key itself, which proves that its holder agrees. Without the
 * second signature anybody could endorse somebody's device key as their own.
 * @module
 */
import {
  type CryptoProvider,
  decodeEndorsement,
  decodeSignedData,
  type Endorsement,
  encodeEndorsement,
  encodeSignedData,
  equal,
  ID_CT_ENDORSEMENT,
  type PublicKey,
  publicKeyFromRaw,
  type SigningKey,
} from '@stanzaseal/cms';
import { sign } from './sign.js';
import { SignerError } from './signerError.js';
import { readSignedData, verify, verifyRead } from './verify.js';

/** DER of an endorsement signed by both keys, where one party holds both. */
export async function endorse(
  endorsement: Endorsement,
  endorser: SigningKey,
  endorsed: SigningKey,
  parameters: { readonly signingTime: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  checkKeys(endorsement, endorser.publicKey, endorsed.publicKey);
  const signers: [SigningKey, SigningKey] = [endorser, endorsed];
  return (await sign(encodeEndorsement(endorsement), { ...parameters, signers, contentType: ID_CT_ENDORSEMENT })).der;
}

/** DER of an endorsement signed by the endorsed key alone: what a new device hands to who shall endorse it. */
export async function requestEndorsement(
  endorsement: Endorsement,
  endorsed: SigningKey,
  parameters: { readonly signingTime: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const signers: [SigningKey] = [endorsed];
  return (await sign(encodeEndorsement(endorsement), { ...parameters, signers, contentType: ID_CT_ENDORSEMENT })).der;
}

/**
 * Adds the endorser's signature to a request, after the request's own signature was verified.
 * @throws SignerError `ERR_VERIFY` for a request that names another endorser or is not signed by the key it names
 */
export async function completeEndorsement(
  request: Uint8Array,
  endorser: SigningKey,
  parameters: { readonly signingTime: number; readonly crypto: CryptoProvider },
): Promise<{ der: Uint8Array; endorsement: Endorsement; endorsed: PublicKey }> {
  const { crypto } = parameters;
  const { endorsement, endorsed } = await read(request, crypto);
  await verify(request, { signers: [endorsed], contentType: ID_CT_ENDORSEMENT, crypto });
  if (!equal(endorsement.endorser, endorser.publicKey.keyIdentifier)) throw new SignerError();
  const content = encodeEndorsement(endorsement);
  const own = await sign(content, { ...parameters, signers: [endorser], contentType: ID_CT_ENDORSEMENT });
  const signerInfos = [...decodeSignedData(own.der).signerInfos, ...decodeSignedData(request).signerInfos];
  return {
    der: encodeSignedData({ eContentType: ID_CT_ENDORSEMENT, eContent: content, signerInfos }),
    endorsement,
    endorsed,
  };
}

/** DER of a revocation, which the endorser alone signs: the endorsed key may be in other hands. */
export async function revoke(
  endorsement: Endorsement,
  endorser: SigningKey,
  parameters: { readonly signingTime: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const revoked: Endorsement = { ...endorsement, purpose: 'revoked' };
  const signers: [SigningKey] = [endorser];
  return (await sign(encodeEndorsement(revoked), { ...parameters, signers, contentType: ID_CT_ENDORSEMENT })).der;
}

/**
 * Verifies an endorsement by a given key. Validity in time is the caller's to judge, at the moment of receipt (B11).
 * @throws SignerError `ERR_VERIFY`, also for a revocation
 */
export async function verifyEndorsement(
  der: Uint8Array,
  endorser: PublicKey,
  crypto: CryptoProvider,
): Promise<{ endorsement: Endorsement; endorsed: PublicKey }> {
  const { endorsement, endorsed } = await read(der, crypto);
  if (endorsement.purpose === 'revoked') throw new SignerError();
  if (!equal(endorsement.endorser, endorser.keyIdentifier)) throw new SignerError();
  await verifyRead(readSignedData(der), { signers: [endorser, endorsed], contentType: ID_CT_ENDORSEMENT, crypto });
  return { endorsement, endorsed };
}

/** Verifies a revocation by a given key. @throws SignerError `ERR_VERIFY` */
export async function verifyRevocation(
  der: Uint8Array,
  endorser: PublicKey,
  crypto: CryptoProvider,
): Promise<{ endorsement: Endorsement; endorsed: PublicKey }> {
  const { endorsement, endorsed } = await read(der, crypto);
  if (endorsement.purpose !== 'revoked' || !equal(endorsement.endorser, endorser.keyIdentifier))
    throw new SignerError();
  await verify(der, { signers: [endorser], contentType: ID_CT_ENDORSEMENT, crypto });
  return { endorsement, endorsed };
}

async function read(
  der: Uint8Array,
  crypto: CryptoProvider,
): Promise<{ endorsement: Endorsement; endorsed: PublicKey }> {
  const { content } = readSignedData(der);
  if (content === undefined) throw new SignerError();
  try {
    const endorsement = decodeEndorsement(content);
    const { algorithm, raw } = endorsement.endorsed;
    return { endorsement, endorsed: await publicKeyFromRaw(algorithm, raw, crypto) };
  } catch (cause) {
    throw new SignerError({ cause });
  }
}

function checkKeys(endorsement: Endorsement, endorser: PublicKey, endorsed: PublicKey): void {
  if (!equal(endorsement.endorser, endorser.keyIdentifier))
    throw new TypeError('endorser is not the key the endorsement names');
  if (!equal(endorsement.endorsed.raw, endorsed.raw))
    throw new TypeError('endorsed is not the key the endorsement names');
}
