/**
 * Fingerprints: key identifiers of identity keys as people read, paste and scan them.
 * @module
 */
import { equalConstantTime, fromHex, toHex } from '@stanzaseal/cms';
import { bareJid, NS, parseJid } from '@stanzaseal/stanza';
import { normalParty, type Party } from './runs/party.js';

export type { Party };

/** Digits in a group. */
export type GroupLength = 4 | 8;

/**
 * The fingerprint of a key identifier (32 octets): 64 hexadecimal digits in groups of eight, or of four. @throws RangeError for another length
 * @example
 * console.log(fingerprint(identity.keyIdentifier)); // 0f1e2d3c 4b5a6978 ...
 */
export function fingerprint(keyIdentifier: Uint8Array, group: GroupLength = 8): string {
  if (keyIdentifier.length !== 32) throw new RangeError('keyIdentifier is not 32 octets');
  return (toHex(keyIdentifier).match(group === 4 ? /.{4}/g : /.{8}/g) as string[]).join(' ');
}

/** The key identifier (32 octets) of a fingerprint; white space and the case of digits do not matter. @throws RangeError for anything else */
export function parseFingerprint(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  if (!/^[0-9a-f]{64}$/i.test(digits)) throw new RangeError('text is not a fingerprint of 64 hexadecimal digits');
  return fromHex(digits);
}

/**
 * The fingerprint with its account as a Trust Message URI (XEP-0434 §9.1), for links and QR codes.
 * @throws RangeError for an identity of another length; StanzaError `ERR_ADDRESS`
 * @example
 * fingerprintUri({ jid: 'juliet@capulet.example', identity });
 * // xmpp:juliet@capulet.example?trust-message;encryption=urn:xmpp:sealed:0;trust=0f1e2d3c...
 */
export function fingerprintUri(party: Party): string {
  const { jid, identity } = normalParty(party);
  return `xmpp:${encodeAddress(jid)}?trust-message;encryption=${NS.SEALED};trust=${toHex(identity)}`;
}

/**
 * Account and key identifier of a Trust Message URI. It says what somebody claims; whoever scans it from the right person's screen may
 * believe it.
 * @throws RangeError for any other URI, for other encryptions, and for one that trusts two keys or distrusts one
 */
export function parseFingerprintUri(uri: string): Party {
  const match = /^xmpp:([^/?#]+)\?trust-message;encryption=([^;]*);trust=([0-9a-f]{64})$/i.exec(uri.trim());
  try {
    const [, address = '', encryption = '', digits = ''] = match as RegExpExecArray;
    if (decodeURIComponent(encryption) !== NS.SEALED) throw new RangeError('encryption is another');
    return { jid: bareJid(decodeURIComponent(address)), identity: fromHex(digits) };
  } catch (cause) {
    throw new RangeError('uri is not a trust message URI of one identity key for sealed stanzas', { cause });
  }
}

/** What a comparison came to: the key, another key, or the fingerprint of another account. */
export type Comparison = 'same' | 'different' | 'other-account';

/**
 * Compares what was pasted or scanned, a fingerprint or a URI, with whom it should be, in time that does not depend on where they
 * differ.
 * @throws RangeError for a text that is neither, which is no mismatch
 */
export function compareFingerprint(party: Party, text: string): Comparison {
  const { jid, identity } = normalParty(party);
  const isUri = /^\s*xmpp:/i.test(text);
  const claimed = isUri ? parseFingerprintUri(text) : { jid, identity: parseFingerprint(text) };
  if (claimed.jid !== jid) return 'other-account';
  return equalConstantTime(claimed.identity, identity) ? 'same' : 'different';
}

/** A JID in a URI (RFC 5122 §2.7): what is neither a letter, a digit nor harmless goes as UTF-8 in percent signs. */
function encodeAddress(jid: string): string {
  const { local, domain } = parseJid(jid);
  const host = encodeURIComponent(domain).replace(/%5B|%5D|%3A/g, decodeURIComponent);
  return local === undefined || local === '' ? host : `${encodeURIComponent(local)}@${host}`;
}
