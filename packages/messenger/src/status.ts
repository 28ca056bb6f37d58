/**
 * What is in a store and what is due: for people and for timers. Nothing secret.
 * @module
 */
import type { DeviceRole, RecipientClass } from '@stanzaseal/cms';
import type { PrekeyRecord } from '@stanzaseal/keystore';
import { timeNoted } from './clockDoubt.js';
import { isToBeErased } from './erasure.js';
import { listOf } from './lists.js';
import { type Messenger, within } from './messenger.js';
import { listDue } from './ownList.js';
import { accountOf } from './session.js';

/** Own prekeys of one class. */
export interface PrekeyCount {
  /** How many there are. */
  readonly count: number;
  /** How many of them nobody is known to have used. */
  readonly unused: number;
  /** When the oldest was made, in ms since 1970; `undefined` where there is none. */
  readonly oldest: number | undefined;
  /** When the newest was made. */
  readonly newest: number | undefined;
}

/** Something that is due at a time. */
export interface DueItem {
  /** The list to be signed anew; the bundle to be published anew; the last-resort prekey to be replaced; one-time prekeys to be refilled; prekeys to be erased. */
  readonly what: 'device-list' | 'bundle' | 'last-resort' | 'refill' | 'erasure';
  /** When, in ms since 1970; of several erasures the next. */
  readonly at: number;
}

/** What is in a store. Times are ms since 1970. */
export interface StoreStatus {
  /** Role of this device. */
  readonly role: DeviceRole;
  /** Whether this device is admitted to its account. */
  readonly admitted: boolean;
  /** Whether the store was found to be an older state or a copy. */
  readonly rolledBack: boolean;
  /** Commits that the storage counted; 0 where it does not count. */
  readonly epoch: number;
  /** Own prekeys by class. */
  readonly prekeys: Readonly<Record<Exclude<RecipientClass, 'archive'>, PrekeyCount>>;
  /** The account's list in force. */
  readonly deviceList:
    | { readonly listVersion: number; readonly issued: number; readonly expires: number; readonly forked: boolean }
    | undefined;
  /** The bundle published last. */
  readonly bundle: { readonly sequence: number; readonly at: number } | undefined;
  /** When catch-up was last complete. */
  readonly caughtUpAt: number | undefined;
  /** Where the clock is in doubt: the latest time known, and when it is believed at the latest, by itself. Erasing for age waits so long. */
  readonly clockDoubt: { readonly known: number; readonly until: number } | undefined;
  /** What is due when, the earliest first; what should have been done already is in the past. */
  readonly due: readonly DueItem[];
}

/** What is in the store of a messenger and what is due. */
export function storeStatus(messenger: Messenger): Promise<StoreStatus> {
  return within(messenger, async (session) => {
    const { store, clock, rules } = session;
    const now = clock();
    const prekeys = (await store.entries('prekeys')).map(([, record]) => record);
    const account = timeNoted(await accountOf(session), now, rules);
    const { clockJump: jump } = account;
    const doubt =
      jump === undefined || jump.confirmed ? undefined : { known: jump.from, until: jump.to + rules.clockPatience };
    const list = listOf(account);
    const due: DueItem[] = [];
    const note = (what: DueItem['what'], at: number): void => {
      if (Number.isFinite(at)) due.push({ what, at });
    };
    if (list !== undefined) note('device-list', listDue(account, session) || now);
    const { bundleAt } = account;
    note('bundle', bundleAt === undefined ? now : bundleAt + rules.renewal);
    const lastResort = prekeys.filter((each) => each.class === 'last-resort' && each.replacedAt === undefined);
    note('last-resort', lastResort.length === 0 ? now : Math.max(...lastResort.map(createdAt)) + rules.renewal);
    const unused = prekeys.filter((each) => each.class === 'one-time' && each.uses.length === 0);
    if (unused.length < rules.refillBelow) note('refill', now);
    const erasures = prekeys.map((each) =>
      isToBeErased(each, account, now, rules)
        ? now
        : Math.max(
            Math.min(each.notAfter, each.replacedAt ?? each.notAfter) + rules.ceiling,
            doubt?.until ?? Number.NEGATIVE_INFINITY,
          ),
    );
    note('erasure', Math.min(...erasures));
    return {
      role: account.role,
      admitted: account.endorsement !== undefined && list !== undefined,
      rolledBack: account.rolledBackTo !== undefined,
      epoch: store.epoch,
      prekeys: {
        reply: countOf(prekeys, 'reply'),
        'one-time': countOf(prekeys, 'one-time'),
        'last-resort': countOf(prekeys, 'last-resort'),
      },
      deviceList: list && {
        listVersion: list.listVersion,
        issued: list.issued,
        expires: list.expires,
        forked: account.forkedList !== undefined,
      },
      bundle: bundleAt === undefined ? undefined : { sequence: account.bundleSequence, at: bundleAt },
      caughtUpAt: account.caughtUpAt,
      clockDoubt: doubt,
      due: due.sort((a, b) => a.at - b.at),
    };
  });
}

function countOf(prekeys: readonly PrekeyRecord[], prekeyClass: PrekeyRecord['class']): PrekeyCount {
  const found = prekeys.filter((each) => each.class === prekeyClass);
  const ages = found.map(createdAt);
  const isEmpty = found.length === 0;
  return {
    count: found.length,
    unused: found.filter(({ uses }) => uses.length === 0).length,
    oldest: isEmpty ? undefined : Math.min(...ages),
    newest: isEmpty ? undefined : Math.max(...ages),
  };
}

function createdAt(prekey: PrekeyRecord): number {
  return prekey.createdAt;
}
