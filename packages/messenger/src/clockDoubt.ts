/**
 * Whether the clock may be believed when prekeys are erased for their age (I14; decision 0012). A clock that jumps ahead by more than the
 * prekeys of a fresh bundle live would erase all of them, and with them what waits: such a jump is believed when two others' objects or
 * the application bear it out, or when it has stood for a week. Whatever else erases does not wait for that.
 * @module
 */
import type { AccountRecord, Change, PrekeyRecord, ReplayRecord } from '@stanzaseal/keystore';
import type { Rules } from './rules.js';
import type { Session } from './session.js';

/** A difference of clocks that is none, and how old the note of the time may grow: a day in ms. */
const DAY = 86_400_000;

/** The farthest jump that is believed at once: so long at least live all prekeys of a bundle that is a week old. In ms. */
export function believedJump({ validity, ceiling, renewal }: Rules): number {
  return validity + ceiling - renewal;
}

/** Whether erasing for age waits. */
export function isClockInDoubt({ clockJump }: Pick<AccountRecord, 'clockJump'>): boolean {
  return clockJump !== undefined && !clockJump.confirmed;
}

/**
 * The account with what the clock shows taken in; the same object where nothing changed, and where the clock was wrong, which is for
 * who erases to put right. Until there is a note, when the bundle was published is one; who published nothing has nothing to lose.
 */
export function timeNoted(account: AccountRecord, now: number, rules: Rules): AccountRecord {
  const known = account.clockAt ?? account.bundleAt;
  const { clockJump: jump, ...rest } = account;
  if (wasWrong(account, now)) return account;
  if (known === undefined) return account;
  if (jump === undefined || jump.confirmed) {
    if (now > known + believedJump(rules)) {
      return { ...rest, clockAt: known, clockJump: { from: known, to: now, confirmed: false } };
    }
    if (now < known + DAY) return account;
    const isOver = jump !== undefined && now > jump.to + believedJump(rules);
    return { ...(isOver ? rest : account), clockAt: now };
  }
  // A second jump does not bear out the first.
  if (now > jump.to + believedJump(rules))
    return { ...rest, clockJump: { from: jump.from, to: now, confirmed: false } };
  if (now < jump.to + rules.clockPatience) return account;
  return { ...rest, clockAt: now, clockJump: { ...jump, confirmed: true } };
}

/** Whether the clock is back where it was before it jumped: what was noted meanwhile has times that never were. */
export function wasWrong({ clockJump: jump }: Pick<AccountRecord, 'clockJump'>, now: number): boolean {
  return jump !== undefined && now < jump.to - DAY && now >= jump.from - DAY;
}

/**
 * The account of a clock that was wrong: when catch-up was complete is not known where that was noted meanwhile. Where the clock still shows
 * a time long after the latest known, that is another jump.
 */
export function timePutRight(account: AccountRecord, now: number, rules: Rules): AccountRecord {
  const { clockJump: jump, caughtUpAt, ...rest } = account;
  const from = jump?.from ?? now;
  return {
    ...rest,
    ...(caughtUpAt !== undefined && caughtUpAt <= now ? { caughtUpAt } : {}),
    ...(now > from + believedJump(rules)
      ? { clockAt: from, clockJump: { from, to: now, confirmed: false } }
      : { clockAt: now }),
  };
}

/** The account after an object bore the clock out, which somebody known before the jump signed; the same object where that changed nothing. */
export function clockWitnessed(
  account: AccountRecord,
  witness: { readonly jid: string; readonly time: number; readonly pinnedAt: number },
  now: number,
  rules: Rules,
): AccountRecord {
  const { clockJump: jump, ...rest } = account;
  if (jump === undefined || jump.confirmed || now < jump.to - DAY) return account;
  if (witness.pinnedAt >= jump.to || witness.time < now - believedJump(rules) || witness.jid === jump.witness)
    return account;
  if (jump.witness === undefined) return { ...rest, clockJump: { ...jump, witness: witness.jid } };
  return { ...rest, clockAt: now };
}

/** The account as the application says that the clock is right. */
export function clockConfirmed({ clockJump: _, ...account }: AccountRecord, now: number): AccountRecord {
  return { ...account, clockAt: now };
}

/** A prekey without times that never were: its age counts from now on. The same object where it has none. */
export function redated(prekey: PrekeyRecord, now: number, { validity }: Rules): PrekeyRecord {
  const isAhead = (at: number | undefined): boolean => at !== undefined && at > now + DAY;
  const { createdAt, notAfter, replacedAt, uses } = prekey;
  const isRight =
    !isAhead(createdAt) &&
    !isAhead(replacedAt) &&
    !uses.some(({ movedOnAt }) => isAhead(movedOnAt)) &&
    notAfter <= now + validity + DAY;
  if (isRight) return prekey;
  return {
    ...prekey,
    createdAt: Math.min(createdAt, now),
    notAfter: Math.min(notAfter, now + validity),
    ...(replacedAt === undefined ? {} : { replacedAt: Math.min(replacedAt, now) }),
    uses: uses.map((use) => ({
      ...use,
      at: Math.min(use.at, now),
      ...(use.movedOnAt === undefined ? {} : { movedOnAt: Math.min(use.movedOnAt, now) }),
    })),
  };
}

/**
 * Replay entries without such times: else they would outlive every prekey.
 * @param at now, or when the newest prekey was made, where that keeps a date ahead
 */
export function redatedEntries(
  table: 'seen' | 'accepted',
  entries: readonly (readonly [string, ReplayRecord])[],
  now: number,
  at: number,
): Change[] {
  return entries.filter(([, entry]) => entry.at > now + DAY).map(([key]) => ({ table, key, record: { at } }));
}

/** Tells the application of a doubt that begins. */
export function tellOfDoubt({ onEvent, rules }: Session, before: AccountRecord, after: AccountRecord): void {
  const jump = after.clockJump;
  if (jump === undefined || jump.confirmed || before.clockJump?.to === jump.to) return;
  onEvent({ kind: 'clock-in-doubt', known: jump.from, shown: jump.to, until: jump.to + rules.clockPatience });
}
