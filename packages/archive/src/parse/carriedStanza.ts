/**
 * Carbon copies (XEP-0280): what they carry is the stanza, and the copy is no message of its own.
 * @module
 */
import { attribute, bareJid, child, childrenOf, NS, stanzaKind, writeXml, type XmlElement } from '@stanzaseal/stanza';

/** The stanza in a carbon copy to an owner, and its text; `undefined` for anything else. Only the owner's own server makes them (CVE-2017-5589). */
export function carriedStanza(
  root: XmlElement,
  owner: string,
): { readonly stanza: XmlElement; readonly text: string } | undefined {
  const carbon = child(root, NS.CARBONS, 'received') ?? child(root, NS.CARBONS, 'sent');
  if (carbon === undefined || stanzaKind(root) !== 'message') return undefined;
  const from = attribute(root, 'from');
  if (from !== undefined && !isOwner(from, owner)) return undefined;
  const forwarded = child(carbon, NS.FORWARD, 'forwarded');
  const [stanza, ...more] = forwarded === undefined ? [] : childrenOf(forwarded).filter(stanzaKind);
  if (stanza === undefined || more.length > 0) return undefined;
  return { stanza, text: writeXml(stanza, { defaultNamespace: NS.CLIENT }) };
}

function isOwner(from: string, owner: string): boolean {
  try {
    return bareJid(from) === owner;
  } catch {
    return false;
  }
}
