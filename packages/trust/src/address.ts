/**
 * Addresses as certificates and user ids write them.
 * @module
 */
import { bareJid } from '@stanzaseal/stanza';

/** The address in `xmpp:juliet@capulet.example` (RFC 5122 §2.2): no authority, no query, no fragment. `undefined` for any other text. */
export function addressInUri(uri: string): string | undefined {
  const [, path] = /^xmpp:([^/?#]+)$/i.exec(uri) ?? [];
  try {
    return path === undefined ? undefined : decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Whether an address as somebody wrote it is the bare JID, which is in normal form (T22). */
export function isBare(address: string | undefined, jid: string): boolean {
  if (address === undefined || address.includes('/')) return false;
  try {
    return bareJid(address) === jid;
  } catch {
    return false;
  }
}
