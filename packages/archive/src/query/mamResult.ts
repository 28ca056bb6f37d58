/**
 * What a server's module sends for a page (XEP-0313 §4.2, §4.3): the messages, then the answer to the query.
 * @module
 */
import { element, NS, type XmlElement } from '@stanzaseal/stanza';
import { elementOf } from './archivedStanza.js';
import type { Page } from './page.js';

/** To whom, and for which query. */
export interface MamParameters {
  /** The query's `queryid`, if it had one. */
  readonly queryId?: string;
  /** Full JID of who asked. */
  readonly to: string;
  /** Whose archive it is: a room's; left out for one's own account. */
  readonly from?: string;
}

/** What to send. */
export interface MamResult {
  /** Messages, in the order of sending. */
  readonly messages: readonly XmlElement[];
  /** The payload of the iq result that follows them. */
  readonly fin: XmlElement;
}

const RSM = 'http://jabber.org/protocol/rsm';

/**
 * The stanzas for a page.
 * @example
 * const { messages, fin } = mamResult(await archive.page({ owner, before: '', max: 50 }), { queryId: 'q1', to: 'juliet@capulet.example/balcony' });
 */
export function mamResult(page: Page, { queryId, to, from }: MamParameters): MamResult {
  const messages = page.entries.flatMap(({ id, receivedAt, octets }) => {
    if (octets === undefined) return [];
    const delay = element(NS.DELAY, 'delay', { stamp: new Date(receivedAt).toISOString() });
    const forwarded = element(NS.FORWARD, 'forwarded', {}, [delay, elementOf(octets)]);
    return element(NS.CLIENT, 'message', { from, to }, [
      element(NS.MAM, 'result', { queryid: queryId, id }, [forwarded]),
    ]);
  });
  const { first, last, count, index } = page;
  const set = element(RSM, 'set', {}, [
    ...(first === undefined ? [] : [element(RSM, 'first', { index: index?.toString() }, [first])]),
    ...(last === undefined ? [] : [element(RSM, 'last', {}, [last])]),
    ...(count === undefined ? [] : [element(RSM, 'count', {}, [String(count)])]),
  ]);
  return { messages, fin: element(NS.MAM, 'fin', { complete: page.complete ? 'true' : undefined }, [set]) };
}
