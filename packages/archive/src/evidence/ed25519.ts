/**
 * Ed25519 on notes (RFC 8032), at once and by `node:crypto` alone: a stranger who verifies needs nothing else.
 * @module
 */
import { createPublicKey, verify } from 'node:crypto';
import { isAcceptableEd25519Point, type PublicKey } from '@stanzaseal/cms';

/** Length of a signature in octets. */
export const SIGNATURE_LENGTH = 64;

/** Whether a signature is good; its R must be canonical and of no small order, as everywhere in this project (E4). */
export function verifyEd25519(key: PublicKey, octets: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH || !isAcceptableEd25519Point(signature.subarray(0, 32))) return false;
  const x = Buffer.from(key.raw).toString('base64url');
  return verify(null, octets, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
}

/** A key of notes is of Ed25519, and no point that verifies everything (E1). @throws TypeError */
export function checkNoteKey(key: PublicKey, name: string): void {
  if (key.algorithm !== 'Ed25519' || !isAcceptableEd25519Point(key.raw))
    throw new TypeError(`${name} is no Ed25519 key`);
}
