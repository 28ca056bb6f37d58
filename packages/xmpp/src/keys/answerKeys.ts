/**
 * Answering those who ask this device for its account's keys: `<keys xmlns='urn:xmpp:sealed:0'/>` (specification, section 10.6).
 * @module
 */
import type { Clock } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import { element, NS } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XmppError } from '../xmppError.js';
import { keyPayload, NODES } from './nodes.js';

/** Answers in a minute at most: each has some 7 kB. */
const ANSWERS = 30;
const MINUTE = 60_000;

/** Answers with the list and this device's bundle as they were last signed; `item-not-found` before that. Gives what ends it. */
export function answerKeys(link: Link, store: KeyStore, clock: Clock): () => void {
  let answered: number[] = [];
  return link.answer({ type: 'get', namespace: NS.SEALED, name: 'keys' }, async () => {
    const now = clock();
    answered = answered.filter((at) => at > now - MINUTE && at <= now);
    if (answered.length >= ANSWERS) throw refusal('resource-constraint');
    answered.push(now);
    const account = await store.get('account', 'self');
    const { deviceList, bundle, rolledBackTo } = account ?? {};
    if (deviceList === undefined || bundle === undefined || rolledBackTo !== undefined) throw refusal('item-not-found');
    return element(NS.SEALED, 'keys', {}, [keyPayload(NODES.DEVICES, deviceList), keyPayload(NODES.BUNDLES, bundle)]);
  });
}

function refusal(condition: string): XmppError {
  return new XmppError('ERR_REFUSED', `answered with ${condition}`, { condition });
}
