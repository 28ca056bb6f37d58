/**
 * Whose device key an object must be signed with: from the store, or from the keys that the object carries, and never from
 * the network.
 * @module
 */

import { type DeviceList, type Endorsement, equal, type PublicKey, publicKeyFromRaw } from '@stanzaseal/cms';
import type { ContactRecord } from '@stanzaseal/keystore';
import { verifyEndorsement } from '@stanzaseal/signer';
import type { SenderClaim } from '@stanzaseal/stanza';
import { deviceRecordKey } from './deviceRecords.js';
import { listOf, storedKey } from './lists.js';
import { accountOf, type Session } from './session.js';

/** A sender whose device key is known to belong to an identity; the object's signature is checked with it next. */
export interface Sender {
  /** The device key. */
  readonly device: PublicKey;
  /** Account identity key: raw Ed25519 public key. */
  readonly identity: Uint8Array;
  /** The pinned contact; `undefined` on first contact, or for the own account. */
  readonly contact: ContactRecord | undefined;
  /** Whether the device is new to the store. */
  readonly newDevice: boolean;
}

/** The sender of an object, or `undefined` where the claim is not believed. */
export async function findSender(session: Session, claim: SenderClaim): Promise<Sender | undefined> {
  const { store } = session;
  const own = claim.from === store.owner;
  const stored = own ? undefined : store.get('contacts', claim.from);
  const contact = stored instanceof Promise ? await stored : stored;
  const self = accountOf(session);
  const account = self instanceof Promise ? await self : self;
  const pinned = own ? account.identity : contact?.identity;
  const holder = own ? account : contact;
  const list = holder === undefined ? undefined : listOf(holder);
  if (contact?.changedIdentity !== undefined) return undefined;
  const record = store.get('devices', deviceRecordKey(claim.from, claim.device));
  const known = record instanceof Promise ? await record : record;

  const listed = await listedDevice(session, claim, list);
  if (listed !== undefined && pinned !== undefined) {
    // Revoked, which no list takes back (I12).
    if (known?.revoked) return undefined;
    if (claim.senderKeys !== undefined && !equal(claim.senderKeys.identity.raw, pinned)) {
      return rejectIdentity(session, claim);
    }
    return { device: listed, identity: pinned, contact, newDevice: known === undefined };
  }
  // A device that a list at least as new as the sender's own leaves out was removed (I12).
  if (holder?.listedOnly || (list !== undefined && list.listVersion >= claim.context.senderListVersion)) {
    if (claim.senderKeys === undefined || pinned === undefined || equal(claim.senderKeys.identity.raw, pinned))
      return undefined;
  }
  // One that left a list stays out, whatever list it claims (I12).
  if (known !== undefined && !known.endorsed) return undefined;
  if (claim.senderKeys === undefined) {
    if (known === undefined || pinned === undefined) return undefined;
    return {
      device: await storedKey('Ed25519', known.device, session.crypto),
      identity: pinned,
      contact,
      newDevice: false,
    };
  }
  const endorsed = await endorsedDevice(session, claim);
  if (endorsed === undefined) return undefined;
  const { identity } = claim.senderKeys;
  if (pinned !== undefined && !equal(identity.raw, pinned)) return rejectIdentity(session, claim);
  return { device: endorsed, identity: identity.raw, contact, newDevice: known === undefined };
}

async function listedDevice(
  { crypto }: Session,
  claim: SenderClaim,
  list: DeviceList | undefined,
): Promise<PublicKey | undefined> {
  for (const { key: listed } of list?.devices ?? []) {
    const stored = storedKey('Ed25519', listed.raw, crypto);
    const key = stored instanceof Promise ? await stored : stored;
    if (equal(key.keyIdentifier, claim.device)) return key;
  }
  return undefined;
}

/** The device key that the object carries, if the identity key that it carries endorses it for this JID, now (B11). */
async function endorsedDevice(
  { crypto, clock }: Session,
  { senderKeys, from, device }: SenderClaim,
): Promise<PublicKey | undefined> {
  if (senderKeys === undefined || senderKeys.identity.algorithm !== 'Ed25519') return undefined;
  const identity = await publicKeyFromRaw('Ed25519', senderKeys.identity.raw, crypto);
  const { endorsement, endorsed } = await verifyEndorsement(senderKeys.endorsement, identity, crypto);
  const fits =
    endorsement.purpose === 'device' &&
    endorsement.owner === from &&
    isInForce(endorsement, clock()) &&
    equal(endorsed.raw, senderKeys.device.raw) &&
    equal(endorsed.keyIdentifier, device);
  return fits ? endorsed : undefined;
}

/** Whether an endorsement holds at the moment of receipt (B11). */
export function isInForce({ notBefore, notAfter }: Endorsement, now: number): boolean {
  return notBefore <= now + CLOCK_DIFFERENCE && now <= notAfter;
}

/** An endorsement made on a clock that runs ahead is still an endorsement: a day in ms (I14). */
const CLOCK_DIFFERENCE = 86_400_000;

/** Another identity under a pinned JID: refused like everything else, and told to the application (C14). */
async function rejectIdentity(session: Session, claim: SenderClaim): Promise<undefined> {
  if ((await endorsedDevice(session, claim)) !== undefined && claim.senderKeys !== undefined) {
    session.onEvent({ kind: 'key-changed', jid: claim.from, identity: claim.senderKeys.identity.raw });
  }
  return undefined;
}
