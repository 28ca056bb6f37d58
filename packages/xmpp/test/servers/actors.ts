/**
 * People on real servers: an account there, a store, a messenger and a sealed connection, and what came out of it.
 */
import { publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import {
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  type KeyStore,
  type KeyStoreStorage,
  openKeyStore,
} from '@stanzaseal/keystore';
import { createMessenger, type Messenger, type MessengerEvent } from '@stanzaseal/messenger';
import { admitDevice, joinAccount } from '@stanzaseal/messenger/devices';
import { bodyOf, chat } from '@stanzaseal/testkit';
import { type Client, createClient, type Login, sleep, type XmppServer } from '@stanzaseal/testkit/servers';
import { type Message, type SealedConnection, type SealedOptions, sealed, type XmppEvent } from '../../src/index.js';

const crypto = createCryptoProvider();
const clock = Date.now;

/** A device of an account on a server. */
export interface Actor {
  readonly jid: string;
  readonly storage: KeyStoreStorage;
  readonly store: KeyStore;
  readonly messenger: Messenger;
  readonly client: Client;
  readonly connection: SealedConnection;
  readonly messages: Message[];
  readonly events: XmppEvent[];
  readonly told: MessengerEvent[];
  /** Texts of the messages that came, `plain: ` before those that nobody sealed, `own: ` before one's own. */
  texts(): string[];
  /** Takes a chat message for somebody, and resolves when the server has it. */
  say(to: string | Actor, body: string): Promise<string>;
  /** Waits until something holds. */
  until(holds: () => unknown, patience?: number): Promise<void>;
  /** Cuts the connection as a lost network does. */
  drop(): void;
}

/** A server, and how its people connect where a test does not say: by TCP unless told otherwise. */
export type Place = XmppServer & Pick<Login, 'transport'>;

/** The same server, to which people connect by WebSocket. */
export function byWebSocket(server: XmppServer): Place {
  return Object.create(server, { transport: { value: 'websocket' } }) as Place;
}

/** Registers an account and makes its first device; `start()` is the test's. */
export async function createActor(server: Place, user: string, options: ActorOptions = {}): Promise<Actor> {
  await server.register(user);
  const owner = `${user}@${server.domain}`;
  const storage = createMemoryStorage();
  await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
  return actorOver(server, storage, user, options);
}

/** What is different about an actor. */
export interface ActorOptions extends Partial<SealedOptions> {
  readonly login?: Partial<Login>;
}

/** A device over what a storage holds: a restart of the process, so to speak. */
export async function actorOver(
  server: Place,
  storage: KeyStoreStorage,
  user: string,
  { login, ...options }: ActorOptions = {},
): Promise<Actor> {
  const store = await openKeyStore(storage);
  const told: MessengerEvent[] = [];
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: (event) => told.push(event) });
  const client = createClient(server, { username: user, transport: server.transport ?? 'tcp', ...login });
  const [messages, events]: [Message[], XmppEvent[]] = [[], []];
  const connection = sealed(client, messenger, {
    store,
    clock,
    random,
    onMessage: (message) => void messages.push(message),
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const until = async (holds: () => unknown, patience = 15_000): Promise<void> => {
    for (const end = Date.now() + patience; !holds(); await sleep(5)) {
      if (Date.now() < end) continue;
      throw new Error(`${user} waited in vain:\n${JSON.stringify(events.slice(-12), plainly)}\n${server.logTail(10)}`);
    }
  };
  return {
    jid: messenger.owner,
    storage,
    store,
    messenger,
    client,
    connection,
    messages,
    events,
    told,
    until,
    texts: () =>
      messages.map(({ plain, isOwn, stanza }) => `${plain ? 'plain: ' : isOwn ? 'own: ' : ''}${bodyOf(stanza)}`),
    async say(to, body) {
      const jid = typeof to === 'string' ? to : to.jid;
      const id = toHex((await connection.send(chat(body, { to: jid }))) as Uint8Array);
      await until(() => events.some((event) => event.kind === 'sent' && toHex(event.messageId) === id));
      return id;
    },
    drop() {
      const { socket } = client as unknown as { socket: { socket?: { terminate?(): void }; destroy?(): void } | null };
      if (socket?.socket?.terminate) socket.socket.terminate();
      else socket?.destroy?.();
    },
  };
}

/** Another device of an account, admitted by its first. Both have published. */
export async function anotherDevice(server: Place, first: Actor, options: ActorOptions = {}): Promise<Actor> {
  const user = first.jid.slice(0, first.jid.indexOf('@'));
  const account = await first.store.get('account', 'self');
  if (account === undefined) throw new Error('no account');
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const joining = await createJoiningDevice({ owner: first.jid, identity, random, clock, crypto });
  const storage = createMemoryStorage();
  await createKeyStore(storage, joining.changes);
  const device = await actorOver(server, storage, user, options);
  await joinAccount(device.messenger, await admitDevice(first.messenger, joining.request));
  await first.connection.publish();
  return device;
}

function plainly(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  return value instanceof Error ? `${value.name} ${(value as { code?: string }).code}: ${value.message}` : value;
}
