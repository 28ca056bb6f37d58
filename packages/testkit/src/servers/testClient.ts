/**
 * A client of one account that keeps what it received.
 * @module
 */
import { type Client, createClient, type Element, type Login, startClient, xml } from './client.js';
import type { XmppServer } from './server.js';
import { recordStanzas, type StanzaRecord } from './stanzaRecord.js';

/** A client that is online. */
export interface TestClient extends StanzaRecord {
  /** The @xmpp/client itself. */
  readonly client: Client;
  /** Its full JID. */
  readonly jid: string;
  /** Its bare JID. */
  readonly bareJid: string;
  /** Errors that the client told of, connections lost included. */
  readonly errors: readonly Error[];
  send(stanza: Element): Promise<void>;
  /** Sends an iq and gives the result. @throws StanzaError of @xmpp when the answer is an error */
  request(iq: Element): Promise<Element>;
  /** Sends a message with a body; gives its id. */
  say(to: string, body: string): Promise<string>;
  /**
   * Waits until the server has dealt with all that was sent. Without it ejabberd may store a message for somebody who has just
   * logged in, after it has given out what it stored: a message that only the archive still has.
   */
  flush(): Promise<void>;
  /** Cuts the connection as a lost network does: nothing is said to the server. */
  drop(): void;
  /** Ends it, whatever state it is in. */
  stop(): Promise<void>;
}

/** How `connectClient` logs in. */
export interface TestLogin extends Login {
  /** Whether to send presence, upon which the server delivers what waited. `true` */
  readonly presence?: boolean;
}

const PATIENCE = 15_000;

/**
 * Logs in over TCP or WebSocket.
 * @example
 * const bob = await connectClient(server, { username: 'bob', resource: 'phone', transport: 'websocket' });
 * const message = await bob.waitFor((stanza) => stanza.getChildText('body') === 'hello');
 */
export async function connectClient(server: XmppServer, login: TestLogin): Promise<TestClient> {
  const made = createClient(server, login);
  const errors: Error[] = [];
  made.on('error', (error) => errors.push(error));
  const record = recordStanzas(made);
  try {
    await startClient(made);
  } catch (cause) {
    await made.stop().catch(() => undefined);
    throw new Error(`${login.username} cannot log in:\n${server.logTail(15)}`, { cause });
  }
  if (login.presence !== false) await made.send(xml('presence'));
  let sent = 0;
  return {
    ...record,
    client: made,
    errors,
    jid: String(made.jid),
    bareJid: String(made.jid?.bare()),
    send: (stanza) => made.send(stanza),
    request: (iq) => made.iqCaller.request(iq, PATIENCE),
    say: async (to, body) => {
      const id = `${login.resource ?? login.username}-${++sent}`;
      await made.send(xml('message', { to, type: 'chat', id }, xml('body', {}, body)));
      return id;
    },
    flush: async () => {
      const { domain } = made.options;
      await made.iqCaller.request(xml('iq', { type: 'get', to: domain }, xml('ping', 'urn:xmpp:ping')), PATIENCE);
    },
    drop: () => destroy(made),
    stop: async () => {
      made.reconnect.stop();
      await made.stop().catch(() => undefined);
    },
  };
}

function destroy(made: Client): void {
  // Of a net.Socket over TCP; the library's own over TLS and WebSocket, which keep theirs inside.
  const { socket } = made as unknown as { socket: Destroyable | null };
  const inner = socket?.socket ?? socket;
  if (inner?.terminate) inner.terminate();
  else inner?.destroy?.();
}

interface Destroyable {
  readonly socket?: Destroyable;
  destroy?(): void;
  terminate?(): void;
}
