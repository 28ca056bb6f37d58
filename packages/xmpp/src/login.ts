/**
 * What is done at each login, in this order: own keys, then the archive behind live messages, then presence.
 * @module
 */
import type { Messenger } from '@stanzaseal/messenger';
import { element, NS, withChildren, type XmlElement } from '@stanzaseal/stanza';
import type { Arrival, CatchUpOptions } from './arrival/arrival.js';
import { capabilities, type Disco, featuresOfEntity } from './discovery.js';
import type { ArrivalEvent, ConnectionEvent } from './events.js';
import { XMPP } from './namespaces.js';
import { XmppError } from './xmppError.js';
import type { XmppLink } from './xmppLink.js';

/** What a login takes. */
export interface LoginPorts {
  /** The connection. */
  readonly link: XmppLink;
  /** Whose account it is. */
  readonly messenger: Messenger;
  /** The way in. */
  readonly arrival: Arrival;
  /** Brings own keys and the server together; what fails it tells itself. */
  readonly publish: () => Promise<void>;
  /** Opens the way out: own keys are in order, and what waited was taken in. */
  readonly open: (resumed: boolean) => void;
  /** Forgets what was known in the session before. */
  readonly reset: () => void;
  /** What to do where there is no archive. */
  readonly archive: 'required' | 'absent-ok';
  /** Presence to send, or none. */
  readonly presence: XmlElement | false;
  /** What this client can do; `false` where the application answers for itself. */
  readonly disco: Disco | false;
  /** Where events go. */
  readonly onEvent: (event: ConnectionEvent | ArrivalEvent) => void;
}

/** Logins of a connection. */
export interface Logins {
  /** Resolves when the first was done: everything that waited was taken in, or cannot be. */
  readonly first: Promise<void>;
  /** Reads the own archive again. */
  catchUp(options?: { readonly since?: number }): Promise<void>;
  /** Watches no more. */
  close(): void;
}

/** Does what is to be done whenever the link comes online. */
export function createLogins(ports: LoginPorts): Logins {
  const { link, messenger, onEvent } = ports;
  let current: Promise<void> | undefined;
  let isDone = false;
  let tellFirst = (): void => {};
  const first = new Promise<void>((resolve) => {
    tellFirst = resolve;
  });

  async function online(resumed: boolean): Promise<void> {
    onEvent({ kind: 'online', jid: link.jid() ?? messenger.owner, resumed });
    // A resumed stream lost nothing; but where a login had not ended, nobody else ends it.
    if (resumed && isDone) return ports.open(true);
    if (!resumed) ports.reset();
    isDone = false;
    const running = login(ports);
    current = running;
    await running;
    if (current !== running || !link.isOnline()) return;
    isDone = true;
    tellFirst();
  }

  const ends = [link.onOnline((resumed) => void online(resumed)), link.onOffline(() => onEvent({ kind: 'offline' }))];
  return {
    first,
    catchUp: (options) => readOwnArchive(ports, options),
    close() {
      for (const end of ends) end();
    },
  };
}

/** One login. It throws nothing. */
async function login(ports: LoginPorts): Promise<void> {
  const { link, messenger, arrival, onEvent } = ports;
  arrival.hold(messenger.owner);
  const tried = <T>(step: 'carbons' | 'discovery' | 'presence', work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      if (!isOffline(error)) onEvent({ kind: 'login-step-failed', step, error });
      return undefined;
    });
  const asked = link.isComponent ? undefined : messenger.owner;
  const [features, isCopying] = await Promise.all([
    asked === undefined ? undefined : tried('discovery', featuresOfEntity(link, asked)),
    asked === undefined ? undefined : tried('carbons', enableCarbons(link)),
    // Before anything is opened: it shows whether this store was put back or copied.
    ports.publish().catch(() => undefined),
  ]);
  if (!link.isOnline()) return;
  const presence = await presenceOf(ports);
  // Written at once, and so before any query that follows.
  const enter = (): void => {
    if (presence !== undefined) void tried('presence', link.send(presence));
  };
  if (link.isComponent || (features !== undefined && !features.has(NS.MAM))) await withoutArchive(ports, enter);
  else await readOwnArchive(ports, { enter, follows: isCopying === true });
  // What is sent needs fresh device lists, and a list that was taken in before would refuse what a device had sent that left since.
  if (link.isOnline()) ports.open(false);
}

/** Reads an archive, the own account's or a room's, and says so; throws nothing. Gives whether everything was done for good. */
export async function readArchive(
  { arrival, onEvent }: Pick<LoginPorts, 'arrival' | 'onEvent'>,
  archive: string,
  options: CatchUpOptions = {},
): Promise<boolean> {
  try {
    const { messages, isComplete } = await arrival.catchUp(archive, options);
    onEvent({ kind: 'caught-up', archive, messages, isComplete });
    return isComplete;
  } catch (error) {
    if (!isOffline(error)) onEvent({ kind: 'catch-up-failed', archive, error });
    return false;
  }
}

/** Only when all was done may prekeys go that what waited was sealed to; and not while a message is to come again. */
async function readOwnArchive(
  ports: Pick<LoginPorts, 'messenger' | 'arrival' | 'onEvent'>,
  options: CatchUpOptions = {},
): Promise<void> {
  const { messenger, onEvent } = ports;
  if (!(await readArchive(ports, messenger.owner, options))) return;
  await messenger.caughtUp().catch((error) => onEvent({ kind: 'catch-up-failed', archive: messenger.owner, error }));
}

/** What waits in the spool comes with presence; that it came is known by a ping behind it. */
async function withoutArchive(
  { link, messenger, arrival, archive, onEvent }: LoginPorts,
  enter: () => void,
): Promise<void> {
  arrival.release(messenger.owner);
  enter();
  if (archive === 'required') return onEvent({ kind: 'archive-absent', archive: messenger.owner });
  try {
    const server = messenger.owner.slice(messenger.owner.indexOf('@') + 1);
    if (!link.isComponent)
      await link
        .query(element(NS.CLIENT, 'iq', { type: 'get', to: server }, [element(XMPP.PING, 'ping')]))
        .catch(unlessRefused);
    await arrival.settled();
    await messenger.caughtUp();
    onEvent({ kind: 'caught-up', archive: messenger.owner, messages: 0, isComplete: true });
  } catch (error) {
    if (!isOffline(error)) onEvent({ kind: 'catch-up-failed', archive: messenger.owner, error });
  }
}

async function enableCarbons(link: XmppLink): Promise<true> {
  await link.query(element(NS.CLIENT, 'iq', { type: 'set' }, [element(NS.CARBONS, 'enable')]));
  return true;
}

async function presenceOf({ link, presence, disco }: LoginPorts): Promise<XmlElement | undefined> {
  if (presence === false || link.isComponent) return undefined;
  const capable = disco === false ? [] : [await capabilities(disco)];
  return withChildren(presence, [...presence.children, ...capable]);
}

function unlessRefused(error: unknown): undefined {
  if (error instanceof XmppError && error.code === 'ERR_REFUSED') return undefined;
  throw error;
}

function isOffline(error: unknown): boolean {
  return error instanceof XmppError && error.code === 'ERR_OFFLINE';
}
