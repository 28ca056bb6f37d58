/**
 * A party to a run: an account under one identity key.
 * @module
 */
import { copyOctets } from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';

/** Octets of a key identifier. */
export const IDENTITY_LENGTH = 32;

/** An account under one identity key. What is verified is that the two belong together. */
export interface Party {
  /** Bare JID. */
  readonly jid: string;
  /** Key identifier of its identity key: 32 octets, SHA-256 of the SubjectPublicKeyInfo. */
  readonly identity: Uint8Array;
}

/** A party under the normal form of its JID (T22). @throws RangeError for an identity of another length; StanzaError `ERR_ADDRESS` */
export function normalParty({ jid, identity }: Party): Party {
  if (identity.length !== IDENTITY_LENGTH) throw new RangeError('identity is not a key identifier of 32 octets');
  return { jid: bareJid(jid), identity: copyOctets(identity) };
}
