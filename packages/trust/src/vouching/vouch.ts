/**
 * Vouches: a domain says which identity key an account of its own has. A short-lived endorsement by the domain's key, which the domain's
 * certificate endorses; the number of the account's device list is its sequence (specification, section 27.4).
 * @module
 */
import {
  type CryptoProvider,
  type Endorsement,
  encodeEndorsement,
  ID_CT_ENDORSEMENT,
  type PublicKey,
  type SigningKey,
} from '@stanzaseal/cms';
import { sign } from '@stanzaseal/signer';
import { encodeStatement, readStatement } from '../statement.js';

/** The longest that a vouch holds, in ms: 7 days. Who is no longer vouched for is not vouched for a week later. */
export const VOUCH_VALIDITY = 604_800_000;

/** What a domain says. */
export interface VouchTerms {
  /** Bare JID of the account, in normal form. */
  readonly jid: string;
  /** Its identity key, as its device list names it. */
  readonly identity: PublicKey;
  /** `listVersion` of that list. */
  readonly listVersion: number;
  /** When it is said, in ms since 1970. */
  readonly now: number;
  /** When it ends, in ms since 1970. */
  readonly notAfter: number;
}

/**
 * DER of a vouch.
 * @param key the domain's key
 * @param domainStatement DER of the statement by which the domain's certificate endorses that key
 */
export async function signVouch(
  { jid, identity, listVersion, now, notAfter }: VouchTerms,
  key: SigningKey,
  domainStatement: Uint8Array,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const endorsement: Endorsement = {
    endorser: key.publicKey.keyIdentifier,
    endorsed: identity,
    owner: jid,
    purpose: 'vouched',
    notBefore: now,
    notAfter,
    sequence: listVersion,
  };
  const content = encodeEndorsement(endorsement);
  const { der } = await sign(content, { signers: [key], contentType: ID_CT_ENDORSEMENT, signingTime: now, crypto });
  const { signerInfos } = readStatement(der);
  const others = [{ format: ID_CT_ENDORSEMENT, value: domainStatement }];
  return encodeStatement({ content, signerInfos, certificates: [], others });
}
