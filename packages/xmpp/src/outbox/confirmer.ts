/**
 * What was written to the connection and is not known to have come to the server, and how that gets known: a server works off what it
 * receives on a stream in order (RFC 6120 §10.1), so the answer to a ping says that it has all that was written before. What is
 * unconfirmed has a limit: so a server that throttles is survived, and no memory fills up.
 * @module
 */
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

/** Stanzas and octets unconfirmed at most; the last may exceed it. Debian's Prosody takes 10,000 octets a second. */
const MAX_STANZAS = 32;
const MAX_OCTETS = 65_536;
const CONFIRM_AT = 12;
const CONFIRM_DELAY = 25;
const PATIENCE = 30_000;

/** Makes it. */
export function createConfirmer({ link, schedule, server, onConfirmed }: ConfirmerPorts): Confirmer {
  // By a number of each writing: one that came back and was written again is not confirmed by a ping in between.
  const written = new Map<Entry, { readonly octets: number; readonly number: number }>();
  let writings = 0;
  let octets = 0;
  let waiters: ((isOnline: boolean) => void)[] = [];
  let isAsking = false;
  let cancel: (() => void) | undefined;
  let session = 0;

  const hasRoom = (): boolean => written.size < MAX_STANZAS && octets < MAX_OCTETS;

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
    if (isAnswered) {
      const confirmed = [...written].filter(([, { number }]) => number <= asked).map(([entry]) => entry);
      onConfirmed(confirmed);
      for (const entry of confirmed) remove(entry);
    }
    if (written.size > 0) confirmSoon();
  }

  function confirmSoon(): void {
    if (written.size >= CONFIRM_AT || octets >= MAX_OCTETS / 2) void ask();
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
    add(entry, length) {
      remove(entry);
      written.set(entry, { octets: length, number: ++writings });
      octets += length;
    },
    remove,
    confirmSoon,
    lose() {
      session++;
      isAsking = false;
      const lost = [...written.keys()];
      written.clear();
      octets = 0;
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
