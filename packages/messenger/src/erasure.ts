/**
 * Erasing private prekeys, which is what forward secrecy is made of, and the replay entries that nothing can be replayed
 * against any more.
 * @module
 */
import type { AccountRecord, Change, PrekeyRecord } from '@stanzaseal/keystore';
import type { Rules } from './rules.js';
import { accountOf, type Session } from './session.js';

/**
 * Whether a private prekey is to be erased now. A used one-time or reply prekey dies when every peer device that used it
 * moved to a newer one, 48 h ago and before a complete catch-up; each prekey dies 14 days after its validity, or, as
 * last-resort, after its replacement, in any case.
 */
export function isToBeErased(prekey: PrekeyRecord, account: AccountRecord, now: number, rules: Rules): boolean {
  if (now >= Math.min(prekey.notAfter, prekey.replacedAt ?? prekey.notAfter) + rules.ceiling) return true;
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
  const account = await accountOf(session);
  const now = clock();
  const erased: string[] = [];
  let oldest = now;
  for (const [key, prekey] of await store.entries('prekeys')) {
    if (isToBeErased(prekey, account, now, rules)) erased.push(key);
    else oldest = Math.min(oldest, prekey.createdAt);
  }
  const changes: Change[] = erased.map((key) => ({ table: 'prekeys', key, record: undefined }));
  for (const table of ['seen', 'accepted'] as const) {
    for (const [key, { at }] of await store.entries(table)) {
      if (at < oldest) changes.push({ table, key, record: undefined });
    }
  }
  if (changes.length === 0) return;
  await store.commit(changes);
  if (erased.length > 0) onEvent({ kind: 'prekeys-erased', keyIdentifiers: erased });
}
