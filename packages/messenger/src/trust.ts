/**
 * What the user decides about contacts' identity keys: verified by its fingerprint, or answered when it changed.
 * @module
 */
import { equalConstantTime } from '@stanzaseal/cms';
import type { Change, ContactRecord, TrustLevel } from '@stanzaseal/keystore';
import { bareJid } from '@stanzaseal/stanza';
import { storedKey } from './lists.js';
import { MessengerError } from './messengerError.js';
import { accountOf, type Session } from './session.js';

/** A contact as it is shown. */
export interface Contact {
  /** Bare JID. */
  readonly jid: string;
  /** Key identifier of the identity key: the fingerprint, 32 octets. */
  readonly fingerprint: Uint8Array;
  /** What is known of it. */
  readonly trust: TrustLevel;
  /** How. */
  readonly evidence: string | undefined;
  /** Another identity key that claims the JID and awaits an answer: its fingerprint. */
  readonly changedTo: Uint8Array | undefined;
}

/** All contacts. */
export async function contacts({ store, crypto }: Session): Promise<Contact[]> {
  const entries = await store.entries('contacts');
  return Promise.all(
    entries.map(async ([jid, record]) => ({
      jid,
      fingerprint: (await storedKey('Ed25519', record.identity, crypto)).keyIdentifier,
      trust: record.trust,
      evidence: record.evidence,
      changedTo:
        record.changedIdentity === undefined
          ? undefined
          : (await storedKey('Ed25519', record.changedIdentity, crypto)).keyIdentifier,
    })),
  );
}

/** Fingerprint of the own identity key: 32 octets. */
export async function ownFingerprint(session: Session): Promise<Uint8Array> {
  const { identity } = await accountOf(session);
  return (await storedKey('Ed25519', identity, session.crypto)).keyIdentifier;
}

/** Compares a fingerprint; equal raises the contact to `verified`. Gives whether it was equal. @throws MessengerError `ERR_NO_KEYS` for an unknown contact */
export async function verifyFingerprint(session: Session, jid: string, fingerprint: Uint8Array): Promise<boolean> {
  const { store, crypto } = session;
  const bare = bareJid(jid);
  const contact = await store.get('contacts', bare);
  if (contact === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${bare} are known`);
  const key = await storedKey('Ed25519', contact.identity, crypto);
  if (!equalConstantTime(key.keyIdentifier, fingerprint)) return false;
  const record: ContactRecord = { ...contact, trust: 'verified', evidence: 'fingerprint' };
  await store.commit([{ table: 'contacts', key: bare, record }]);
  return true;
}

/**
 * Answers a changed identity key: takes the new one as `unverified`, or keeps the old one.
 * @param identity the raw key of the `key-changed` event, where an object and not a published list showed it
 */
export async function answerKeyChange(
  session: Session,
  jid: string,
  answer: 'take' | 'keep',
  identity?: Uint8Array,
): Promise<void> {
  const { store, clock } = session;
  const bare = bareJid(jid);
  const contact = await store.get('contacts', bare);
  const changedIdentity = identity ?? contact?.changedIdentity;
  if (contact === undefined || changedIdentity === undefined) throw new RangeError('jid has no changed key to answer');
  const { changedIdentity: _, ...kept } = contact;
  if (answer === 'keep') {
    await store.commit([{ table: 'contacts', key: bare, record: kept }]);
    return;
  }
  const record: ContactRecord = { identity: changedIdentity, trust: 'unverified', pinnedAt: clock(), listVersion: 0 };
  const changes: Change[] = [{ table: 'contacts', key: bare, record }];
  for (const [key, device] of await store.entries('devices')) {
    if (device.owner === bare) changes.push({ table: 'devices', key, record: undefined });
  }
  await store.commit(changes);
}
