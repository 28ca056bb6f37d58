/**
 * Where in a file of XEP-0227 things stand.
 * @module
 */
import { attribute, NS, type XmlElement } from '@stanzaseal/stanza';

/** Elements that hold others: `start` is the file itself. */
export type Place = 'start' | 'server' | 'host' | 'user' | 'archive' | 'offline';

/** An element that is open, and whose it is. */
export interface Holder {
  readonly place: Place;
  /** Domain, once it is known. */
  readonly host?: string;
  /** Local part, once it is known. */
  readonly user?: string;
}

/** What is done with an element: it is entered, taken as an item, passed over, or another file stands in its place. */
export type Step =
  | { readonly do: 'enter'; readonly holder: Holder }
  | { readonly do: 'include'; readonly href: string }
  | { readonly do: 'take' | 'skip' | 'refuse' };

/** XEP-0227, and its namespace from before it had one. */
export const PIE = 'urn:xmpp:pie:0';
const OLD_PIE = 'http://www.xmpp.org/extensions/xep-0227.html#ns';
/** Message archives in it. */
export const PIE_ARCHIVE = 'urn:xmpp:pie:0#mam';
const XINCLUDE = 'http://www.w3.org/2001/XInclude';

/** What is done with an element inside a holder, by its start tag. */
export function stepInto(holder: Holder, tag: XmlElement): Step {
  const { place } = holder;
  if (place === 'archive' || place === 'offline') return { do: 'take' };
  const { namespace, name } = tag;
  if (namespace === XINCLUDE && name === 'include') return includeOf(tag);
  const isPie = namespace === PIE || namespace === OLD_PIE;
  const enter = (next: Place, more: Partial<Holder> = {}): Step => ({
    do: 'enter',
    holder: { ...holder, ...more, place: next },
  });
  if (place === 'start' && isPie && name === 'server-data') return enter('server');
  if ((place === 'server' || place === 'start') && isPie && name === 'host')
    return enter('host', { host: attribute(tag, 'jid') ?? '' });
  if (place === 'host' && isPie && name === 'user') return enter('user', { user: attribute(tag, 'name') ?? '' });
  if (place === 'user' && namespace === PIE_ARCHIVE && name === 'archive') return enter('archive');
  if (place === 'user' && isPie && name === 'offline-messages') return enter('offline');
  // What is of this format and in the wrong place is damage; what is of another is nobody's business here.
  return { do: place === 'start' || isPie ? 'refuse' : 'skip' };
}

/** Of XInclude only what XEP-0227 asks for: a relative URI, the whole of the file, as XML. */
function includeOf(tag: XmlElement): Step {
  const href = attribute(tag, 'href') ?? '';
  const isPlain = attribute(tag, 'parse') === undefined && attribute(tag, 'xpointer') === undefined;
  return isPlain && href !== '' ? { do: 'include', href } : { do: 'refuse' };
}

/** Namespaces of results in an archive: XEP-0313 and its version before. */
export const RESULTS: readonly string[] = [NS.MAM, 'urn:xmpp:mam:1'];
