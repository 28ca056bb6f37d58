/**
 * Which devices are online, as far as presence tells and they answer: an iq and a directed presence go to one of them.
 * @module
 */
import { fromHex, toHex } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import { attribute, bareJid, child, element, NS, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XmppError } from '../xmppError.js';

/** What is known of who is online. */
export interface DevicesOnline {
  /** Full JIDs of an account that sent presence and are not gone. */
  resources(jid: string): readonly string[];
  /** Takes a presence in. */
  take(presence: XmlElement): void;
  /**
   * Key identifier of the device that a full JID has, by its own word; `undefined` where it gives none. The word decides whom a request
   * is sealed to among the devices that the account's identity key endorsed: a false one makes a request unreadable to who got it, and
   * readable to nobody else.
   */
  deviceOf(fullJid: string): Promise<Uint8Array | undefined>;
  /** Notes the device that a full JID has, where a signature told it. */
  note(fullJid: string, device: Uint8Array): void;
  /** Forgets everything: the session is another one. */
  reset(): void;
  /** Answers no more. */
  close(): void;
}

/** Full JIDs remembered, each with its device: whoever sends presence from many cannot fill memory (G5). */
const REMEMBERED = 10_000;
const PATIENCE = 10_000;

/**
 * Keeps track of who is online, and tells contacts and own devices which device this one is.
 * @param device key identifier of this device; `undefined` before it was admitted
 */
export function createDevicesOnline(
  link: Link,
  store: KeyStore,
  device: () => Promise<Uint8Array | undefined>,
): DevicesOnline {
  const online = new Map<string, Set<string>>();
  const devices = new Map<string, Uint8Array>();
  const asked = new Map<string, Promise<Uint8Array | undefined>>();
  let count = 0;

  const end = link.answer({ type: 'get', namespace: NS.SEALED, name: 'device' }, async (iq) => {
    const from = bareJid(attribute(iq, 'from') ?? store.owner);
    const isKnown = from === store.owner || (await store.get('contacts', from)) !== undefined;
    const id = isKnown ? await device() : undefined;
    // Others get the answer of a client that does not know the question: no stranger learns by it which device is online.
    if (id === undefined)
      throw new XmppError('ERR_REFUSED', 'answered with service-unavailable', { condition: 'service-unavailable' });
    return element(NS.SEALED, 'device', { id: toHex(id) });
  });

  async function ask(fullJid: string): Promise<Uint8Array | undefined> {
    const request = element(NS.CLIENT, 'iq', { type: 'get', to: fullJid }, [element(NS.SEALED, 'device')]);
    const answer = await link.query(request, { timeout: PATIENCE }).catch(noAnswer);
    const found = answer && child(answer, NS.SEALED, 'device');
    const id = found && attribute(found, 'id');
    if (id === undefined || !/^[0-9a-f]{64}$/.test(id)) return undefined;
    note(fullJid, fromHex(id));
    return devices.get(fullJid);
  }

  function note(fullJid: string, id: Uint8Array): void {
    if (devices.size < REMEMBERED) devices.set(fullJid, id);
  }

  return {
    resources: (jid) => [...(online.get(jid) ?? [])],
    take(presence) {
      const [from, type] = [attribute(presence, 'from'), attribute(presence, 'type')];
      const bare = from?.includes('/') === true ? bareOf(from) : undefined;
      if (from === undefined || bare === undefined) return;
      const known = online.get(bare) ?? new Set();
      if (type === undefined && !known.has(from) && count < REMEMBERED) {
        online.set(bare, known.add(from));
        count++;
      } else if (type === 'unavailable' || type === 'error') {
        if (known.delete(from)) count--;
        if (known.size === 0) online.delete(bare);
        devices.delete(from);
      }
    },
    deviceOf(fullJid) {
      const known = devices.get(fullJid);
      if (known !== undefined) return Promise.resolve(known);
      const running = asked.get(fullJid) ?? ask(fullJid).finally(() => asked.delete(fullJid));
      asked.set(fullJid, running);
      return running;
    },
    note,
    reset() {
      online.clear();
      devices.clear();
      count = 0;
    },
    close: end,
  };
}

function noAnswer(cause: unknown): undefined {
  // Who does not answer for being offline does not answer the request either, which then says so.
  if (cause instanceof XmppError && (cause.code === 'ERR_REFUSED' || cause.code === 'ERR_TIMEOUT')) return undefined;
  throw cause;
}

function bareOf(jid: string): string | undefined {
  try {
    return bareJid(jid);
  } catch {
    return undefined;
  }
}
