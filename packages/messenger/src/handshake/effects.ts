/**
 * What a handshake leaves behind: the other side's identity key pinned, its device known with a reply prekey, and evidence, all by
 * changes of one commit.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { Change, ContactRecord, PeerDeviceRecord, PeerPrekey } from '@stanzaseal/keystore';
import type { HandshakePeer, Shown } from '@stanzaseal/trust/handshake';
import { deviceRecordKey, newDevice } from '../deviceRecords.js';
import { listOf, names } from '../lists.js';
import type { Session } from '../session.js';
import { countStranger } from '../strangers.js';
import { evidenceChanges, tellChange, tellSharedKey, withLevel } from '../trust.js';

/** What is to be stored, and told when it is. */
export interface HandshakeEffects {
  /** Contact, device, evidence. */
  readonly changes: readonly Change[];
  /** The contact after it. */
  readonly contact: ContactRecord;
  /** Tells the application what changed; call it when the changes are durable. */
  tell(): Promise<void>;
}

/**
 * What a finished handshake changes.
 * @param isLastWord whether the last message is this side's, which may never arrive
 * @param isStranger whether it counts among the day's first contacts: the other side asked for it
 */
export async function handshakeEffects(
  session: Session,
  { jid, ...shown }: HandshakePeer,
  { isLastWord, isStranger }: { readonly isLastWord: boolean; readonly isStranger: boolean },
): Promise<HandshakeEffects> {
  const { store, clock } = session;
  const identity = shown.identity.raw;
  const known = await store.get('contacts', jid);
  const pinned: ContactRecord = known ?? { identity, trust: 'unverified', pinnedAt: clock(), listVersion: 0 };
  const before = known ?? (await withLevel(session, jid, pinned));
  const evidence = { jid, identity, kind: 'handshake', at: clock() } as const;
  const { changes, record = before } = await evidenceChanges(session, evidence, before);
  return {
    changes: [
      ...changes,
      await deviceChange(session, jid, shown, isLastWord),
      ...(known === undefined && isStranger ? await countStranger(session, false) : []),
    ],
    contact: record,
    async tell() {
      if (known === undefined) await tellSharedKey(session, jid, identity);
      else tellChange(session, jid, known, record);
    },
  };
}

/**
 * Whether a device is believed that its identity key endorses and that answered: the rules of a sender's device (I12), but that no list
 * version is claimed. One that a known list does not name may be newer than the list.
 */
export async function believesDevice({ store }: Session, jid: string, { device }: Shown): Promise<boolean> {
  const contact = await store.get('contacts', jid);
  const known = await store.get('devices', deviceRecordKey(jid, device.keyIdentifier));
  if (known?.revoked) return false;
  const isListed = names((contact && listOf(contact))?.devices ?? [], device.raw);
  return isListed || (contact?.listedOnly !== true && known?.endorsed !== false);
}

async function deviceChange(
  { store, clock }: Session,
  jid: string,
  shown: Shown,
  isLastWord: boolean,
): Promise<Change> {
  const { device, replyPrekey: publicKey, notAfter } = shown;
  const key = deviceRecordKey(jid, device.keyIdentifier);
  const record: PeerDeviceRecord = (await store.get('devices', key)) ?? newDevice(jid, device.raw);
  // As in an object: by the sender's time, but never ahead of the own clock (I14), and a newer one stays.
  const reply: PeerPrekey = { publicKey, class: 'reply', notAfter, at: Math.min(shown.at, clock()) };
  if (record.reply !== undefined && (record.reply.at > reply.at || equal(record.reply.publicKey, publicKey)))
    return { table: 'devices', key, record };
  const { choice: _, unheard: __, ...rest } = record;
  const unheard = isLastWord ? { unheard: true } : {};
  return { table: 'devices', key, record: { ...rest, reply, ...unheard } };
}
