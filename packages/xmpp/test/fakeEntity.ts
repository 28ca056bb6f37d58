/**
 * A client of xmpp.js without a network, moved by hand.
 */
import { EventEmitter } from 'node:events';
import type { XmlElement } from '@stanzaseal/stanza';
import { xml } from '@xmpp/client';
import { fromXmppElement, type XmppElement } from '../src/elements.js';
import type { XmppEntity, XmppMiddleware } from '../src/xmppEntity.js';

/** What xmpp.js shows of itself, moved by hand. */
export class FakeEntity extends EventEmitter implements XmppEntity {
  NS = 'jabber:client';
  status = 'offline';
  jid: string | null = null;
  root: XmppElement | null = null;
  socket: unknown = null;
  streamManagement: EventEmitter & { enabled: boolean; enableSent: boolean } = Object.assign(new EventEmitter(), {
    enabled: false,
    enableSent: false,
  });
  readonly written: XmlElement[] = [];
  readonly middlewares: XmppMiddleware[] = [];
  readonly middleware = { use: (middleware: XmppMiddleware) => this.middlewares.push(middleware) };
  start = async (): Promise<void> => undefined;
  stop = async (): Promise<void> => undefined;
  async send(sent: XmppElement): Promise<void> {
    if (this.status !== 'online') throw new TypeError('socket is null');
    sent.parent = this.root;
    this.written.push(fromXmppElement(sent));
  }
  features(...features: ReturnType<typeof xml>[]): void {
    this.emit('element', xml('stream:features', {}, ...features));
  }
  online(jid = 'romeo@montague.example/orchard'): void {
    this.root = xml('stream:stream', { xmlns: this.NS }) as XmppElement;
    this.jid = jid;
    this.status = 'online';
    this.emit('online', jid);
  }
  comes(stanza: ReturnType<typeof xml>): void {
    (stanza as XmppElement).parent = this.root;
    this.emit('stanza', stanza);
  }
  async asks(stanza: ReturnType<typeof xml>): Promise<unknown> {
    (stanza as XmppElement).parent = this.root;
    return this.middlewares[0]?.({ stanza: stanza as XmppElement }, async () => 'next');
  }
}
