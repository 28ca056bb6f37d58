/**
 * By what copies of an ordinary stanza are told to be copies: that which nobody on its way rewrites.
 * @module
 */
import { type CryptoProvider, type MaybePromise, toUtf8 } from '@stanzaseal/cms';
import {
  attribute,
  element,
  isServerProcessed,
  NS,
  stanzaKind,
  stanzaType,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '@stanzaseal/stanza';

/** What servers add besides: when a message came, and under which id it was kept, as ejabberd still says it. */
const ADDED: readonly string[] = [NS.DELAY, 'urn:xmpp:mam:tmp'];

/**
 * SHA-256 over kind, type, id, bare addresses and content, without what servers add: stanza ids, hints, delays. The namespace of the stream
 * (client or server) does not matter. To be kept under a key: it could confirm a guess of the text (K15).
 */
export function contentDigest(
  root: XmlElement,
  from: string,
  to: string,
  crypto: CryptoProvider,
): MaybePromise<Uint8Array> {
  const kind = stanzaKind(root) ?? root.name;
  const type = stanzaType(root, kind as 'message');
  const content = root.children.filter((node) =>
    typeof node === 'string' ? node.trim() !== '' : !isServerProcessed(node) && !ADDED.includes(node.namespace),
  );
  const canonical = element(NS.CLIENT, kind, { type, id: attribute(root, 'id'), from, to }, content.map(ofClient));
  return crypto.sha256(toUtf8(writeXml(canonical)));
}

function ofClient(node: XmlNode): XmlNode {
  if (typeof node === 'string' || node.namespace !== NS.SERVER) return node;
  return { ...node, namespace: NS.CLIENT, children: node.children.map(ofClient) };
}
