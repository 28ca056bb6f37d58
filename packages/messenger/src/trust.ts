/**
 * What is known of contacts' identity keys: the level that evidence comes to, the rules about levels, and the user's answer to a key
 * that changed. Nothing raises a level but evidence, and `recordEvidence` is the one way in.
 * @module
 */
import { equalConstantTime, type MaybePromise } from '@stanzaseal/cms';
import type { Change, ContactRecord, PolicyRecord, TrustLevel } from '@stanzaseal/keystore';
import { bareJid } from '@stanzaseal/stanza';
import {
  acceptedLevels,
  type Evidence,
  type EvidenceKind,
  evidenceKey,
  LEVEL_OF,
  type LevelInForce,
  levelInForce,
  mayReplace,
  speaksOf,
  type TrustPolicy,
} from '@stanzaseal/trust/levels';
import { storedKey } from './lists.js';
import { MessengerError, verifyError } from './messengerError.js';
import { accountOf, type Session } from './session.js';

/** A contact as it is shown. */
export interface Contact {
  /** Bare JID. */
  readonly jid: string;
  /** Key identifier of the identity key: the fingerprint, 32 octets. */
  readonly fingerprint: Uint8Array;
  /** What is known of it. */
  readonly trust: TrustLevel;
  /** How: the kind of the newest evidence, and whose it is. */
  readonly evidence: string | undefined;
  /** Another identity key that claims the JID and awaits an answer: its fingerprint. */
  readonly changedTo: Uint8Array | undefined;
}

/** All contacts. */
export async function contacts(session: Session): Promise<Contact[]> {
  const { store, crypto } = session;
  const entries = await store.entries('contacts');
  return Promise.all(
    entries.map(async ([jid, record]) => {
      const { keyIdentifier } = await storedKey('Ed25519', record.identity, crypto);
      const isStale = record.trustUntil !== undefined && record.trustUntil <= session.clock();
      const { trust, evidence } = isStale ? await withLevel(session, jid, record) : record;
      return {
        jid,
        fingerprint: keyIdentifier,
        trust,
        evidence,
        changedTo:
          record.changedIdentity === undefined
            ? undefined
            : (await storedKey('Ed25519', record.changedIdentity, crypto)).keyIdentifier,
      };
    }),
  );
}

/** Fingerprint of the own identity key: 32 octets. */
export async function ownFingerprint(session: Session): Promise<Uint8Array> {
  const { identity } = await accountOf(session);
  return (await storedKey('Ed25519', identity, session.crypto)).keyIdentifier;
}

/** Compares a fingerprint; equal raises the contact to `verified`. Gives whether it was equal. @throws MessengerError `ERR_NO_KEYS` for an unknown contact */
export async function verifyFingerprint(session: Session, jid: string, fingerprint: Uint8Array): Promise<boolean> {
  const { store, crypto, clock } = session;
  const bare = bareJid(jid);
  const contact = await store.get('contacts', bare);
  if (contact === undefined) throw new MessengerError('ERR_NO_KEYS', `no keys of ${bare} are known`);
  const key = await storedKey('Ed25519', contact.identity, crypto);
  if (!equalConstantTime(key.keyIdentifier, fingerprint)) return false;
  await recordEvidence(session, { jid: bare, identity: contact.identity, kind: 'fingerprint', at: clock() });
  return true;
}

/**
 * Keeps a piece of evidence, in the place of what its author said of the same key before, and gives the level that the account's
 * identity key has now. What speaks of another key is kept and does not count.
 * @throws MessengerError `ERR_VERIFY` for evidence that goes back behind what is kept
 */
export async function recordEvidence(session: Session, evidence: Evidence): Promise<TrustLevel> {
  const { store } = session;
  const contact = await store.get('contacts', evidence.jid);
  const { changes, record } = await evidenceChanges(session, evidence, contact);
  await store.commit(changes);
  if (contact === undefined || record === undefined) return 'unverified';
  tellChange(session, evidence.jid, contact, record);
  return record.trust;
}

/**
 * What keeps a piece of evidence, and the contact's record after it: for who makes more durable together with it. Without a contact it
 * is kept until the account is first seen: a code can be scanned before the first message.
 * @throws MessengerError `ERR_VERIFY` for evidence that goes back behind what is kept
 */
export async function evidenceChanges(
  session: Session,
  evidence: Evidence,
  contact: ContactRecord | undefined,
): Promise<{ readonly changes: readonly Change[]; readonly record: ContactRecord | undefined }> {
  const { store, crypto } = session;
  const key = await evidenceKey(evidence, crypto);
  if (!mayReplace(await store.get('evidence', key), evidence)) throw verifyError();
  const change: Change = { table: 'evidence', key, record: evidence };
  if (contact === undefined) return { changes: [change], record: undefined };
  const others = (await evidenceOf(session, evidence.jid)).filter(([other]) => other !== key).map(([, one]) => one);
  const record = await leveled(session, contact, [...others, evidence]);
  return { changes: [change, { table: 'contacts', key: evidence.jid, record }], record };
}

/** The level of an identity key of an account by all evidence that is kept. */
export async function levelOf(session: Session, jid: string, identity: Uint8Array): Promise<LevelInForce> {
  const key = await storedKey('Ed25519', identity, session.crypto);
  const evidence = (await evidenceOf(session, jid)).map(([, one]) => one);
  return levelInForce(evidence, key, session.clock());
}

/** All evidence about an account with its keys in the table. */
export async function evidenceOf({ store }: Session, jid: string): Promise<(readonly [string, Evidence])[]> {
  return (await store.entries('evidence')).filter(([, record]) => record.jid === jid);
}

/** A contact's record with the level that evidence comes to now; for a first pin, an answered change, and when evidence ends. */
export async function withLevel(session: Session, jid: string, contact: ContactRecord): Promise<ContactRecord> {
  return leveled(
    session,
    contact,
    (await evidenceOf(session, jid)).map(([, one]) => one),
  );
}

/** The level of a contact at this moment, without changing the store: evidence may have ended since it was stored. */
export function trustNow(session: Session, jid: string, contact: ContactRecord): MaybePromise<TrustLevel> {
  const { trust, trustUntil } = contact;
  if (trustUntil === undefined || trustUntil > session.clock()) return trust;
  return withLevel(session, jid, contact).then((record) => record.trust);
}

/** Lowers the levels whose evidence ended. */
export async function refreshTrust(session: Session): Promise<void> {
  const { store, clock } = session;
  for (const [jid, contact] of await store.entries('contacts')) {
    if (contact.trustUntil === undefined || contact.trustUntil > clock()) continue;
    const record = await withLevel(session, jid, contact);
    await store.commit([{ table: 'contacts', key: jid, record }]);
    tellChange(session, jid, contact, record);
  }
}

/** Tells when one identity key speaks for two accounts: who compared it for one of them knows nothing of the other. */
export async function tellSharedKey({ store, onEvent }: Session, jid: string, identity: Uint8Array): Promise<void> {
  const isSame = (other: Uint8Array): boolean => equalConstantTime(other, identity);
  if (isSame((await accountOf({ store })).identity))
    onEvent({ kind: 'key-at-two-jids', jids: [store.owner, jid], identity });
  for (const [other, contact] of await store.entries('contacts')) {
    if (other !== jid && isSame(contact.identity)) onEvent({ kind: 'key-at-two-jids', jids: [other, jid], identity });
  }
}

/**
 * Holds accounts that are to be sealed to against the rules.
 * @param stored the rules
 * @throws MessengerError `ERR_TRUST`
 */
export async function demandTrust(
  session: Session,
  stored: PolicyRecord | undefined,
  accounts: readonly string[],
): Promise<void> {
  if (stored === undefined) return;
  const policy = policyOf(stored);
  for (const jid of accounts) {
    const contact = await session.store.get('contacts', jid);
    const level = contact === undefined ? 'unverified' : await trustNow(session, jid, contact);
    const accepted = acceptedLevels(policy, jid);
    if (accepted.includes(level)) continue;
    throw new MessengerError(
      'ERR_TRUST',
      `${jid} is ${level}; the policy asks for ${accepted.join(' or ') || 'nobody'}`,
    );
  }
}

/**
 * Answers a changed identity key: takes the new one at the level that is known of it, or keeps the old one.
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
  const pinned: ContactRecord = { identity: changedIdentity, trust: 'unverified', pinnedAt: clock(), listVersion: 0 };
  const record = await withLevel(session, bare, pinned);
  const changes: Change[] = [{ table: 'contacts', key: bare, record }];
  for (const [key, device] of await store.entries('devices')) {
    if (device.owner === bare) changes.push({ table: 'devices', key, record: undefined });
  }
  await store.commit(changes);
  await tellSharedKey(session, bare, changedIdentity);
}

/** A contact's record with the level that this evidence comes to now. */
export async function leveled(
  session: Pick<Session, 'crypto' | 'clock'>,
  contact: ContactRecord,
  kept: readonly Evidence[],
): Promise<ContactRecord> {
  const key = await storedKey('Ed25519', contact.identity, session.crypto);
  const evidence = [
    ...kept,
    ...impliedEvidence(
      contact,
      kept.filter((one) => speaksOf(one, key)),
    ),
  ];
  const { level, evidence: earning, until } = levelInForce(evidence, key, session.clock());
  const { trust: _trust, evidence: _evidence, trustUntil: _until, ...rest } = contact;
  const [newest] = earning;
  return {
    ...rest,
    trust: level,
    ...(newest === undefined
      ? {}
      : { evidence: newest.by === undefined ? newest.kind : `${newest.kind} ${newest.by}` }),
    ...(until === undefined ? {} : { trustUntil: until }),
  };
}

/** What a store knows that was written before evidence was kept, or restored from a backup: verified, and how, but no record of it. */
function impliedEvidence(contact: ContactRecord, kept: readonly Evidence[]): Evidence[] {
  if (contact.trust !== 'verified' || kept.some(({ kind }) => LEVEL_OF[kind] === 'verified')) return [];
  const kind = contact.evidence?.split(' ')[0] as EvidenceKind | undefined;
  const known = kind !== undefined && LEVEL_OF[kind] === 'verified' ? kind : 'fingerprint';
  return [{ jid: '', identity: contact.identity, kind: known, at: contact.pinnedAt }];
}

/** Tells of a level that is another now. */
export function tellChange({ onEvent }: Session, jid: string, before: ContactRecord, after: ContactRecord): void {
  if (before.trust !== after.trust) onEvent({ kind: 'trust-changed', jid, from: before.trust, to: after.trust });
}

const policies = new WeakMap<PolicyRecord, TrustPolicy>();

/** Rules as they are stored, read once. They were checked when they were set. */
function policyOf(record: PolicyRecord): TrustPolicy {
  const known = policies.get(record);
  if (known !== undefined) return known;
  const policy = JSON.parse(record.rules) as TrustPolicy;
  policies.set(record, policy);
  return policy;
}
