/**
 * The outbox: what was taken is sent, in order, through crashes, lost connections and servers that are down; and what cannot be sent is
 * told and kept.
 * @module
 */
import { type Clock, drawOctets, fromHex, type RandomSource, toHex } from '@stanzaseal/cms';
import type { OutboxRecord } from '@stanzaseal/keystore';
import type { SealTarget } from '@stanzaseal/messenger';
import { attribute, bareJid, stanzaKind, writeXml, type XmlElement } from '@stanzaseal/stanza';
import type { KeyService } from '../keys/keyService.js';
import type { Link } from '../link.js';
import type { Schedule } from '../schedule.js';
import { XmppError } from '../xmppError.js';
import { isFromPath, readBounce } from './bounce.js';
import type { OutboxEvent, PendingStanza } from './outboxEvents.js';
import { createOutboxTable } from './outboxTable.js';
import { createQueue } from './queue.js';
import type { SealingPorts } from './sealing.js';
import { leastSealedOctets } from './size.js';

/** What an outbox is made of. */
export interface OutboxParameters extends Pick<SealingPorts, 'messenger' | 'store'> {
  /** What fetches keys. */
  readonly keys: Pick<KeyService, 'ensure' | 'stale' | 'fetch'>;
  /** The connection. */
  readonly link: Link;
  /** Time. */
  readonly clock: Clock;
  /** Randomness: message ids, delays. */
  readonly random: RandomSource;
  /** Timers. */
  readonly schedule: Schedule;
  /** Where events go. */
  readonly onEvent: (event: OutboxEvent) => void;
  /** To whom a stanza is sealed now: a room's members. The members that it was taken with, where this is absent. */
  readonly targetOf?: SealingPorts['targetOf'];
  /** What the server takes, in octets of a stanza (XEP-0478); 262,144 where this is absent. */
  readonly limit?: SealingPorts['limit'];
  /** What else is to stand in the outer stanza. */
  readonly dress?: SealingPorts['dress'];
  /** JID that is pinged to learn what the server has; the domain of the own JID where this is absent. */
  readonly server?: () => string | undefined;
  /** How long an error may follow to what went to other servers, in ms: so long it is kept. 5 minutes. */
  readonly bounceWindow?: number;
  /** How long something is tried, in ms. 7 days. */
  readonly giveUpAfter?: number;
}

/** What a stanza is taken with. */
export interface TakeOptions {
  /** Its message id, 16 octets; drawn where absent. */
  readonly messageId?: Uint8Array;
  /** Message id of the request that it answers: 16 octets. */
  readonly inReplyTo?: Uint8Array;
}

/** Takes stanzas and sends them. */
export interface Outbox {
  /**
   * Takes a message, not sealed: when this resolves it is durable, and will be sealed and sent. Presences and iqs mean something only
   * now, and go by other ways.
   * @returns its message id: 16 octets
   * @throws TypeError for what is not sealed; XmppError `ERR_TOO_LARGE` for what cannot fit; StanzaError `ERR_ADDRESS`
   */
  take(stanza: XmlElement, target: SealTarget, options?: TakeOptions): Promise<Uint8Array>;
  /** Tries everything now that waits for a time or for the application: after a changed key was answered, or a room was joined. */
  flush(): void;
  /** An error stanza came; gives whether it was about something here. One that cannot be believed changes nothing. */
  bounced(stanza: XmlElement): boolean;
  /**
   * It arrived: a room gave it back, or the peer confirmed it. A copy in the own archive does not say so: a server that died may have kept
   * that and passed nothing on. Gives whether it was here.
   */
  delivered(messageId: Uint8Array): boolean;
  /** What is in it, in order. */
  pending(): readonly PendingStanza[];
  /** Tries one that failed once more. @throws RangeError for one that did not */
  retry(messageId: Uint8Array): Promise<void>;
  /** Forgets one, whatever becomes of it. */
  forget(messageId: Uint8Array): Promise<void>;
  /** Resolves when what was stored before is known: nothing is sent, and `pending()` is empty, before that. */
  ready(): Promise<void>;
  /** Ends timers; what is in it stays stored. */
  close(): void;
}

const DEFAULTS = { limit: 262_144, bounceWindow: 5 * 60_000, giveUpAfter: 7 * 86_400_000 };

/**
 * Makes an outbox; it sends what is stored as soon as it is online.
 * @example
 * const outbox = createOutbox({ link, messenger, store, keys, clock: Date.now, random, schedule: systemSchedule, onEvent: console.log });
 * const messageId = await outbox.take(message, { to: 'juliet@capulet.example' });
 */
export function createOutbox(parameters: OutboxParameters): Outbox {
  const { link, messenger, store, clock, random, onEvent, keys } = parameters;
  const { targetOf = takenTarget, limit = () => DEFAULTS.limit, dress = (sealed) => sealed } = parameters;
  const table = createOutboxTable(store);
  const queue = createQueue({
    ...DEFAULTS,
    server: () => queue.ownDomain(),
    ...parameters,
    sealing: { messenger, store, keys, targetOf, limit, dress },
    table,
  });
  const { entries } = queue;
  const loaded = table.load().then((found) => {
    for (const entry of found) queue.add(entry);
  });
  loaded.catch((cause) => onEvent({ kind: 'outbox-store-failed', cause }));

  return {
    async take(stanza, target, { messageId = drawOctets(random, 16), inReplyTo } = {}) {
      const record = recordOf(stanza, target, { messageId, inReplyTo, at: clock() });
      if (leastSealedOctets(stanza, Math.max(1, record.members?.length ?? 1)) > limit())
        throw new XmppError('ERR_TOO_LARGE', `stanza would exceed ${limit()} octets`);
      await loaded;
      if (entries.has(toHex(messageId))) throw new RangeError('messageId is that of another stanza');
      queue.add(await table.add(record));
      return messageId;
    },
    flush: () => queue.flush(),
    bounced(stanza) {
      const entry = entries.get(attribute(stanza, 'id') ?? '');
      if (attribute(stanza, 'type') !== 'error' || entry === undefined || entry.state === 'failed') return false;
      if (!isFromPath(stanza, entry.to, link.jid() ?? messenger.owner)) return true;
      const { condition, text, isPassing } = readBounce(stanza);
      // Who fell out of a room comes back to it.
      const isLater = isPassing || (entry.isRoom && condition === 'not-acceptable');
      queue.conclude(entry, { kind: isLater ? 'later' : 'failed', condition, text, cause: undefined });
      return true;
    },
    delivered(messageId) {
      const entry = entries.get(toHex(messageId));
      if (entry === undefined) return false;
      queue.tellSent(entry);
      queue.leave(entry, true);
      return true;
    },
    pending: () =>
      [...entries.values()]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ id, to, at, state }) => ({ messageId: fromHex(id), to, at, state })),
    async retry(messageId) {
      const entry = entries.get(toHex(messageId));
      if (entry?.state !== 'failed') throw new RangeError('messageId is of nothing that failed');
      await table.note([entry], {});
      // What was not published a minute ago may be now.
      if (!entry.isRoom) await keys.fetch(entry.to, { force: true }).catch(() => undefined);
      queue.putBack(entry);
    },
    async forget(messageId) {
      const entry = entries.get(toHex(messageId));
      if (entry === undefined) return;
      await table.remove([entry]);
      queue.leave(entry, false);
    },
    ready: () => loaded,
    close: () => queue.close(),
  };
}

function takenTarget({ to, members }: OutboxRecord): ReturnType<SealingPorts['targetOf']> {
  return { target: members === undefined ? { to } : { room: to, members }, isCurrent: () => true };
}

function recordOf(
  stanza: XmlElement,
  target: SealTarget,
  { messageId, inReplyTo, at }: { messageId: Uint8Array; inReplyTo: Uint8Array | undefined; at: number },
): OutboxRecord {
  const isRoom = 'room' in target;
  if (stanzaKind(stanza) !== 'message') throw new TypeError('stanza is no message');
  const type = attribute(stanza, 'type');
  if (type === 'error') throw new TypeError('stanza is an error, which is not sealed');
  if ((type === 'groupchat') !== isRoom)
    throw new TypeError('target is a room, or stanza is of type groupchat, and not both');
  if (messageId.length !== 16) throw new TypeError('messageId has not 16 octets');
  const to = isRoom ? target.room : target.to;
  bareJid(to);
  return {
    stanza: writeXml(stanza),
    to: isRoom ? bareJid(to) : to,
    ...(isRoom ? { members: target.members.map((jid) => bareJid(jid)) } : {}),
    messageId,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    at,
  };
}
