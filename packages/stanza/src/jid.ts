/**
 * JIDs (RFC 7622) in their one normal form, so that addresses compare as strings (T22).
 * @module
 */
import { normaliseDomain } from './jidDomain.js';
import { opaqueString, usernameCaseMapped } from './precis.js';
import { addressError } from './stanzaError.js';

/** A JID taken apart, each part normalised; absent parts are `''`. */
export interface Jid {
  /** Localpart, lower case. */
  readonly local: string;
  /** Domainpart: lower case, U-labels, no trailing dot; or an IP address. */
  readonly domain: string;
  /** Resourcepart. */
  readonly resource: string;
}

/**
 * Takes a JID apart and normalises each part.
 * @throws StanzaError `ERR_ADDRESS` for what cannot be normalised
 * @see RFC 7622 §3
 * @example
 * parseJid('Juliet@Example.COM/Balcony'); // { local: 'juliet', domain: 'example.com', resource: 'Balcony' }
 */
export function parseJid(text: string): Jid {
  const slash = text.indexOf('/');
  return {
    ...parseBare(slash < 0 ? text : text.slice(0, slash)),
    resource: slash < 0 ? '' : normaliseResource(text.slice(slash + 1)),
  };
}

/**
 * The bare JID of a JID, normalised. Of a resourcepart only the length is judged: servers let nicknames pass that RFC 8265 refuses
 * (emoji with a variation selector), and a room must not become unreadable for one.
 * @throws StanzaError `ERR_ADDRESS`
 */
export function bareJid(text: string): string {
  const slash = text.indexOf('/');
  if (slash >= 0) checkLength(text.slice(slash + 1), 'resourcepart');
  const bare = slash < 0 ? text : text.slice(0, slash);
  // 63 is the longest label, so no label needs counting; hyphens stand alone, so there is no A-label.
  if (bare.length <= 63 && NORMAL.test(bare)) return bare;
  const { local, domain } = parseBare(bare);
  return local === '' ? domain : `${local}@${domain}`;
}

/** The JID, normalised, with its resourcepart if it has one. @throws StanzaError `ERR_ADDRESS` */
export function fullJid(text: string): string {
  const { local, domain, resource } = parseJid(text);
  return `${local === '' ? '' : `${local}@`}${domain}${resource === '' ? '' : `/${resource}`}`;
}

// What most addresses are: plain ASCII that is its own normal form.
const NORMAL = /^(?:[!#-%(-.0-9;=?[-~]+@)?[a-z\d]+(?:[-.][a-z\d]+)*$/;

/** RFC 7622 §3.1: the resourcepart went with the first `/`, and the localpart ends at the first `@`. */
function parseBare(bare: string): { readonly local: string; readonly domain: string } {
  const at = bare.indexOf('@');
  return {
    local: at < 0 ? '' : normaliseLocal(bare.slice(0, at)),
    domain: checkLength(normaliseDomain(bare.slice(at + 1)), 'domainpart'),
  };
}

/** RFC 7622 §3.3: UsernameCaseMapped without the characters of §3.3.1. */
function normaliseLocal(text: string): string {
  checkLength(text, 'localpart');
  if (/^[!#-%(-.0-9;=?A-~]+$/.test(text)) return text.toLowerCase();
  const mapped = usernameCaseMapped(text);
  if (mapped === undefined) throw addressError('localpart is no PRECIS username');
  // After mapping: full-width forms of these are forbidden as well.
  if (/["&'/:<>@]/.test(mapped)) throw addressError('localpart holds a forbidden character');
  return checkLength(mapped, 'localpart');
}

/** RFC 7622 §3.4: OpaqueString. A leading space is refused as §3.5 (example 18) does. */
function normaliseResource(text: string): string {
  checkLength(text, 'resourcepart');
  const mapped = /^[ -~]+$/.test(text) ? text : opaqueString(text);
  if (mapped === undefined || mapped.startsWith(' ')) throw addressError('resourcepart is no PRECIS opaque string');
  return checkLength(mapped, 'resourcepart');
}

/** RFC 7622 §3.1: a part has 1 to 1023 octets, before the mapping (which costs time) and after. */
function checkLength(part: string, name: string): string {
  const units = part.length;
  if (units === 0) throw addressError(`${name} is empty`);
  if (units > 341 && (units > 1023 || new TextEncoder().encode(part).length > 1023))
    throw addressError(`${name} is longer than 1023 octets`);
  return part;
}
