/**
 * Sealed requests between two devices that are online (iq), both ways. Outside, every answer is a `result`: servers do not learn the
 * outcome (T21); what does not open is answered as a client does that knows nothing of it.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import { type Messenger, MessengerError, type Sealed, type SealOptions } from '@stanzaseal/messenger';
import { attribute, bareJid, child, element, hasSealed, NS, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { refusalIn } from '../openQueries.js';
import { XmppError } from '../xmppError.js';
import type { DevicesOnline } from './devicesOnline.js';
import type { SealedQuery } from './message.js';

/** Answers a sealed request: with the payload of a result, nothing for an empty one, or by throwing XmppError `ERR_REFUSED`. */
export type QueryHandler = (query: SealedQuery) => Promise<XmlElement | undefined>;

/** What sealed requests need. */
export interface QueryPorts {
  /** The connection. */
  readonly link: Link;
  /** What seals and opens. */
  readonly messenger: Messenger;
  /** Which device a full JID has. */
  readonly devices: DevicesOnline;
  /** Fetches keys where they are unknown or old. */
  readonly ensure: (jid: string) => Promise<unknown>;
  /** The application's handler; without one every request is answered as if this package were not there. */
  readonly onQuery: QueryHandler | undefined;
  /** Greatest length of an object in octets. */
  readonly limit: () => number | undefined;
}

/** Sealed requests. */
export interface Queries {
  /** Sends one; see `SealedConnection.query`. */
  query(iq: XmlElement, timeout?: number): Promise<XmlElement>;
  /** Seals a stanza to the device of a full JID, or to all devices of a bare one. */
  sealTo(
    stanza: XmlElement,
    to: string,
    options?: SealOptions,
  ): Promise<{ sealed: Sealed; device: Uint8Array | undefined }>;
  /** Answers no more. */
  close(): void;
}

/** Begins to answer sealed requests. */
export function createQueries(ports: QueryPorts): Queries {
  const { link, messenger, devices } = ports;
  const ends = (['get', 'set'] as const).map((type) =>
    link.answer({ type, namespace: NS.SEALED, name: 'sealed' }, (iq) => answer(iq, ports, inTurn)),
  );
  let last: Promise<unknown> = Promise.resolve();

  /** One after another: of two copies of a request that come at once the second is a duplicate. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const running = last.then(task, task);
    last = running.catch(() => undefined);
    return running;
  }

  async function sealTo(stanza: XmlElement, to: string, options: SealOptions = {}) {
    await ports.ensure(bareJid(to));
    const limit = ports.limit();
    const choices = { skipDevices: true, ...(limit === undefined ? {} : { limit }), ...options };
    const device = to.includes('/') ? await devices.deviceOf(to) : undefined;
    if (device !== undefined) {
      try {
        return { sealed: await messenger.seal(stanza, { to, devices: [device] }, choices), device };
      } catch (error) {
        if (!(error instanceof MessengerError && error.code === 'ERR_NO_KEYS')) throw error;
      }
    }
    // Who does not say which device it is, or names one that nobody endorsed, is one of the account's devices all the same.
    return { sealed: await messenger.seal(stanza, { to }, choices), device: undefined };
  }

  return {
    sealTo,
    async query(iq, timeout) {
      const to = attribute(iq, 'to');
      const type = attribute(iq, 'type');
      if (to === undefined || !to.includes('/')) throw new TypeError('iq is not to a full JID');
      if (iq.name !== 'iq' || (type !== 'get' && type !== 'set')) throw new TypeError('iq is no request');
      const { sealed, device } = await sealTo(iq, to);
      const outer = await link.query(sealed.stanza, timeout === undefined ? {} : { timeout });
      // An answer in the clear is nobody's, whatever it says.
      if (!hasSealed(outer)) throw new XmppError('ERR_PLAIN', 'the answer was not sealed');
      const opened = await messenger.open(outer);
      if (opened.status !== 'opened' || opened.inReplyTo === undefined || !equal(opened.inReplyTo, sealed.messageId))
        throw new MessengerError('ERR_OPEN', 'the answer is to another request');
      if (opened.sender.jid !== bareJid(to) || (device !== undefined && !equal(opened.sender.device, device)))
        throw new MessengerError('ERR_OPEN', 'the answer is of somebody else');
      await opened.accept();
      devices.note(to, opened.sender.device);
      if (attribute(opened.stanza, 'type') === 'error') throw refusalIn(opened.stanza);
      return opened.stanza;
    },
    close() {
      for (const end of ends) end();
    },
  };
}

/**
 * Opens, accepts, asks the application, seals what it says. Accepted before it is asked: who replays a request is not to have it done
 * twice, and who waits for an answer notices when none comes.
 */
async function answer(
  iq: XmlElement,
  { messenger, onQuery, devices, limit }: QueryPorts,
  inTurn: <T>(task: () => Promise<T>) => Promise<T>,
): Promise<XmlElement | undefined> {
  const from = attribute(iq, 'from');
  if (onQuery === undefined || from === undefined) throw unavailable();
  const opened = await inTurn(async () => {
    const result = await messenger.open(iq).catch(() => undefined);
    if (result?.status !== 'opened') throw unavailable();
    await result.accept();
    return result;
  });
  devices.note(from, opened.sender.device);
  const { sender, stanza, time, messageId } = opened;
  const reply = await replyTo(stanza, () => onQuery({ stanza, sender, time }));
  const greatest = limit();
  const sealed = await messenger.seal(
    reply,
    { to: from, devices: [sender.device] },
    { inReplyTo: messageId, ...(greatest === undefined ? {} : { limit: greatest }) },
  );
  return child(sealed.stanza, NS.SEALED, 'sealed');
}

async function replyTo(request: XmlElement, ask: () => Promise<XmlElement | undefined>): Promise<XmlElement> {
  const id = attribute(request, 'id');
  try {
    const payload = await ask();
    return element(NS.CLIENT, 'iq', { type: 'result', id }, payload === undefined ? [] : [payload]);
  } catch (error) {
    const isChosen = error instanceof XmppError && error.code === 'ERR_REFUSED';
    const condition = (isChosen ? error.condition : undefined) ?? 'internal-server-error';
    const text = isChosen && error.text !== undefined ? [element(NS.STANZAS, 'text', {}, [error.text])] : [];
    const stated = element(NS.CLIENT, 'error', { type: 'cancel' }, [element(NS.STANZAS, condition), ...text]);
    return element(NS.CLIENT, 'iq', { type: 'error', id }, [stated]);
  }
}

function unavailable(): XmppError {
  return new XmppError('ERR_REFUSED', 'answered with service-unavailable', { condition: 'service-unavailable' });
}
