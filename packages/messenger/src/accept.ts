/**
 * The one commit point of an opened object: both replay memories, the pin, the counter, the state of prekeys, and what may
 * now be erased, durable together.
 * @module
 */

import { equal, MAX_DEVICES, toHex } from '@stanzaseal/cms';
import type {
  AccountRecord,
  Change,
  ContactRecord,
  PeerDeviceRecord,
  PeerPrekey,
  PrekeyRecord,
} from '@stanzaseal/keystore';
import type { OpenedStanza, ReadSealedStanza } from '@stanzaseal/stanza';
import { clockWitnessed, isClockInDoubt, tellOfDoubt, timeNoted } from './clockDoubt.js';
import { deviceRecordKey, newDevice } from './deviceRecords.js';
import { openError } from './messengerError.js';
import { acceptedKey } from './open.js';
import type { Sender } from './sender.js';
import { notRolledBack, type Session } from './session.js';
import { countStranger, requestKey } from './strangers.js';
import { tellSharedKey, withLevel } from './trust.js';
import { receivedKey } from './warnings.js';

/**
 * Makes an opened object part of the store. Doing it twice is doing it once.
 * @throws MessengerError `ERR_OPEN` where the sender's JID was pinned under another identity after the object was opened
 */
export async function accept(
  session: Session,
  sealed: ReadSealedStanza,
  opened: OpenedStanza,
  sender: Sender,
): Promise<void> {
  const { store, clock } = session;
  const stored = store.get('account', 'self');
  const account = notRolledBack((stored instanceof Promise ? await stored : stored) as AccountRecord);
  if ((await store.get('accepted', acceptedKey(opened))) !== undefined) return;
  await refuseOtherIdentity(session, opened, sender);
  const prekeys = await store.entries('prekeys');
  // Not before any prekey there is was made, even where the clock that made them ran ahead: replay entries go by that (spec 11.4, I14).
  const at = prekeys.reduce((latest, [, { createdAt }]) => Math.max(latest, createdAt), clock());
  const isKept = await keepsDevice(session, opened);
  const changes: Change[] = [
    { table: 'seen', key: toHex(sealed.digest), record: { at } },
    { table: 'accepted', key: acceptedKey(opened), record: { at } },
    ...(isKept ? await receivedChanges(session, opened) : []),
    ...(await contactChanges(session, opened, sender)),
    ...(isKept ? await deviceChanges(session, opened, sender) : []),
    ...prekeyChanges(session, opened, prekeys, isKept),
  ];
  const waiting = await store.entries('requests');
  if (waiting.length > 0)
    changes.push({ table: 'requests', key: await requestKey(session, sealed), record: undefined });
  const noted = await clockNoted(session, account, opened);
  if (noted !== account) changes.push({ table: 'account', key: 'self', record: noted });
  await store.commit(changes);
  session.openedStrangers.delete(opened.from);
  tellOfDoubt(session, account, noted);
}

/** The account's note of the time, made anew once a day; where the clock is in doubt, whether this object bears it out (I14). */
async function clockNoted(
  { store, clock, rules }: Session,
  account: AccountRecord,
  opened: OpenedStanza,
): Promise<AccountRecord> {
  const noted = timeNoted(account, clock(), rules);
  if (!isClockInDoubt(noted)) return noted;
  const { from: jid, time } = opened;
  const pinnedAt = jid === store.owner ? 0 : (await store.get('contacts', jid))?.pinnedAt;
  return pinnedAt === undefined ? noted : clockWitnessed(noted, { jid, time, pinnedAt }, clock(), rules);
}

/** Two identities that both came first: the one accepted first is pinned, and no device of the other becomes the contact's (C14). */
async function refuseOtherIdentity(
  { store, onEvent }: Session,
  opened: OpenedStanza,
  { identity }: Sender,
): Promise<void> {
  const contact = opened.from === store.owner ? undefined : await store.get('contacts', opened.from);
  if (contact === undefined || equal(contact.identity, identity)) return;
  onEvent({ kind: 'key-changed', jid: opened.from, identity });
  throw openError();
}

async function receivedChanges({ store, crypto }: Session, opened: OpenedStanza): Promise<Change[]> {
  const key = receivedKey(opened, store.owner);
  const last = await store.get('received', key);
  const { counter } = opened.context;
  if (last !== undefined && last.counter >= counter) return [];
  return [{ table: 'received', key, record: { counter, digest: await crypto.sha256(opened.signedAttrsDer) } }];
}

/**
 * Notes that a message that was accepted came once more, sealed anew in its place: what its sender sends next follows on this object, and
 * the chain is not broken. Of any but the last nothing is noted.
 */
export async function followAnew({ store, crypto }: Session, opened: OpenedStanza): Promise<void> {
  const key = receivedKey(opened, store.owner);
  const last = await store.get('received', key);
  const { counter } = opened.context;
  const digest = await crypto.sha256(opened.signedAttrsDer);
  if (last?.counter !== counter || equal(last.digest, digest)) return;
  await store.commit([{ table: 'received', key, record: { counter, digest } }]);
}

/** First contact pins the identity key. A contact that was pinned since is left as it is. */
async function contactChanges(session: Session, opened: OpenedStanza, sender: Sender): Promise<Change[]> {
  const { store, clock } = session;
  if (opened.from === store.owner || (await store.get('contacts', opened.from)) !== undefined) return [];
  const pinned: ContactRecord = { identity: sender.identity, trust: 'unverified', pinnedAt: clock(), listVersion: 0 };
  const record = await withLevel(session, opened.from, pinned);
  await tellSharedKey(session, opened.from, sender.identity);
  return [
    { table: 'contacts', key: opened.from, record },
    ...(await countStranger(session, opened.recipient?.class === 'one-time')),
  ];
}

/** Whether the sender's device is remembered: of those that no list names only so many are, else who signs them could fill the store (G5). */
async function keepsDevice({ store, rules }: Session, { from, device }: OpenedStanza): Promise<boolean> {
  if ((await store.get('devices', deviceRecordKey(from, device))) !== undefined) return true;
  return (await store.devicesOf(from)).length < MAX_DEVICES + rules.withdrawnDevices;
}

/** The sender's device, with its newest reply prekey. */
async function deviceChanges({ store, clock }: Session, opened: OpenedStanza, sender: Sender): Promise<Change[]> {
  const key = deviceRecordKey(opened.from, opened.device);
  const known = await store.get('devices', key);
  const device: PeerDeviceRecord = known ?? newDevice(opened.from, sender.device.raw);
  const { key: replyKey, notAfter } = opened.replyPrekey;
  // A clock that once ran ahead must not keep out what is offered after it was put right (I14).
  const at = Math.min(opened.time, clock());
  const offered: PeerPrekey = { publicKey: replyKey.raw, class: 'reply', notAfter, at };
  // What arrives late does not replace what was offered later; a choice of a published prekey ends with the first answer.
  if (device.reply !== undefined && device.reply.at > offered.at) {
    return known === undefined ? [{ table: 'devices', key, record: device }] : [];
  }
  const { choice: _, unheard: __, ...rest } = device;
  return [{ table: 'devices', key, record: { ...rest, reply: offered } }];
}

/** Notes the use of the own prekey, if only that somebody used it, and that this device moved on from those made before it. */
function prekeyChanges(
  { clock }: Session,
  opened: OpenedStanza,
  prekeys: readonly (readonly [key: string, record: PrekeyRecord])[],
  isKept: boolean,
): Change[] {
  if (opened.recipient === undefined) return [];
  const device = toHex(opened.device);
  const at = clock();
  const usedKey = toHex(opened.recipient.rKeyId);
  const [, used] = prekeys.find(([key]) => key === usedKey) ?? [];
  if (used === undefined) return [];
  const changes: Change[] = [];
  if (!used.uses.some((use) => use.device === device) && (isKept || used.uses.length === 0)) {
    changes.push({ table: 'prekeys', key: usedKey, record: { ...used, uses: [...used.uses, { device, at }] } });
  }
  for (const [key, older] of prekeys) {
    if (key === usedKey || older.createdAt >= used.createdAt) continue;
    const record = movedOn(older, device, at);
    if (record !== older) changes.push({ table: 'prekeys', key, record });
  }
  return changes;
}

function movedOn(prekey: PrekeyRecord, device: string, at: number): PrekeyRecord {
  if (!prekey.uses.some((use) => use.device === device && use.movedOnAt === undefined)) return prekey;
  const uses = prekey.uses.map((use) =>
    use.device === device && use.movedOnAt === undefined ? { ...use, movedOnAt: at } : use,
  );
  return { ...prekey, uses };
}
