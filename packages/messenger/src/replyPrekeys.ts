/**
 * The reply prekey that an object carries: one for each conversation, made anew after a peer used the last one.
 * @module
 */
import type { ReplyPrekey } from '@stanzaseal/cms';
import { type Change, type ConversationRecord, generatePrekeys, type PrekeyChange } from '@stanzaseal/keystore';
import type { Session } from './session.js';

/** A reply prekey to offer; its private half is in `changes` and durable before the public half leaves. */
export interface OfferedPrekey {
  /** What the object carries. */
  readonly replyPrekey: ReplyPrekey;
  /** Its key identifier, hexadecimal. */
  readonly key: string;
  /** The record of a new prekey, or nothing. */
  readonly changes: readonly Change[];
}

/** The conversation's reply prekey, if no peer used it yet and half its validity is left; else a new one. */
export async function offerReplyPrekey(
  session: Session,
  conversation: string,
  record: ConversationRecord | undefined,
): Promise<OfferedPrekey> {
  const { store, clock, random, crypto, rules } = session;
  const now = clock();
  const current = record?.replyPrekey;
  const prekey = current === undefined ? undefined : await store.get('prekeys', current);
  if (
    current !== undefined &&
    prekey !== undefined &&
    prekey.uses.length === 0 &&
    prekey.notAfter - rules.validity / 2 > now
  ) {
    const key = { algorithm: 'X25519' as const, raw: prekey.publicKey };
    return { replyPrekey: { key, notAfter: prekey.notAfter }, key: current, changes: [] };
  }
  // Cut to seconds, as it is written.
  const notAfter = Math.floor((now + rules.validity) / 1000) * 1000;
  const [made] = await generatePrekeys(1, 'reply', { random, clock, crypto, notAfter, conversation });
  const change = made as PrekeyChange;
  const key = { algorithm: 'X25519' as const, raw: change.record.publicKey };
  return { replyPrekey: { key, notAfter }, key: change.key, changes: [change] };
}
