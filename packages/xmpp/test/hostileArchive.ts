/**
 * An archive of a server that the test writes, and the wrappings that servers and attackers put around stanzas.
 */
import { attribute, child, childrenOf, element, NS, textOf, withChildren, type XmlElement } from '@stanzaseal/stanza';
import { XMPP } from '../src/namespaces.js';
import { resultOf, type ScriptedLink } from './scriptedLink.js';

/** A stanza in an archive. */
export interface Entry {
  readonly id: string;
  readonly stanza: XmlElement;
  readonly at?: number;
}

/** How an archive behaves. */
export interface ArchiveBehaviour {
  /** Items of a page. */
  page?: number;
  /** Called before each page, with its number from 1. */
  before?: (page: number) => void | Promise<void>;
  /** Sender of the results, if not the own account. */
  from?: string;
  /** Id of the query that the results name, if not the one asked under. */
  queryid?: string;
}

/** Serves an archive: pages in order, `after`, `start`, `item-not-found`. Entries may be added while it is read. */
export function serveArchive(
  link: ScriptedLink,
  own: string,
  entries: Entry[],
  behaviour: ArchiveBehaviour = {},
): void {
  let pages = 0;
  link.serve(async (iq) => {
    const query = child(iq, NS.MAM, 'query');
    if (query === undefined) return undefined;
    await behaviour.before?.(++pages);
    const set = child(query, XMPP.RSM, 'set') as XmlElement;
    const after = child(set, XMPP.RSM, 'after');
    const start = startOf(query);
    let from = after === undefined ? 0 : entries.findIndex(({ id }) => id === textOf(after)) + 1;
    if (after !== undefined && from === 0) return errorIq(iq, 'item-not-found');
    while (from < entries.length && (entries[from]?.at ?? Number.POSITIVE_INFINITY) < start) from++;
    const found = entries.slice(from, from + (behaviour.page ?? 50));
    const queryid = behaviour.queryid ?? attribute(query, 'queryid') ?? '';
    for (const entry of found) link.receive(archiveResult(entry, queryid, behaviour.from ?? own));
    const last = found.at(-1);
    const complete = from + found.length >= entries.length ? 'true' : undefined;
    const rsm = element(XMPP.RSM, 'set', {}, last === undefined ? [] : [element(XMPP.RSM, 'last', {}, [last.id])]);
    return resultOf(iq, element(NS.MAM, 'fin', { complete }, [rsm]));
  });
}

function startOf(query: XmlElement): number {
  const form = child(query, XMPP.DATA, 'x');
  const field = form && childrenOf(form, XMPP.DATA, 'field').find((each) => attribute(each, 'var') === 'start');
  const value = field && child(field, XMPP.DATA, 'value');
  return value === undefined ? 0 : Date.parse(textOf(value));
}

function errorIq(iq: XmlElement, condition: string): XmlElement {
  const addresses = { from: attribute(iq, 'to'), id: attribute(iq, 'id'), type: 'error' };
  return element(NS.CLIENT, 'iq', addresses, [
    element(NS.CLIENT, 'error', { type: 'cancel' }, [element(NS.STANZAS, condition)]),
  ]);
}

/** A result as a server sends it. */
export function archiveResult({ id, stanza, at = 0 }: Entry, queryid: string, from: string | undefined): XmlElement {
  return element(NS.CLIENT, 'message', { from }, [
    element(NS.MAM, 'result', { id: id === '' ? undefined : id, queryid }, [forwarded(stanza, at)]),
  ]);
}

/** A stanza in another (XEP-0297). */
export function forwarded(stanza: XmlElement, at = 0): XmlElement {
  const delay = element(NS.DELAY, 'delay', { stamp: new Date(at).toISOString() });
  return element(NS.FORWARD, 'forwarded', {}, [delay, stanza]);
}

/** A copy (XEP-0280). */
export function carbon(
  kind: 'sent' | 'received',
  stanza: XmlElement,
  from: string | undefined,
  to: string,
): XmlElement {
  const attributes = { from, to, type: 'chat' };
  return element(NS.CLIENT, 'message', attributes, [element(NS.CARBONS, kind, {}, [forwarded(stanza)])]);
}

/** A stanza with an archive's id, or somebody's claim of one. */
export function withStanzaId(stanza: XmlElement, by: string, id: string): XmlElement {
  return withChildren(stanza, [...stanza.children, element(NS.STANZA_ID, 'stanza-id', { by, id })]);
}
