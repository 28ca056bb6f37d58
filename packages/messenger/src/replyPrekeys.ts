/**
 * The reply prekey that an object carries: one for each conversation, made anew after a peer used the last one.
 * @module
 */
import { chain, type MaybePromise, type ReplyPrekey } from '@stanzaseal/cms';
import {
  type Change,
  type ConversationRecord,
  generatePrekeys,
  type PrekeyChange,
  type PrekeyRecord,
} from '@stanzaseal/keystore';
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
export function offerReplyPrekey(
  session: Session,
  conversation: string,
  record: ConversationRecord | undefined,
): MaybePromise<OfferedPrekey> {
  const current = record?.replyPrekey;
  if (current === undefined) return newReplyPrekey(session, conversation);
  return chain(session.store.get('prekeys', current), (prekey) =>
    prekey !== undefined && isFresh(prekey, session)
      ? offerOf(current, prekey, [])
      : newReplyPrekey(session, conversation),
  );
}

function isFresh({ uses, notAfter }: PrekeyRecord, { clock, rules }: Session): boolean {
  return uses.length === 0 && notAfter - rules.validity / 2 > clock();
}

async function newReplyPrekey({ clock, random, crypto, rules }: Session, conversation: string): Promise<OfferedPrekey> {
  const now = clock();
  // Cut to seconds, as it is written.
  const notAfter = Math.floor((now + rules.validity) / 1000) * 1000;
  const [made] = await generatePrekeys(1, 'reply', { random, clock, crypto, notAfter, conversation });
  const change = made as PrekeyChange;
  return offerOf(change.key, change.record, [change]);
}

function offerOf(key: string, { publicKey, notAfter }: PrekeyRecord, changes: readonly Change[]): OfferedPrekey {
  return { replyPrekey: { key: { algorithm: 'X25519', raw: publicKey }, notAfter }, key, changes };
}
