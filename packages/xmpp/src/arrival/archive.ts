/**
 * Reading an archive page by page (XEP-0313, XEP-0059). A result is believed only where its query is under way, it comes from the
 * archive that was asked, and it has an id (H10, T14, CVE-2020-26547).
 * @module
 */
import { drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { attribute, child, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XMPP } from '../namespaces.js';
import type { ArchiveResult, Arrived } from './unwrap.js';

/** From where an archive is read: behind the message of an id, or from a time on in ms since 1970. */
export type ArchivePosition = { readonly after: string } | { readonly start: number };

/** A page of an archive. */
export interface ArchivePage {
  /** Messages in the archive's order. */
  readonly messages: readonly Arrived[];
  /** Id of the last; `undefined` for an empty page. */
  readonly last: string | undefined;
  /** Whether nothing comes behind it. */
  readonly isComplete: boolean;
}

/** Asks archives. */
export interface ArchiveReader {
  /**
   * Asks for the page behind a position.
   * @param archive bare JID of the own account or of a room
   * @throws XmppError `ERR_REFUSED` (`item-not-found` where the archive forgot the id), `ERR_TIMEOUT`, `ERR_OFFLINE`
   */
  page(archive: string, position: ArchivePosition): Promise<ArchivePage>;
  /** Takes a result in; `false` where nobody asked for it. */
  take(result: ArchiveResult): boolean;
}

/** Servers cut what is more than they give at once (Prosody 50, ejabberd 250): each page costs them a search, some of all that they have. */
const PAGE = 250;
const PATIENCE = 60_000;

/** Makes a reader over a link; `own` is the account's bare JID. */
export function createArchiveReader(link: Link, own: string, random: RandomSource): ArchiveReader {
  const open = new Map<string, { readonly archive: string; readonly messages: Arrived[] }>();
  return {
    async page(archive, position) {
      const queryid = toHex(drawOctets(random, 16));
      const messages: Arrived[] = [];
      open.set(queryid, { archive, messages });
      try {
        const request = element(NS.CLIENT, 'iq', { type: 'set', to: archive === own ? undefined : archive }, [
          queryElement(queryid, position),
        ]);
        const answer = await link.query(request, { timeout: PATIENCE });
        const fin = child(answer, NS.MAM, 'fin');
        const set = fin && child(fin, XMPP.RSM, 'set');
        const lastElement = set && child(set, XMPP.RSM, 'last');
        const last = (lastElement && textOf(lastElement)) || messages.at(-1)?.archived?.id;
        const isComplete = fin === undefined || attribute(fin, 'complete') === 'true';
        return { messages, last, isComplete };
      } finally {
        open.delete(queryid);
      }
    },
    take({ archive, queryid, arrived }) {
      const query = queryid === undefined ? undefined : open.get(queryid);
      if (query === undefined || query.archive !== archive || arrived === undefined) return false;
      query.messages.push(arrived);
      return true;
    },
  };
}

function queryElement(queryid: string, position: ArchivePosition): XmlElement {
  const field = (name: string, value: string, type?: string): XmlElement =>
    element(XMPP.DATA, 'field', { var: name, type }, [element(XMPP.DATA, 'value', {}, [value])]);
  const fields = [field('FORM_TYPE', NS.MAM, 'hidden')];
  if ('start' in position) fields.push(field('start', new Date(position.start).toISOString()));
  const paging = [element(XMPP.RSM, 'max', {}, [String(PAGE)])];
  if ('after' in position) paging.push(element(XMPP.RSM, 'after', {}, [position.after]));
  return element(NS.MAM, 'query', { queryid }, [
    element(XMPP.DATA, 'x', { type: 'submit' }, fields),
    element(XMPP.RSM, 'set', {}, paging),
  ]);
}
