/**
 * @xmpp/client against a server of the harness, with what has to be known of 0.14 taken care of.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Client, client, xml } from '@xmpp/client';
import WebSocket from 'ws';
import { undoAtExit } from './leftovers.js';
import { sleep } from './program.js';
import { PASSWORD, type XmppServer } from './server.js';

export { type Client, jid, xml } from '@xmpp/client';

/** A stanza or what is in it. */
export type Element = ReturnType<typeof xml>;

/** Who logs in, and how. */
export interface Login {
  readonly username: string;
  readonly password?: string;
  /** The server chooses one where none is given. */
  readonly resource?: string;
  /** One of the server's; its first where none is given. */
  readonly domain?: string;
  /** `'tcp'` */
  readonly transport?: 'tcp' | 'websocket';
  /**
   * `'PLAIN'`: SCRAM in pure JavaScript blocks the event loop for 0.4 s and more. `'SCRAM-SHA-1'` needs TCP and a password that
   * the server can check so.
   */
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-1';
  /** Whether it connects again by itself, after 1 s. `false` */
  readonly reconnect?: boolean;
}

/** How long a step of a connection may take, in ms: long, because tests share their machine. */
const PATIENCE = 10_000;

/** A client that has not been started: for what wants to listen from the beginning. */
export function createClient(server: XmppServer, login: Login): Client {
  const { username, password = PASSWORD, resource, domain = server.domain } = login;
  const { transport = 'tcp', mechanism = 'PLAIN', reconnect = false } = login;
  // Node 20 has no WebSocket, and the library takes the global one.
  if (transport === 'websocket') globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
  const made = client({
    service: transport === 'websocket' ? server.wsUrl : server.tcpUrl,
    domain,
    username,
    password,
    resource,
    timeout: PATIENCE,
    credentials: async (authenticate) =>
      authenticate({ username, password }, mechanism, xml('user-agent', { id: randomUUID() })),
  });
  if (reconnect) undoAtExit(() => made.reconnect.stop());
  else made.reconnect.stop();
  // Without a listener the first error, a connection lost included, ends the process.
  made.on('error', () => undefined);
  // Else Nagle's algorithm makes 40 ms of every round trip. A WebSocket of ws does it by itself.
  made.on('connect', () => {
    const { socket } = made as unknown as { socket: { setNoDelay?: (on: boolean) => void } | null };
    socket?.setNoDelay?.(true);
  });
  // And data behind the end of a stream, which finds no parser any more (packages/xmpp/src/lateData.ts).
  made.on('close', () => {
    const { socket } = made as unknown as {
      socket: { removeAllListeners(event: 'data'): void; resume?(): void } | null;
    };
    socket?.removeAllListeners('data');
    socket?.resume?.();
  });
  return made;
}

/**
 * Starts a client and waits until stream management (XEP-0198) is on. `start()` of 0.14 resolves before it has asked for it; a
 * stanza sent then makes it count wrongly, and Prosody closes the stream: "acknowledged more stanzas than sent".
 */
export async function startClient(made: Client): Promise<void> {
  await made.start();
  await settled(made);
}

/** Waits until stream management is on, as after a connection of the client's own; at most 1 s: a server may have none. */
export async function settled(made: Client): Promise<void> {
  for (let waited = 0; waited < 1000 && !made.streamManagement.enabled; waited += 5) await sleep(5);
}
