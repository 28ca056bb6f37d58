/**
 * What was written to the connection and is not known to have come to the server, and how that gets known: a server works off what it
 * receives on a stream in order (RFC 6120 §10.1), so the answer to a ping says that it has all that was written before. What is
 * unconfirmed has a limit: so a server that throttles is survived, and no memory fills up.
 * @module
 */
import type { Clock } from '@stanzaseal/cms';
import { element, NS } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XMPP } from '../namespaces.js';
import type { Schedule } from '../schedule.js';
import { XmppError } from '../xmppError.js';
import type { Entry } from './entry.js';

/** What it takes. */
export interface ConfirmerPorts {
  /** The connection. */
  readonly link: Link;
  /** Time. */
  readonly clock: Clock;
  /** Timers. */
  readonly schedule: Schedule;
  /** JID that is pinged: the server's. */
  readonly server: () => string | undefined;
  /** Called with what the server has, in the order in which it was written. */
  readonly onConfirmed: (entries: readonly Entry[]) => void;
}

/** Keeps account of what was written. */
export interface Confirmer {
  /** Resolves with true when there is room for one more; with false when the connection is lost. */
  room(): Promise<boolean>;
  /** Octets for which there is room now. */
  free(): number;
  /** Notes what is about to be written. */
  add(entry: Entry, octets: number): void;
  /** Notes that one need not be confirmed any more. */
  remove(entry: Entry): void;
  /** Asks soon whether all that was written arrived. */
  confirmSoon(): void;
  /** The connection was lost: gives what was not confirmed. */
  lose(): Entry[];
  /** Whether the server has what is written is not asked any more. */
  close(): void;
}

/**
 * Octets unconfirmed at most; the last stanza may exceed it. It begins with the least, for Debian's Prosody takes 10,000 octets a second,
 * and doubles with each answer that comes fast: a fast server is not kept waiting for the next stanza.
 */
const LEAST_OCTETS = 65_536;
const MOST_OCTETS = 1_048_576;
/** Octets that a stanza counts for at least: many small ones are much work, too. */
const OCTETS_EACH = 2048;
/** Answers within so many ms are fast; those that take longer than the other are slow. */
const FAST = 400;
const SLOW = 2_000;
const CONFIRM_AT = 12;
const CONFIRM_DELAY = 25;
const PATIENCE = 30_000;

/** Makes it. */
export function createConfirmer({ link, clock, schedule, server, onConfirmed }: ConfirmerPorts): Confirmer {
  // By a number of each writing: one that came back and was written again is not confirmed by a ping in between.
  const written = new Map<Entry, { readonly octets: number; readonly number: number }>();
  let writings = 0;
  let octets = 0;
  let most = LEAST_OCTETS;
  let waiters: ((isOnline: boolean) => void)[] = [];
  let isAsking = false;
  let cancel: (() => void) | undefined;
  let session = 0;

  const hasRoom = (): boolean => octets < most;

  function remove(entry: Entry): void {
    const writing = written.get(entry);
    if (writing === undefined) return;
    written.delete(entry);
    octets -= writing.octets;
    if (hasRoom()) release(true);
  }

  function release(isOnline: boolean): void {
    const released = waiters;
    waiters = [];
    for (const waiter of released) waiter(isOnline);
  }

  async function ask(): Promise<void> {
    cancel?.();
    cancel = undefined;
    if (isAsking || written.size === 0 || !link.isOnline()) return;
    isAsking = true;
    const current = session;
    const asked = writings;
    const askedAt = clock();
    const wasHalfFull = octets >= most / 2;
    const ping = element(NS.CLIENT, 'iq', { type: 'get', to: server() }, [element(XMPP.PING, 'ping')]);
    // A server that lets us wait for each octet answers late.
    const isAnswered = await link.query(ping, { timeout: PATIENCE + octets }).then(
      () => true,
      // A server without pings answers, too.
      (cause) => cause instanceof XmppError && cause.code === 'ERR_REFUSED',
    );
    // An answer to a connection that was lost says nothing of this one.
    if (current !== session) return;
    isAsking = false;
    const ms = clock() - askedAt;
    if (!isAnswered || ms > SLOW) most = Math.max(LEAST_OCTETS, most / 2);
    else if (ms < FAST && wasHalfFull) most = Math.min(MOST_OCTETS, most * 2);
    if (isAnswered) {
      const confirmed = [...written].filter(([, { number }]) => number <= asked).map(([entry]) => entry);
      onConfirmed(confirmed);
      for (const entry of confirmed) remove(entry);
    }
    if (written.size > 0) confirmSoon();
  }

  function confirmSoon(): void {
    if (written.size >= CONFIRM_AT || octets >= most / 2) void ask();
    else cancel ??= schedule(() => void ask(), CONFIRM_DELAY);
  }

  return {
    async room() {
      while (!hasRoom()) {
        if (!link.isOnline()) return false;
        if (!(await new Promise<boolean>((resolve) => waiters.push(resolve)))) return false;
      }
      return link.isOnline();
    },
    free: () => Math.max(0, most - octets),
    add(entry, length) {
      remove(entry);
      const counted = Math.max(length, OCTETS_EACH);
      written.set(entry, { octets: counted, number: ++writings });
      octets += counted;
    },
    remove,
    confirmSoon,
    lose() {
      session++;
      isAsking = false;
      const lost = [...written.keys()];
      written.clear();
      [octets, most] = [0, LEAST_OCTETS];
      release(false);
      return lost;
    },
    close() {
      session++;
      cancel?.();
      written.clear();
      release(false);
    },
  };
}
