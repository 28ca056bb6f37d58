/**
 * Asking for a vouch: the account's own client does, and gives the statement to whom it wants to be known to.
 * @module
 */
import { CmsError, fromBase64, type RandomSource } from '@stanzaseal/cms';
import { child, element, NS, textOf } from '@stanzaseal/stanza';
import { VERIFICATION_NAMESPACE } from '@stanzaseal/trust';
import type { Link } from '../link.js';
import type { XmppEntity } from '../xmppEntity.js';
import { XmppError } from '../xmppError.js';
import { createXmppLink } from '../xmppLink.js';
import { vouchElement } from './vouchComponent.js';

/** Whom to ask. */
export interface VouchRequest {
  /** Own bare JID. */
  readonly owner: string;
  /** JID of the component that vouches. */
  readonly service: string;
  /** Where the id of the request comes from. */
  readonly random: RandomSource;
}

const ONLINE_IN = 2_000;
/** More than a statement takes, in characters of base64. */
const MAX_CHARACTERS = 90_000;

/**
 * A vouch for the own account: DER, unchecked; `checkVouch` of `@stanzaseal/trust/vouching` says what it is worth.
 * @param entity a client of `@xmpp/client` that is online
 * @throws XmppError `ERR_REFUSED`: `item-not-found` before the account has published its keys, `forbidden` for an account of another domain;
 * `ERR_TIMEOUT`, `ERR_OFFLINE`
 * @example
 * const statement = await requestVouch(client, { owner: 'juliet@capulet.example', service: 'vouch.capulet.example', random });
 */
export async function requestVouch(entity: XmppEntity, { owner, service, random }: VouchRequest): Promise<Uint8Array> {
  const link = createXmppLink(entity, { owner, random });
  try {
    await online(link);
    return await vouchFrom(link, service);
  } finally {
    link.close();
  }
}

/** A link over a client that is online is online itself a little later. */
async function online(link: Link): Promise<void> {
  for (const end = Date.now() + ONLINE_IN; !link.isOnline() && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The same on a link. @throws XmppError as `requestVouch` */
export async function vouchFrom(link: Link, service: string): Promise<Uint8Array> {
  const answer = await link.query(element(NS.CLIENT, 'iq', { type: 'get', to: service }, [vouchElement()]));
  const vouch = child(answer, VERIFICATION_NAMESPACE, 'vouch');
  const text = vouch === undefined ? '' : textOf(vouch);
  try {
    if (text === '' || text.length > MAX_CHARACTERS) throw new CmsError('ERR_DER', 'answer without a vouch');
    return fromBase64(text);
  } catch (cause) {
    throw new XmppError('ERR_REFUSED', 'the answer holds no vouch', { condition: 'undefined-condition', cause });
  }
}
