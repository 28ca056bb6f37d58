/**
 * Opening many stanzas and accepting them with one commit.
 * @module
 */
import { KeyStoreError } from '@stanzaseal/keystore';
import type { XmlElement } from '@stanzaseal/stanza';
import { accept, followAnew } from '../accept.js';
import { type Messenger, within } from '../messenger.js';
import { type MessengerError, openFailure } from '../messengerError.js';
import { acceptedKey, attemptOpen, describe, type OpenAttempt, type OpenOptions, type OpenResult } from '../open.js';
import type { MessengerEvent, Session } from '../session.js';
import { queueRequest } from '../strangers.js';
import { inParallel } from './inParallel.js';
import { overlayOf } from './overlayStore.js';

/** A stanza that did not open. */
export interface Refused {
  /** It did not open. */
  readonly status: 'refused';
  /** `ERR_OPEN`. */
  readonly error: MessengerError;
}

/** What opening many comes to. */
export interface OpenedMany {
  /** One for each stanza, in their order. */
  readonly results: readonly (OpenResult | Refused)[];
  /**
   * Makes everything that opened, and what strangers sent beyond the limit, part of the store in one durable commit. Until then the same
   * octets open again.
   * @param count of the first so many results alone; with more of them later the rest follows
   * @throws MessengerError `ERR_OPEN` where a sender's JID was pinned under another identity meanwhile: then nothing is stored, and
   * each result's own `accept` tells which it is
   */
  accept(count?: number): Promise<void>;
}

/** What makes a result part of the store. */
type Step = (inside: Session) => Promise<void>;

/**
 * Opens stanzas as if each had been opened and accepted before the next: copies of one are duplicates, and warnings are those of the whole
 * row. Nothing is stored before `accept()`. With WebCrypto many are under way at a time.
 * @throws KeyStoreError what a store that fails throws; a stanza that does not open is a result like any other
 * @example
 * const { results, accept } = await openMany(messenger, page);
 * for (const result of results) if (result.status === 'opened') show(result.stanza);
 * await accept();
 */
export async function openMany(
  messenger: Messenger,
  stanzas: readonly XmlElement[],
  options: OpenOptions = {},
): Promise<OpenedMany> {
  const session = await within(messenger, async (inside) => inside);
  // Keys first, for all of them and on the store as it is; what was found out is held against the row afterwards.
  const apart = { ...session, onEvent: ignore, openedStrangers: new Map() };
  const attempts = await inParallel(stanzas, (stanza) => attemptOpen(apart, stanza, options));
  const results: (OpenResult | Refused)[] = [];
  const steps: (Step | undefined)[] = new Array(stanzas.length).fill(undefined);
  const row = { ...session, store: overlayOf(session.store).store, openedStrangers: new Map(session.openedStrangers) };
  for (const [i, stanza] of stanzas.entries()) {
    try {
      const outcome = attempts[i];
      const first = outcome?.status === 'fulfilled' ? outcome.value : undefined;
      const attempt = (await stillHolds(first, row)) ? (first as OpenAttempt) : await attemptOpen(row, stanza, options);
      if (attempt.status === 'duplicate') {
        const { anew } = attempt;
        if (anew !== undefined) {
          await followAnew(row, anew);
          steps[i] = (inside) => followAnew(inside, anew);
        }
        results.push({ status: 'duplicate' });
      } else if (attempt.status === 'bounce') results.push(attempt);
      else {
        const step = stepOf(attempt);
        const result: OpenResult =
          attempt.status === 'queued'
            ? { status: 'queued' }
            : await describe(row, attempt, () => within(messenger, step));
        await step({ ...row, onEvent: ignore });
        steps[i] = step;
        results.push(result);
      }
    } catch (cause) {
      const error = openFailure(cause);
      if (error instanceof KeyStoreError) throw error;
      results.push({ status: 'refused', error: error as MessengerError });
    }
  }
  let done = 0;
  return {
    results,
    accept: (count = steps.length) =>
      within(messenger, async (now) => {
        await together(now, steps.slice(done, count));
        done = Math.max(done, count);
      }),
  };
}

/**
 * Whether what was found out on the store as it was is so in the row too: what other stanzas in the row change is who is known, and what was
 * accepted. Of who was known before nothing changes.
 */
async function stillHolds(attempt: OpenAttempt | undefined, { store }: Session): Promise<boolean> {
  if (attempt === undefined || attempt.status === 'queued') return false;
  if (attempt.status !== 'opened') return true;
  const { opened, sender } = attempt;
  const isKnown = !sender.newDevice && (opened.from === store.owner || sender.contact !== undefined);
  return isKnown && (await store.get('accepted', acceptedKey(opened))) === undefined;
}

function stepOf(attempt: Extract<OpenAttempt, { status: 'opened' | 'queued' }>): Step {
  if (attempt.status === 'queued') return (inside) => queueRequest(inside, attempt.sealed);
  const { sealed, opened, sender } = attempt;
  return (inside) => accept(inside, sealed, opened, sender);
}

/** Steps one after the other, then one commit, then what they had to say. */
async function together(session: Session, steps: readonly (Step | undefined)[]): Promise<void> {
  const overlay = overlayOf(session.store);
  const events: MessengerEvent[] = [];
  const inside = { ...session, store: overlay.store, onEvent: (event: MessengerEvent) => void events.push(event) };
  for (const step of steps) await step?.(inside);
  const changes = overlay.changes();
  if (changes.length > 0) await session.store.commit(changes);
  for (const event of events) session.onEvent(event);
}

function ignore(): void {}
