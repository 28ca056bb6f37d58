/**
 * Erasing private prekeys, which is what forward secrecy is made of, and the replay entries that nothing can be replayed
 * against any more.
 * @module
 */
import type { AccountRecord, Change, PrekeyRecord } from '@stanzaseal/keystore';
import {
  isClockInDoubt,
  redated,
  redatedEntries,
  tellOfDoubt,
  timeNoted,
  timePutRight,
  wasWrong,
} from './clockDoubt.js';
import type { Rules } from './rules.js';
import { accountOf, type Session } from './session.js';

/**
 * Whether a private prekey is to be erased now. A used one-time or reply prekey dies when every peer device that used it
 * moved to a newer one, 48 h ago and before a complete catch-up; each prekey dies 14 days after its validity, or, as
 * last-resort, after its replacement, in any case, if the clock is believed.
 */
export function isToBeErased(prekey: PrekeyRecord, account: AccountRecord, now: number, rules: Rules): boolean {
  const ceiling = Math.min(prekey.notAfter, prekey.replacedAt ?? prekey.notAfter) + rules.ceiling;
  if (now >= ceiling && !isClockInDoubt(account)) return true;
  if (prekey.class === 'last-resort' || prekey.uses.length === 0) return false;
  let last = 0;
  for (const { movedOnAt } of prekey.uses) {
    if (movedOnAt === undefined) return false;
    last = Math.max(last, movedOnAt);
  }
  return now >= last + rules.grace && (account.caughtUpAt ?? 0) >= last;
}

/** Erases what is due, and with it the replay entries older than every prekey that is left. */
export async function eraseDue(session: Session): Promise<void> {
  const { store, clock, rules, onEvent } = session;
  const before = await accountOf(session);
  const now = clock();
  const prekeys = await store.entries('prekeys');
  const isPutRight = wasWrong(before, now);
  const account = isPutRight ? timePutRight(before, now, rules) : timeNoted(before, now, rules);
  const changes: Change[] = account === before ? [] : [{ table: 'account', key: 'self', record: account }];
  const erased: string[] = [];
  let [oldest, newest] = [now, now];
  for (const [key, stored] of prekeys) {
    const prekey = isPutRight ? redated(stored, now, rules) : stored;
    const dies = isToBeErased(prekey, account, now, rules);
    if (dies) erased.push(key);
    else [oldest, newest] = [Math.min(oldest, prekey.createdAt), Math.max(newest, prekey.createdAt)];
    if (dies || prekey !== stored) changes.push({ table: 'prekeys', key, record: dies ? undefined : prekey });
  }
  for (const table of ['seen', 'accepted'] as const) {
    const entries = await store.entries(table);
    if (isPutRight) changes.push(...redatedEntries(table, entries, now, newest));
    for (const [key, { at }] of entries) {
      if (at < oldest) changes.push({ table, key, record: undefined });
    }
  }
  if (changes.length === 0) return;
  await store.commit(changes);
  tellOfDoubt(session, before, account);
  if (erased.length > 0) onEvent({ kind: 'prekeys-erased', keyIdentifiers: erased });
}
