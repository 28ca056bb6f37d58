/**
 * JIDs (RFC 7622) in their one normal form, so that addresses compare as strings (T22).
 * @module
 */
import { toUtf8 } from '@stanzaseal/cms';
import { addressError } from './stanzaError.js';

/** A JID taken apart, each part normalised; absent parts are `''`. */
export interface Jid {
  /** Localpart. */
  readonly local: string;
  /** Domainpart. */
  readonly domain: string;
  /** Resourcepart. */
  readonly resource: string;
}

/** Greatest length of a part in octets (RFC 7622 §3.1). */
const PART_OCTETS = 1023;

/** Takes a JID apart. @throws StanzaError `ERR_ADDRESS` for what cannot be normalised */
export function parseJid(text: string): Jid {
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  const resource = slash < 0 ? '' : normaliseResource(text.slice(slash + 1));
  const at = bare.indexOf('@');
  const local = at < 0 ? '' : normaliseLocal(bare.slice(0, at));
  return { local, domain: normaliseDomain(bare.slice(at + 1)), resource };
}

/** The bare JID of a JID, normalised. @throws StanzaError `ERR_ADDRESS` */
export function bareJid(text: string): string {
  if (text === lastText) return lastBare;
  const { local, domain } = parseJid(text);
  lastBare = local === '' ? domain : `${local}@${domain}`;
  lastText = text;
  return lastBare;
}

// A conversation asks for the same address again and again.
let lastText = '';
let lastBare = '';

/** The JID, normalised, with its resource if it has one. @throws StanzaError `ERR_ADDRESS` */
export function fullJid(text: string): string {
  const { resource } = parseJid(text);
  return resource === '' ? bareJid(text) : `${bareJid(text)}/${resource}`;
}

const PLAIN_LOCAL = /^[a-z0-9!#$%()*+,\-.;=?[\\\]^_`{|}~]+$/;

/** UsernameCaseMapped (RFC 8265 §3.3): width mapping, lower case, NFC, IdentifierClass, bidi rule; and RFC 7622 §3.3.1. */
function normaliseLocal(text: string): string {
  if (PLAIN_LOCAL.test(text)) return checkLength(text);
  const mapped = mapWidth(text).toLowerCase().normalize('NFC');
  if (/["&'/:<>@\s]/u.test(mapped)) throw addressError('localpart holds a character that is not allowed');
  if (!isIdentifier(mapped) || !followsBidiRule(mapped)) throw addressError('localpart is not a PRECIS identifier');
  return checkLength(mapped);
}

/** UTS 46 mapping by the platform's URL parser (non-transitional), ASCII form; without a trailing dot. */
function normaliseDomain(text: string): string {
  const trimmed = text.endsWith('.') ? text.slice(0, -1) : text;
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(trimmed) && !trimmed.includes('xn--') && !/(^|\.)[0-9x]+$/.test(trimmed)) {
    return checkLength(trimmed);
  }
  if (trimmed === '' || /[\s/?#@\\%:]/u.test(trimmed.startsWith('[') ? '' : trimmed)) throw addressError('domainpart is not a domain');
  let host: string;
  try {
    host = new URL(`http://${trimmed}/`).hostname;
  } catch (cause) {
    throw addressError('domainpart is not a domain', cause);
  }
  if (host === '' || host.endsWith('.')) throw addressError('domainpart is not a domain');
  return checkLength(host);
}

/** OpaqueString (RFC 8265 §4.2): other spaces become a space, NFC, FreeformClass. */
function normaliseResource(text: string): string {
  const mapped = text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  if (mapped === '' || /[\p{Cc}\p{Cs}\p{Cn}\p{Co}]/u.test(mapped)) throw addressError('resourcepart is not a PRECIS string');
  return checkLength(mapped);
}

function mapWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e\uffe0-\uffe6\uff61-\uffdc\u3000]/gu, (character) => character.normalize('NFKC'));
}

/** IdentifierClass (RFC 8264 §4.2): letters and digits, printable ASCII, and the exceptions of §9.6. */
function isIdentifier(text: string): boolean {
  if (text === '') return false;
  for (const character of text) {
    if (/^[\x21-\x7e\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]$/u.test(character)) continue;
    if (!/^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u.test(character)) return false;
    if (/^[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]$/u.test(character)) return false;
    if (character.normalize('NFKC') !== character) return false;
  }
  return true;
}

/** The bidi rule (RFC 5893 §2) in the part that decides: no right-to-left text mixed with left-to-right letters. */
function followsBidiRule(text: string): boolean {
  const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]|[\u{10800}-\u{10fff}]|[\u{1e800}-\u{1efff}]/u;
  if (!rightToLeft.test(text)) return true;
  return !/[A-Za-z\u00c0-\u024f\u0370-\u052f]/u.test(text) && rightToLeft.test([...text][0] as string);
}

function checkLength(part: string): string {
  if (part === '' || toUtf8(part).length > PART_OCTETS) throw addressError('part of the address is empty or too long');
  return part;
}
