/**
 * Catching up with an archive: page after page in its order, each message as if it came live, the cursor behind what was done.
 * @module
 */

import type { ArrivalEvent } from '../events.js';
import { XmppError } from '../xmppError.js';
import type { ArchivePage, ArchivePosition, ArchiveReader } from './archive.js';
import type { Cursors } from './cursor.js';
import type { Outcome } from './deliver.js';
import { type Inbox, TOGETHER } from './inbox.js';
import type { Arrived } from './unwrap.js';

/** What catching up needs. */
export interface CatchUpPorts {
  /** Asks the archive. */
  readonly reader: ArchiveReader;
  /** Where live messages wait meanwhile. */
  readonly inbox: Inbox<Arrived>;
  /** Where reading stopped. */
  readonly cursors: Cursors;
  /** Delivers messages in their order. */
  readonly deliver: (group: readonly Arrived[]) => Promise<readonly Outcome[]>;
  /** Where events go. */
  readonly onEvent: (event: ArrivalEvent) => void;
  /**
   * Makes messages come live; called when the first page was asked for: servers that see an archive asked before presence do not
   * deliver the spool besides. The last page is asked for after it, or a message would fall between.
   */
  readonly enter?: (() => void) | undefined;
  /** `false` where not everything comes live that the archive gets: then what comes live does not move the cursor. */
  readonly follows?: boolean | undefined;
}

/** What catching up came to. */
export interface CaughtUp {
  /** Messages of the archive that were given to the application for the first time. */
  readonly messages: number;
  /** Whether every message was accepted or refused for good; else those that were held come again. */
  readonly isComplete: boolean;
}

/** Attempts after an answer that did not come, and the ms before each. */
const AGAIN_AFTER = [1_000, 5_000];

/**
 * Reads an archive to its end. Live messages of it have to be held before, and released after.
 * @param since read from a time on, in ms since 1970, and not from where reading stopped
 * @throws XmppError `ERR_REFUSED`, `ERR_TIMEOUT`, `ERR_OFFLINE`
 */
export async function catchUp(archive: string, ports: CatchUpPorts, since?: number): Promise<CaughtUp> {
  const { inbox, cursors, deliver } = ports;
  cursors.hold(archive);
  let { next, position } = await begin(archive, ports, since);
  let [messages, isHeld] = [0, false];
  let isFirst = ports.enter !== undefined;
  for (;;) {
    const page = await next;
    const hasMoved = page.last !== undefined && !('after' in position && position.after === page.last);
    if (page.last !== undefined) position = { after: page.last };
    // A page that leads nowhere is the end, whatever it says.
    const ends = !isFirst && (page.isComplete || !hasMoved);
    isFirst = false;
    if (!ends) next = asked(archive, position, ports);
    let done: string | undefined;
    for (let from = 0; from < page.messages.length; from += TOGETHER) {
      const group = page.messages.slice(from, from + TOGETHER);
      const outcomes = await inbox.run(() => deliver(group));
      for (const [i, { archived }] of group.entries()) {
        if (outcomes[i] === 'accepted') messages++;
        if (outcomes[i] === 'held') isHeld = true;
        if (!isHeld) done = archived?.id;
      }
    }
    if (done !== undefined) await cursors.write(archive, done);
    if (!ends) continue;
    if (!inbox.overflowed(archive)) break;
    next = asked(archive, position, ports);
  }
  if (!isHeld && ports.follows !== false) cursors.release(archive);
  return { messages, isComplete: !isHeld };
}

/** The first page; from the cursor's time on where the archive forgot its id (XEP-0313 §3.2, `item-not-found`). */
async function begin(
  archive: string,
  ports: CatchUpPorts,
  from: number | undefined,
): Promise<{ next: Promise<ArchivePage>; position: ArchivePosition }> {
  const { cursors, onEvent } = ports;
  const { position, since } =
    from === undefined ? await cursors.position(archive) : { position: cursors.from(from), since: from };
  try {
    const asking = asked(archive, position, ports);
    ports.enter?.();
    const first = await asking;
    return { next: Promise.resolve(first), position };
  } catch (error) {
    const isForgotten = error instanceof XmppError && error.condition === 'item-not-found' && 'after' in position;
    if (!isForgotten) throw error;
    onEvent({ kind: 'archive-gap', archive, since });
    const again = cursors.from(since);
    return { next: asked(archive, again, ports), position: again };
  }
}

/** Asks for a page while the one before it is being worked on. */
function asked(archive: string, position: ArchivePosition, { reader }: CatchUpPorts): Promise<ArchivePage> {
  const page = patiently(() => reader.page(archive, position));
  // It is awaited later, and by then may have failed.
  page.catch(() => undefined);
  return page;
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const delay of AGAIN_AFTER) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof XmppError && error.code === 'ERR_TIMEOUT')) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
  return ask();
}
