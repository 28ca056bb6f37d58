/**
 * Whether somebody is there: presence of servers, which nobody seals.
 * @module
 */
import { attribute, bareJid, child, element, NS, textOf } from '@stanzaseal/stanza';
import {
  fromXmppElement,
  toXmppElement,
  type XmppElement,
  type XmppElementClass,
  type XmppEntity,
} from '@stanzaseal/xmpp';
import { printable } from '../printable.js';

/** Presence of one contact. */
export interface Presence {
  /** Asks to see it. */
  subscribe(): Promise<void>;
  /** Lets the contact see one's own. */
  allow(): Promise<void>;
  /** Watches no more. */
  end(): void;
}

const SHOWN: Readonly<Record<string, string>> = { away: 'away', xa: 'away for long', dnd: 'busy', chat: 'there' };

/** Says when a contact comes and goes. */
export function watchPresence(client: XmppEntity, jid: string, say: (line: string) => void): Presence {
  const there = new Map<string, string>();
  let last = 'not there';
  const listener = (came: XmppElement): void => {
    if (came.name !== 'presence' || bare(String(came.attrs.from)) !== jid) return;
    const stanza = fromXmppElement(came);
    const [from, type] = [attribute(stanza, 'from') ?? '', attribute(stanza, 'type')];
    if (type === 'subscribe') return say(`* ${printable(jid)} asks to see when you are there; /allow lets them`);
    const show = child(stanza, NS.CLIENT, 'show');
    if (type === 'unavailable') there.delete(from);
    else if (type === undefined) there.set(from, SHOWN[show === undefined ? 'chat' : textOf(show)] ?? 'there');
    else return;
    const now = [...there.values()].find((state) => state === 'there') ?? [...there.values()].at(-1) ?? 'not there';
    if (now !== last) say(`* ${printable(jid)} is ${now}`);
    last = now;
  };
  const send = async (type: string): Promise<void> => {
    const ElementClass = (client.root as XmppElement).constructor as XmppElementClass;
    await client.send(toXmppElement(element(NS.CLIENT, 'presence', { to: jid, type }), ElementClass));
  };
  client.on('stanza', listener);
  return {
    subscribe: () => send('subscribe'),
    allow: () => send('subscribed'),
    end: () => void client.removeListener('stanza', listener),
  };
}

function bare(from: string): string | undefined {
  try {
    return bareJid(from);
  } catch {
    return undefined;
  }
}
