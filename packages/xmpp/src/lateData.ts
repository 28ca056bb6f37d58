/**
 * What a server says after the end of its stream is not read. `@xmpp/connection` 0.14, and 0.13 of components, lets go of its parser
 * when a stream ends or is not well formed, and of its socket when that has closed; data in between goes to the parser that is gone, in a
 * listener of the socket, where the TypeError ends the process. Any server could do that with one octet more than `</stream:stream>`.
 * @module
 */
import type { XmppEntity } from './xmppEntity.js';

/** What a socket of Node has, and what xmpp.js wraps around one of TLS and around a WebSocket. */
interface DataSource {
  on(event: 'data', listener: () => void): unknown;
  removeAllListeners(event: 'data'): unknown;
}

/**
 * Lets a client or component ignore what comes after the end of a stream, for as long as it lives; the next stream has a socket of its
 * own. `sealed` does it by itself: this is for a connection of the application's that is not given to it, before it starts.
 * @example
 * const archiver = component({ service, domain, password });
 * ignoreLateData(archiver);
 * await archiver.start();
 */
export function ignoreLateData(entity: XmppEntity): void {
  const ignore = (): void => {
    // The library tells of the end when its parser is gone, and of other errors while it is there or before there is a stream.
    if (entity.parser !== null || !IN_STREAM.has(entity.status)) return;
    const socket = entity.socket as DataSource | null;
    socket?.removeAllListeners('data');
    // What nobody listens to is not read, and a socket that is not read does not close.
    socket?.on('data', () => undefined);
  };
  entity.on('close', ignore);
  entity.on('error', ignore);
}

const IN_STREAM: ReadonlySet<string> = new Set(['opening', 'open', 'online', 'closing', 'close']);
