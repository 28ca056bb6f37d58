/**
 * The domainpart of a JID (RFC 7622 §3.2): labels of letters, digits and hyphens or U-labels, or an IP address.
 * @module
 */

import { followsBidiRule, isIdentifierClass } from './precis.js';
import { decodePunycode } from './punycode.js';
import { addressError } from './stanzaError.js';

/**
 * Normal form of a domainpart: mapped by UTS 46, lower case, U-labels, no trailing dot. The tables of UTS 46 are those of the
 * runtime's `URL`, which every browser and Node have; its leniency is fenced in by checks before and after.
 * @throws StanzaError `ERR_ADDRESS`
 */
export function normaliseDomain(text: string): string {
  if (text.startsWith('[')) return normaliseIpv6(text);
  // RFC 7622 §3.2: the final dot goes before everything else; UTS 46 §2.3 knows three more characters for a dot.
  const domain = /[.\u3002\uff0e\uff61]$/.test(text) ? text.slice(0, -1) : text;
  if (/^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i.test(domain) && !/xn--/i.test(domain)) {
    const lower = domain.toLowerCase();
    for (const label of lower.split('.')) if (!isLabel(label)) throw notADomain();
    return lower;
  }
  // An ASCII character that is not letter, digit, hyphen or dot would make the URL parser see a port, a path, a user or an escape.
  if (domain.length > 1023 || !/^[A-Za-z\d.\-\u0080-\uffff]+$/.test(domain)) throw notADomain();
  const ascii = toAscii(domain);
  const labels = ascii.split('.').map(toUnicodeLabel);
  const unicode = labels.join('.');
  // There and back: refuses A-labels that are not what the U-label would be written as (RFC 5890 §2.3.2.1).
  if (toAscii(unicode) !== ascii) throw notADomain();
  return unicode;
}

function toAscii(domain: string): string {
  try {
    // The label appended keeps a domain that ends in digits from being read as an IPv4 address.
    return new URL(`http://${domain}.x/`).hostname.slice(0, -2);
  } catch (cause) {
    throw notADomain(cause);
  }
}

function toUnicodeLabel(ascii: string): string {
  if (ascii.length > 63) throw notADomain();
  if (!ascii.startsWith('xn--')) {
    if (!isLabel(ascii)) throw notADomain();
    return ascii;
  }
  const label = decodePunycode(ascii.slice(4));
  // RFC 5892's valid code points are those of the IdentifierClass, but that ASCII is letters, digits and hyphens only.
  if (
    label === undefined ||
    !/[^\0-\x7f]/.test(label) ||
    /[\0-,./:-`{-\x7f]/.test(label) ||
    /^-|-$|^..--/u.test(label) ||
    !isIdentifierClass(label)
  ) {
    throw notADomain();
  }
  // Not every URL parser checks this (Node 20 does not).
  if (!followsBidiRule(label)) {
    throw notADomain();
  }
  return label;
}

/** A label of letters, digits and hyphens that is not reserved (RFC 5890 §2.3.1: NR-LDH). */
function isLabel(label: string): boolean {
  return label.length <= 63 && /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/.test(label) && !label.startsWith('--', 2);
}

function normaliseIpv6(text: string): string {
  if (!/^\[[\da-f:.]{2,45}\]$/i.test(text)) throw notADomain();
  try {
    return new URL(`http://${text}/`).hostname; // as RFC 5952 writes it
  } catch (cause) {
    throw notADomain(cause);
  }
}

function notADomain(cause?: unknown): Error {
  return addressError('domainpart is no domain', cause);
}
