/**
 * A component (XEP-0114) beside any server that vouches for the accounts of its domain: it is asked by iq, reads what the account publishes,
 * and answers the account itself.
 *
 * ```xml
 * <iq type='get' from='juliet@capulet.example/balcony' to='vouch.capulet.example'><vouch xmlns='urn:xmpp:sealed:trust:0'/></iq>
 * <iq type='result' ...><vouch xmlns='urn:xmpp:sealed:trust:0'>BASE64</vouch></iq>
 * ```
 * @module
 */
import { type RandomSource, toBase64 } from '@stanzaseal/cms';
import { attribute, element, type XmlElement } from '@stanzaseal/stanza';
import { VERIFICATION_NAMESPACE } from '@stanzaseal/trust';
import {
  createVouchService,
  type VouchAccounts,
  type VouchOutcome,
  type VouchServiceParameters,
} from '@stanzaseal/trust/vouching';
import { CURRENT, NODES, readItem } from '../keys/nodes.js';
import { fetchItems, isRefusal } from '../keys/pubsub.js';
import type { Link } from '../link.js';
import type { XmppEntity } from '../xmppEntity.js';
import { XmppError } from '../xmppError.js';
import { createXmppLink } from '../xmppLink.js';

/** What a component needs. */
export interface VouchComponentParameters extends Omit<VouchServiceParameters, 'accounts'> {
  /** JID of the component, as the server knows it. */
  readonly component: string;
  /** Where the ids of its own requests come from. */
  readonly random: RandomSource;
  /** Called with each request that was answered: for a log. */
  readonly onRequest?: (from: string, outcome: VouchOutcome) => void;
}

/** A component at work. */
export interface VouchComponent {
  /** The domain for whose accounts it vouches. */
  readonly domain: string;
  /** Answers no more; the connection stays its owner's. */
  close(): void;
}

const CONDITIONS = { 'other-domain': 'forbidden', 'no-list': 'item-not-found', 'bad-list': 'not-acceptable' } as const;

/**
 * Answers requests on a component of `@xmpp/component`, which the caller starts and stops.
 * @throws RangeError as `createVouchService`
 * @example
 * const vouching = vouchComponent(entity, { component: 'vouch.capulet.example', key, domainStatement, clock: Date.now, random, crypto });
 * await entity.start();
 */
export function vouchComponent(entity: XmppEntity, parameters: VouchComponentParameters): VouchComponent {
  const { component, random } = parameters;
  const link = createXmppLink(entity, { owner: component, random });
  const { domain, end } = serveVouches(link, parameters);
  return {
    domain,
    close() {
      end();
      link.close();
    },
  };
}

/** The same on a link. */
export function serveVouches(
  link: Link,
  { onRequest, ...parameters }: Omit<VouchComponentParameters, 'component' | 'random'>,
): { readonly domain: string; readonly end: () => void } {
  const service = createVouchService({ ...parameters, accounts: publishedLists(link) });
  const end = link.answer({ type: 'get', namespace: VERIFICATION_NAMESPACE, name: 'vouch' }, async (iq) => {
    // The server put the address there (RFC 6120 §8.1.2.1); of other domains' servers that is not believed, nor needed.
    const from = attribute(iq, 'from') ?? '';
    const outcome = await service.vouch(from);
    onRequest?.(from, outcome);
    if (outcome.kind === 'vouched') return vouchElement(outcome.statement);
    const condition = CONDITIONS[outcome.reason];
    throw new XmppError('ERR_REFUSED', `answered with ${condition}`, { condition });
  });
  return { domain: service.domain, end };
}

/** What accounts publish by PEP, as everybody may read it. A refusal is none: of a node that is not there Prosody says `forbidden`. */
function publishedLists(link: Link): VouchAccounts {
  return {
    async deviceList(jid) {
      try {
        const items = await fetchItems(link, { to: jid, node: NODES.DEVICES, ids: [CURRENT] });
        return items.map((item) => readItem(NODES.DEVICES, item)).find((item) => item?.id === CURRENT)?.der;
      } catch (cause) {
        if (isRefusal(cause)) return undefined;
        throw cause;
      }
    },
  };
}

/** `<vouch/>` with a statement, or without: the question. */
export function vouchElement(statement?: Uint8Array): XmlElement {
  return element(VERIFICATION_NAMESPACE, 'vouch', {}, statement === undefined ? [] : [toBase64(statement)]);
}
