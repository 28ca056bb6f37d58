/**
 * Sealing many stanzas with one commit.
 * @module
 */
import { bareJid, type XmlElement } from '@stanzaseal/stanza';
import { exclusive } from '../exclusive.js';
import { type Messenger, within } from '../messenger.js';
import { MessengerError } from '../messengerError.js';
import { type Sealed, type SealOptions, type SealTarget, seal } from '../seal.js';
import type { Session } from '../session.js';
import { inParallel } from './inParallel.js';
import { overlayOf } from './overlayStore.js';

/** One stanza of many: what `Messenger.seal` takes. */
export interface SealItem {
  /** The stanza. */
  readonly stanza: XmlElement;
  /** To whom. */
  readonly target: SealTarget;
  /** Choices of the caller. */
  readonly options?: SealOptions;
}

/**
 * Seals stanzas as `Messenger.seal` does one after another, but all of it becomes durable in one commit before anything is given out,
 * and different conversations are worked on at a time. Other changes of the store wait meanwhile.
 * @returns one for each item, in their order
 * @throws what `Messenger.seal` throws, for the first item that is refused: then nothing is stored and nothing given out
 * @example
 * const sealed = await sealMany(messenger, contacts.map((to) => ({ stanza: presence, target: { to } })));
 */
export function sealMany(messenger: Messenger, items: readonly SealItem[]): Promise<readonly Sealed[]> {
  return within(messenger, async (session) => {
    const overlay = overlayOf(session.store);
    // Else a device that several conversations go to, as own other devices, would give each of them a prekey of its own.
    const inside: Session = { ...session, store: overlay.store, inTurn: exclusive() };
    const sealed: Sealed[] = new Array(items.length);
    // Within a conversation each object names the one before it, so they are made in their order.
    const outcomes = await inParallel([...byConversation(items).values()], async (places) => {
      for (const place of places) {
        const { stanza, target, options } = items[place] as SealItem;
        sealed[place] = await seal(inside, stanza, target, options);
      }
    });
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    const changes = overlay.changes();
    if (changes.length > 0) await session.store.commit(changes);
    return sealed;
  });
}

/** Places of the items of each conversation. */
function byConversation(items: readonly SealItem[]): Map<string, number[]> {
  const conversations = new Map<string, number[]>();
  for (const [place, { target }] of items.entries()) {
    const conversation = addressOf(target);
    const places = conversations.get(conversation);
    if (places === undefined) conversations.set(conversation, [place]);
    else places.push(place);
  }
  return conversations;
}

function addressOf(target: SealTarget): string {
  try {
    return bareJid('room' in target ? target.room : target.to);
  } catch (cause) {
    throw new MessengerError('ERR_ADDRESS', 'an item goes to an address that cannot be normalised', { cause });
  }
}
