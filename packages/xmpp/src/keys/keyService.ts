/**
 * Keys on the network: own ones published and kept so, others' fetched when they are wanted.
 * @module
 */
import { type Clock, type RandomSource, toHex } from '@stanzaseal/cms';
import { type KeyStore, KeyStoreError } from '@stanzaseal/keystore';
import { type ImportedKeys, type Messenger, MessengerError, RULES } from '@stanzaseal/messenger';
import { describePublished, listedDevices } from '@stanzaseal/messenger/devices';
import { bareJid, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import type { Schedule } from '../schedule.js';
import { XmppError } from '../xmppError.js';
import { answerKeys } from './answerKeys.js';
import { createFetchGate } from './fetchGate.js';
import { fetchFromDevice, fetchPublished } from './fetchKeys.js';
import type { KeyEvent } from './keyEvents.js';
import { type KeyNotice, mergeNotices, readNotice } from './keyNotice.js';
import { NODES } from './nodes.js';
import { publishOpen } from './openNode.js';
import { createOwnKeeper } from './ownKeeper.js';
import { createRetryingLink } from './retryingLink.js';
import { type TakenIn, takeIn } from './takeIn.js';

/** What a key service is made of. */
export interface KeyServiceParameters {
  /** The connection. */
  readonly link: Link;
  /** The account's messenger. */
  readonly messenger: Messenger;
  /** Its store. */
  readonly store: KeyStore;
  /** Time. */
  readonly clock: Clock;
  /** Randomness, for delays. */
  readonly random: RandomSource;
  /** Timers. */
  readonly schedule: Schedule;
  /** Where events go. */
  readonly onEvent: (event: KeyEvent) => void;
  /** Full JIDs of an account's devices that are online, as far as is known: they are asked where its server has no keys. */
  readonly resources?: (jid: string) => readonly string[];
}

/** An account whose keys could not be fetched. */
export interface FetchFailure {
  /** Its bare JID. */
  readonly jid: string;
  /** Why; `undefined` where it has published nothing. */
  readonly cause: unknown;
}

/** Publishes own keys and fetches others'. */
export interface KeyService {
  /**
   * Brings own keys and the server together; call it after each login, before anything is sealed or opened. What the server has is taken
   * in first: the own list, statements, bundles. Then what is due is renewed, what the server lacks is published, and timers do it again
   * when something is due or failed.
   * @param options.replace puts the own list in the place of one that another identity signed
   * @throws KeyStoreError `ERR_ROLLBACK`; MessengerError `ERR_NO_KEYS` on a device not admitted, `ERR_KEY_CHANGED` where another identity
   * published for this account; XmppError `ERR_PUBLISH` and those of `Link.query`
   */
  publish(options?: { readonly replace?: boolean }): Promise<void>;
  /**
   * Fetches an account's keys and takes them in; who asks for the same account at the same time shares the answer, and what failed is not
   * asked again for a minute and more.
   * @returns `undefined` where nothing is published
   * @throws MessengerError `ERR_KEY_CHANGED`; XmppError of `Link.query`; StanzaError `ERR_ADDRESS`
   */
  fetch(jid: string, options?: { readonly force?: boolean }): Promise<ImportedKeys | undefined>;
  /** Fetches the keys of those accounts that are unknown, older than 24 hours or called old; gives those for which that failed. */
  ensure(jids: readonly string[]): Promise<readonly FetchFailure[]>;
  /** Calls keys old: of `Sealed.stale`, and of who sent the warning `sender-list-newer`. The next `ensure` fetches them. */
  stale(jids: readonly string[]): void;
  /** Publishes endorsements and revocations (DER) of the own account. @throws RangeError for anything else; XmppError */
  announce(statements: readonly Uint8Array[]): Promise<void>;
  /** Takes in what a server tells of changed keys; gives whether the stanza was about that, believed or not. */
  handleEvent(stanza: XmlElement): boolean;
  /** A prekey was used: looks soon whether more are to be published. */
  refillSoon(): void;
  /** Ends timers and answers. */
  close(): void;
}

/** How long an own device that has published nothing is not asked for again, in ms. */
const OWN_AGAIN = 60_000;
/** Devices asked where a server has nothing. */
const MAX_ASKED = 3;

/**
 * Makes a key service. It answers `<keys/>` from now on, and does nothing else until it is told.
 * @example
 * const keys = createKeyService({ link, messenger, store, clock: Date.now, random, schedule: systemSchedule, onEvent: console.log });
 * await keys.publish();
 * await keys.ensure(['juliet@capulet.example']);
 */
export function createKeyService(parameters: KeyServiceParameters): KeyService {
  const { link, messenger, store, clock, onEvent, resources = () => [] } = parameters;
  const retrying = createRetryingLink(parameters);
  const keeper = createOwnKeeper({ ...parameters, link: retrying });
  const gate = createFetchGate<ImportedKeys>(clock);
  const endAnswers = answerKeys(link, store, clock);
  const endOnline = link.onOnline(() => gate.reset());
  const notices = new Map<string, KeyNotice>();
  let ownAskedAt = Number.NEGATIVE_INFINITY;

  async function fetchNow(jid: string): Promise<ImportedKeys | undefined> {
    if (jid === messenger.owner) {
      ownAskedAt = clock();
      await keeper.fetch();
      return { accounts: [jid] };
    }
    let found: TakenIn = NOTHING;
    let error: unknown;
    try {
      found = await fetchPublished({ link, messenger }, jid);
    } catch (cause) {
      if (!(cause instanceof XmppError)) throw cause;
      error = cause;
    }
    for (const device of found.taken.length > 0 ? [] : resources(jid).slice(0, MAX_ASKED)) {
      const answer = await fetchFromDevice({ link, messenger }, jid, device).catch(noAnswer);
      found = { taken: answer.taken, refused: [...found.refused, ...answer.refused] };
      if (found.taken.length > 0) break;
    }
    for (const { node, id } of found.refused) onEvent({ kind: 'keys-refused', jid, node, id });
    if (found.taken.length > 0) return { accounts: [jid] };
    if (error !== undefined) throw error;
    return undefined;
  }

  /** Another own device that was admitted publishes its bundle when it comes online: nobody tells of that (section 10.6), so it is asked for. */
  async function lacksOwnBundle(): Promise<boolean> {
    if (clock() < ownAskedAt + OWN_AGAIN) return false;
    const devices = await listedDevices(messenger);
    return devices.some(({ state, isThis, bundleAt }) => state === 'listed' && !isThis && bundleAt === undefined);
  }

  async function isFresh(jid: string): Promise<boolean> {
    if (gate.isMarked(jid)) return false;
    if (jid === messenger.owner) return !(await lacksOwnBundle());
    const contact = await store.get('contacts', jid);
    // A changed identity is not settled by fetching more of it.
    if (contact?.changedIdentity !== undefined) return true;
    return contact?.listAt !== undefined && contact.listAt + RULES.staleness > clock();
  }

  async function drain(key: string): Promise<void> {
    const notice = notices.get(key);
    notices.delete(key);
    if (notice === undefined) return;
    const { from, items, isLoss, node } = notice;
    try {
      if (from === messenger.owner) return await keeper.take(items, isLoss);
      // Whoever is no contact is fetched when something is sealed to them, and not pinned because a server says so.
      if (from === undefined || (await store.get('contacts', from)) === undefined) return;
      const { refused } = await takeIn(messenger, from, items);
      for (const { id } of refused) onEvent({ kind: 'keys-refused', jid: from, node, id });
      // A server need not send what was published; and a list may name devices whose bundles are not known.
      if (node !== NODES.STATEMENTS && !isLoss) gate.mark(from);
    } catch (cause) {
      // Of a contact's changed key the messenger tells; what concerns the own account is told here.
      if (from === messenger.owner || !(cause instanceof MessengerError || cause instanceof KeyStoreError))
        keeper.failed(cause);
    }
  }

  return {
    publish: ({ replace = false } = {}) => keeper.publish(replace),
    async fetch(jid, { force = false } = {}) {
      const bare = bareJid(jid);
      return gate.run(bare, () => fetchNow(bare), force);
    },
    async ensure(jids) {
      const wanted = [...new Set(jids.map((jid) => bareJid(jid)))];
      const found = await Promise.all(
        wanted.map(async (jid): Promise<FetchFailure | undefined> => {
          if (await isFresh(jid)) return undefined;
          try {
            return (await gate.run(jid, () => fetchNow(jid))) === undefined ? { jid, cause: undefined } : undefined;
          } catch (cause) {
            return { jid, cause };
          }
        }),
      );
      return found.filter((failure) => failure !== undefined);
    },
    stale(jids) {
      for (const jid of jids) gate.mark(jid);
    },
    announce: (statements) =>
      keeper.inTurn(async () => {
        for (const der of statements) {
          const found = await describePublished(messenger, der);
          if (found.kind !== 'statement' || found.owner !== messenger.owner)
            throw new RangeError('statements holds what is no statement of this account');
          await publishOpen(retrying, { node: NODES.STATEMENTS, id: toHex(found.device), der });
        }
      }),
    handleEvent(stanza) {
      const notice = readNotice(stanza, messenger.owner);
      if (notice === undefined) return false;
      const key = `${notice.node} ${notice.from ?? ''}`;
      const waiting = notices.get(key);
      notices.set(key, mergeNotices(waiting, notice));
      if (waiting === undefined) keeper.inTurn(() => drain(key)).catch((cause) => keeper.failed(cause));
      return true;
    },
    refillSoon: () => keeper.refillSoon(),
    close() {
      keeper.close();
      endAnswers();
      endOnline();
    },
  };
}

const NOTHING: TakenIn = { taken: [], refused: [] };

function noAnswer(cause: unknown): TakenIn {
  if (cause instanceof XmppError) return NOTHING;
  throw cause;
}
