/**
 * Evidence: one thing that is known of an account's identity key, kept with what was signed, so that it can be shown and checked again.
 * @module
 */
import { type CryptoProvider, encodeDer, octetString, sequence, toHex, utf8String } from '@stanzaseal/cms';

/** What a piece of evidence is. */
export type EvidenceKind =
  /** The fingerprint was compared, by eyes or by a scan. */
  | 'fingerprint'
  /** A short authentication string was compared. */
  | 'sas'
  /** A common password, or the answer to a question, was proven. */
  | 'password'
  /** A certificate endorses the key. */
  | 'x509'
  /** An OpenPGP key endorses the key. */
  | 'openpgp'
  /** The domain of the JID says that the key is this account's. */
  | 'vouch'
  /** Another contact endorses the key. */
  | 'contact'
  /** Another device of the own account verified it. */
  | 'own-device'
  /** The holder of the key answered a handshake. */
  | 'handshake';

/** A piece of evidence; a record of the key store's table `evidence` is one. */
export interface Evidence {
  /** Bare JID of the account it speaks of. */
  readonly jid: string;
  /** Identity key it speaks of: raw Ed25519 public key; or its identifier, where the key itself was never seen: a code that was scanned first. */
  readonly identity: Uint8Array;
  /** What it is. */
  readonly kind: EvidenceKind;
  /** Who says so: a domain, the subject of a certificate, an OpenPGP user id, a JID, or an own device. */
  readonly by?: string;
  /** What they signed. */
  readonly statement?: Uint8Array;
  /** When it was taken in, in ms since 1970. */
  readonly at: number;
  /** When it ceases to hold. */
  readonly notAfter?: number;
  /** Its number among the statements of its author: a lower one never takes the place of a higher. */
  readonly sequence?: number;
  /** When it was revoked. */
  readonly revokedAt?: number;
}

/**
 * Key of a piece of evidence in the table: there is one of each kind, author and key. What follows from the same author about the
 * same key takes its place.
 */
export async function evidenceKey({ jid, kind, identity, by }: Evidence, crypto: CryptoProvider): Promise<string> {
  // DER keeps the author and the key apart: no two pairs give the same octets (T06).
  const named = encodeDer(sequence(octetString(identity), utf8String(by ?? '')));
  return `${jid} ${kind} ${toHex(await crypto.sha256(named))}`;
}

/**
 * Whether a piece of evidence may take the place of the one there is under the same key. Going back is refused; the same statement
 * again is no news, but harmless; and a revocation is final for its sequence.
 */
export function mayReplace(known: Evidence | undefined, next: Evidence): boolean {
  if (known === undefined) return true;
  const [before, after] = [known.sequence ?? 0, next.sequence ?? 0];
  if (after !== before) return after > before;
  return known.revokedAt === undefined || next.revokedAt !== undefined || known.sequence === undefined;
}
