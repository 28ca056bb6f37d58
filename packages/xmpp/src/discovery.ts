/**
 * What this client says of itself (XEP-0030, XEP-0115), what a server says of itself, and the manners of sealed messages: EME, hints,
 * and a fallback text.
 * @module
 */
import { toBase64 } from '@stanzaseal/cms';
import { attribute, child, childrenOf, element, NS, withChildren, type XmlElement } from '@stanzaseal/stanza';
import { NOTIFY_FEATURES } from './keys/nodes.js';
import type { Link } from './link.js';
import { XMPP } from './namespaces.js';

/** An identity (XEP-0030 §3). */
export interface DiscoIdentity {
  /** `client`, `component`. */
  readonly category: string;
  /** `pc`, `phone`, `web`, `bot`. */
  readonly type: string;
  /** Name for people. */
  readonly name?: string;
}

/** What the application says of itself beside what this package does. */
export interface Disco {
  /** Who it is; `client`, `pc`, `stanzaseal` where it says nothing. */
  readonly identities?: readonly DiscoIdentity[];
  /** Features of its own. */
  readonly features?: readonly string[];
  /** URI that names its software; part of what contacts' servers remember. */
  readonly node?: string;
}

/** Features of this package: objects are opened, and said to be there (XEP-0380 §3.3). */
export const FEATURES: readonly string[] = [
  XMPP.DISCO_INFO,
  XMPP.CAPS,
  XMPP.PING,
  NS.SEALED,
  NS.EME,
  ...NOTIFY_FEATURES,
];

const IDENTITY: DiscoIdentity = { category: 'client', type: 'pc', name: 'stanzaseal' };
const NODE = 'urn:xmpp:sealed:0';

/** Answers who asks what this client can do. Gives what ends it. */
export function answerDisco(link: Link, disco: Disco = {}): () => void {
  return link.answer({ type: 'get', namespace: XMPP.DISCO_INFO, name: 'query' }, async (iq) => {
    const query = child(iq, XMPP.DISCO_INFO, 'query');
    const node = query && attribute(query, 'node');
    return element(XMPP.DISCO_INFO, 'query', { node }, [
      ...identitiesOf(disco).map(({ category, type, name }) =>
        element(XMPP.DISCO_INFO, 'identity', { category, type, name }),
      ),
      ...featuresOf(disco).map((feature) => element(XMPP.DISCO_INFO, 'feature', { var: feature })),
    ]);
  });
}

/**
 * What a presence carries so that servers know to whom new device lists are of interest (XEP-0115, XEP-0163 §4.3). The digest is
 * SHA-1, because servers know no other; it names a list of features and protects nothing.
 */
export async function capabilities(disco: Disco = {}): Promise<XmlElement> {
  const identities = identitiesOf(disco).map(({ category, type, name = '' }) => `${category}/${type}//${name}<`);
  const text = [...identities.sort(), ...featuresOf(disco).map((feature) => `${feature}<`)].join('');
  const digest = await globalThis.crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  const ver = toBase64(new Uint8Array(digest));
  return element(XMPP.CAPS, 'c', { hash: 'sha-1', node: disco.node ?? NODE, ver });
}

/** Features of an entity; of the own account where `jid` is `undefined`. @throws XmppError */
export async function featuresOfEntity(link: Link, jid: string | undefined): Promise<ReadonlySet<string>> {
  const request = element(NS.CLIENT, 'iq', { type: 'get', to: jid }, [element(XMPP.DISCO_INFO, 'query')]);
  const query = child(await link.query(request), XMPP.DISCO_INFO, 'query');
  const found = query === undefined ? [] : childrenOf(query, XMPP.DISCO_INFO, 'feature');
  return new Set(found.map((feature) => attribute(feature, 'var') ?? ''));
}

/**
 * Adds a text for clients that cannot open the object, to messages that are worth keeping: not to chat states. Who opens the object
 * never sees it.
 */
export function withFallback(stanza: XmlElement, fallback: string | undefined): XmlElement {
  const isKept = childrenOf(stanza, NS.HINTS, 'store').length > 0;
  if (fallback === undefined || !isKept || child(stanza, NS.SEALED, 'sealed') === undefined) return stanza;
  return withChildren(stanza, [...stanza.children, element(NS.CLIENT, 'body', {}, [fallback])]);
}

function identitiesOf({ identities }: Disco): readonly DiscoIdentity[] {
  return identities === undefined || identities.length === 0 ? [IDENTITY] : identities;
}

/** Each once, in the order that XEP-0115 §5.1 digests: by octets. */
function featuresOf({ features = [] }: Disco): string[] {
  return [...new Set([...FEATURES, ...features])].sort((a, b) => (a < b ? -1 : 1));
}
