/**
 * What vouches for the accounts of a domain: beside any server, which it asks for nothing but what everybody may read.
 * @module
 */
import { type Clock, type CryptoProvider, equal, type MaybePromise, type SigningKey } from '@stanzaseal/cms';
import { SignerError, type VerifiedDeviceList, verifyDeviceList } from '@stanzaseal/signer';
import { bareJid, parseJid } from '@stanzaseal/stanza';
import { CLOCK_SKEW } from '../endorsed.js';
import { endorsementIn } from '../statement.js';
import { signVouch, VOUCH_VALIDITY } from './vouch.js';

/** What a service needs. */
export interface VouchServiceParameters {
  /** The domain's key. */
  readonly key: SigningKey;
  /** DER of the statement by which the domain's certificate endorses it: `endorseByCertificate` with the domain as `jid`. */
  readonly domainStatement: Uint8Array;
  /** What the accounts of the domain publish. */
  readonly accounts: VouchAccounts;
  /** How long a vouch holds, in ms: at most 7 days, which is taken where it is left out. */
  readonly validity?: number;
  /** The present. */
  readonly clock: Clock;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** What accounts publish, however it is fetched. */
export interface VouchAccounts {
  /** DER of the signed device list that an account publishes now; `undefined` where it publishes none. */
  deviceList(jid: string): MaybePromise<Uint8Array | undefined>;
}

/** What came of a request. */
export type VouchOutcome =
  /** DER of the vouch, and what it says. */
  | {
      readonly kind: 'vouched';
      readonly statement: Uint8Array;
      readonly jid: string;
      readonly identity: Uint8Array;
      readonly listVersion: number;
      readonly notAfter: number;
    }
  /**
   * `other-domain`: who asks is no account of this domain. `no-list`: it publishes no device list. `bad-list`: what it publishes is not
   * its own, is not signed by the identity key in it, or is out of date.
   */
  | { readonly kind: 'refused'; readonly reason: 'other-domain' | 'no-list' | 'bad-list' };

/** Vouches for the accounts of one domain. */
export interface VouchService {
  /** The domain. */
  readonly domain: string;
  /**
   * Vouches for who asks, and for nobody else.
   * @param from address of the request, as the domain's own server authenticated it: never one that the request states
   */
  vouch(from: string): Promise<VouchOutcome>;
}

/**
 * Makes a service. That an account holds the identity key which it publishes is shown by its device list, signed by that key and naming the
 * account: nobody is vouched for with somebody else's key.
 * @throws RangeError for a key that the statement does not endorse, a statement about an account, a validity beyond 7 days
 * @example
 * const service = createVouchService({ key, domainStatement, accounts, clock: Date.now, crypto });
 * const outcome = await service.vouch('juliet@capulet.example/balcony');
 */
export function createVouchService(parameters: VouchServiceParameters): VouchService {
  const { key, domainStatement, accounts, validity = VOUCH_VALIDITY, clock, crypto } = parameters;
  if (!(validity > 0 && validity <= VOUCH_VALIDITY)) throw new RangeError('validity is not within 7 days');
  const { owner, endorsed, purpose } = readDomainStatement(domainStatement);
  const { local, domain } = parseJid(owner);
  if (local !== '' || purpose !== 'identity') throw new RangeError('domainStatement is not about a domain');
  if (!equal(endorsed.raw, key.publicKey.raw)) throw new RangeError('domainStatement is about another key');

  async function vouch(from: string): Promise<VouchOutcome> {
    const jid = accountIn(from, domain);
    if (jid === undefined) return { kind: 'refused', reason: 'other-domain' };
    const der = await accounts.deviceList(jid);
    if (der === undefined) return { kind: 'refused', reason: 'no-list' };
    const now = clock();
    const verified = await ownList(der, jid, now, crypto);
    if (verified === undefined) return { kind: 'refused', reason: 'bad-list' };
    const { identity, list } = verified;
    const { listVersion } = list;
    const notAfter = Math.min(now + validity, list.expires);
    const statement = await signVouch({ jid, identity, listVersion, now, notAfter }, key, domainStatement, crypto);
    return { kind: 'vouched', statement, jid, identity: identity.keyIdentifier, listVersion, notAfter };
  }
  return Object.freeze({ domain, vouch });
}

function readDomainStatement(der: Uint8Array): ReturnType<typeof endorsementIn> {
  try {
    return endorsementIn(Uint8Array.from(der));
  } catch (cause) {
    throw new RangeError('domainStatement is no statement', { cause });
  }
}

function accountIn(from: string, domain: string): string | undefined {
  try {
    const jid = bareJid(from);
    const parts = parseJid(jid);
    return parts.local !== '' && parts.domain === domain ? jid : undefined;
  } catch {
    return undefined;
  }
}

async function ownList(
  der: Uint8Array,
  jid: string,
  now: number,
  crypto: CryptoProvider,
): Promise<VerifiedDeviceList | undefined> {
  try {
    const verified = await verifyDeviceList(der, crypto);
    const { owner, issued, expires } = verified.list;
    return owner === jid && issued <= now + CLOCK_SKEW && now < expires ? verified : undefined;
  } catch (error) {
    if (error instanceof SignerError) return undefined;
    throw error;
  }
}
