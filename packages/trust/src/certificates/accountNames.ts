/**
 * Whether a certificate names an account or a domain (RFC 6120 §13.7.1). A common name is nobody's name: it is never looked at.
 * @module
 */
import { DerReader } from '@stanzaseal/cms';
import { parseJid } from '@stanzaseal/stanza';
import { addressInUri, isBare } from '../address.js';
import type { Certificate } from './certificate.js';
import { alternativeNames } from './extensions.js';
import { asciiText, type GeneralName } from './generalName.js';

/** By which of its names a certificate names somebody. */
export type NameMatch = 'xmppAddr' | 'uri' | 'srv' | 'dns';

/** id-on-xmppAddr (RFC 6120 §13.7.1.4): a UTF8String. */
export const XMPP_ADDR = '1.3.6.1.5.5.7.8.5';
/** id-on-dnsSRV (RFC 4985 §2): an IA5String `_xmpp-client.capulet.example`. */
export const DNS_SRV = '1.3.6.1.5.5.7.8.7';

/**
 * How a certificate names the account or domain of a JID; `undefined` where it does not. An account is named by id-on-xmppAddr or by
 * an `xmpp:` URI; a domain also by SRVName for XMPP and by dNSName, whose first label may be `*`. A server's certificate names no account:
 * what a server says of its accounts is a vouch.
 * @param jid bare JID in normal form
 * @throws CmsError `ERR_DER` for names that cannot be read
 */
export function nameMatch(certificate: Certificate, jid: string): NameMatch | undefined {
  const isDomain = parseJid(jid).local === '';
  for (const name of alternativeNames(certificate)) {
    const match = isDomain ? (accountMatch(name, jid) ?? domainMatch(name, jid)) : accountMatch(name, jid);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** The domains that a name is about, for name constraints: those of accounts and services, which RFC 5280 has no constraints for. */
export function domainOf(name: GeneralName): string | undefined {
  if (name.form === 'uri') return hostPart(addressInUri(name.text));
  if (name.form !== 'other') return undefined;
  if (name.type === XMPP_ADDR) return hostPart(utf8In(name.value));
  if (name.type === DNS_SRV) return asciiIn(name.value).replace(/^_[^.]*\./, '');
  return undefined;
}

function accountMatch(name: GeneralName, jid: string): NameMatch | undefined {
  if (name.form === 'uri') return isBare(addressInUri(name.text), jid) ? 'uri' : undefined;
  if (name.form !== 'other' || name.type !== XMPP_ADDR) return undefined;
  return isBare(utf8In(name.value), jid) ? 'xmppAddr' : undefined;
}

function domainMatch(name: GeneralName, domain: string): NameMatch | undefined {
  if (name.form === 'dns') return isHost(name.text, domain) ? 'dns' : undefined;
  if (name.form !== 'other' || name.type !== DNS_SRV) return undefined;
  const [, host] = /^_xmpp-(?:client|server)\.(.+)$/i.exec(asciiIn(name.value)) ?? [];
  return isBare(host, domain) ? 'srv' : undefined;
}

/** `*` stands for exactly one whole label, the first (RFC 9525 §6.3). */
function isHost(name: string, domain: string): boolean {
  if (!name.startsWith('*.')) return isBare(name, domain);
  const dot = domain.indexOf('.');
  // Not for a whole top-level domain.
  return dot > 0 && domain.indexOf('.', dot + 1) > 0 && isBare(name.slice(2), domain.slice(dot + 1));
}

function hostPart(address: string | undefined): string | undefined {
  return address?.replace(/^.*@/s, '').replace(/\/.*$/s, '');
}

function utf8In(der: Uint8Array): string {
  const reader = new DerReader(der);
  const text = reader.utf8String();
  reader.end();
  return text;
}

function asciiIn(der: Uint8Array): string {
  const reader = new DerReader(der);
  const text = asciiText(reader.primitive(0x16));
  reader.end();
  return text;
}
