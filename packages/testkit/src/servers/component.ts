/**
 * @xmpp/component against a server of the harness.
 * @module
 */
import { createRequire } from 'node:module';
import type { Client, Element } from './client.js';
import type { XmppServer } from './server.js';
import { recordStanzas, type StanzaRecord } from './stanzaRecord.js';

/** What a component has in common with a client. */
export type Component = Pick<Client, 'start' | 'stop' | 'send' | 'iqCaller' | 'iqCallee' | 'reconnect' | 'on' | 'off'>;

/** An external component (XEP-0114) that is connected. */
export interface TestComponent extends StanzaRecord {
  /** The @xmpp/component itself. */
  readonly component: Component;
  readonly domain: string;
  send(stanza: Element): Promise<void>;
  stop(): Promise<void>;
}

/** Connects one of the components that the server was given. */
export async function connectComponent(server: XmppServer, domain: string): Promise<TestComponent> {
  const secret = server.components[domain];
  if (secret === undefined) throw new RangeError(`domain: ${server.name} was given no component of that name`);
  // 0.14 has none: the one before it, which is CommonJS and has no types.
  const { component } = createRequire(import.meta.url)('@xmpp/component') as {
    component(options: { service: string; domain: string; password: string }): Component;
  };
  const made = component({ service: `xmpp://${server.host}:${server.componentPort}`, domain, password: secret });
  made.reconnect.stop();
  // Without a listener the first error ends the process.
  made.on('error', () => undefined);
  const record = recordStanzas(made);
  await made.start();
  return {
    ...record,
    component: made,
    domain,
    send: (stanza) => made.send(stanza),
    stop: async () => void (await made.stop().catch(() => undefined)),
  };
}
