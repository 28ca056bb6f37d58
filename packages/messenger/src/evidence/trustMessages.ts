/**
 * Decisions on their way to the account's own devices (XEP-0434, XEP-0450): one verification serves all of them.
 * @module
 */
import { equal, toHex } from '@stanzaseal/cms';
import type { TrustLevel } from '@stanzaseal/keystore';
import { element, NS, type XmlElement } from '@stanzaseal/stanza';
import { LEVEL_OF, readTrustMessage, type TrustDecision, trustMessage } from '@stanzaseal/trust/levels';
import { storedKey } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import type { Opened } from '../open.js';
import type { Session } from '../session.js';
import * as trust from '../trust.js';

/**
 * A message to oneself with what this device decided: the identity keys that it verified, and those it took its word back of. Seal it
 * `{ to: messenger.owner }` and send it.
 * @param jids accounts to tell of; left out: all contacts
 * @returns `undefined` where there is nothing to tell
 */
export function exportTrustMessage(messenger: Messenger, jids?: readonly string[]): Promise<XmlElement | undefined> {
  return within(messenger, async (session) => {
    const decisions: TrustDecision[] = [];
    for (const [jid, contact] of await session.store.entries('contacts')) {
      if (jids !== undefined && !jids.includes(jid)) continue;
      const decision = await decisionOf(session, jid, contact.identity, contact.trust);
      if (decision !== undefined) decisions.push(decision);
    }
    if (decisions.length === 0) return undefined;
    return element(NS.CLIENT, 'message', { type: 'chat', to: session.store.owner }, [trustMessage(decisions)]);
  });
}

/**
 * Takes in what another own device decided. What anybody else says is not taken in, whoever it is: it would let a contact raise
 * contacts of their choice.
 * @param opened what opened from a stanza with a trust message
 * @returns the accounts whose level is another now; `undefined` where there was no trust message of an own device
 */
export function importTrustMessage(
  messenger: Messenger,
  opened: Pick<Opened, 'stanza' | 'sender'>,
): Promise<readonly { readonly jid: string; readonly trust: TrustLevel }[] | undefined> {
  return within(messenger, async (session) => {
    const decisions = opened.sender.jid === session.store.owner ? readTrustMessage(opened.stanza) : undefined;
    if (decisions === undefined) return undefined;
    const by = toHex(opened.sender.device);
    const changed: { jid: string; trust: TrustLevel }[] = [];
    for (const decision of decisions) {
      if (decision.jid === session.store.owner) continue;
      const before = (await session.store.get('contacts', decision.jid))?.trust ?? 'unverified';
      const after = await takeDecision(session, decision, by);
      if (after !== before) changed.push({ jid: decision.jid, trust: after });
    }
    return changed;
  });
}

async function decisionOf(
  session: Session,
  jid: string,
  identity: Uint8Array,
  level: TrustLevel,
): Promise<TrustDecision | undefined> {
  const { keyIdentifier } = await storedKey('Ed25519', identity, session.crypto);
  if (level === 'verified') return { jid, keyIdentifier, trusted: true };
  const isTakenBack = (await trust.evidenceOf(session, jid)).some(
    ([, one]) => LEVEL_OF[one.kind] === 'verified' && one.revokedAt !== undefined && equal(one.identity, identity),
  );
  return isTakenBack ? { jid, keyIdentifier, trusted: false } : undefined;
}

async function takeDecision(
  session: Session,
  { jid, keyIdentifier, trusted }: TrustDecision,
  by: string,
): Promise<TrustLevel> {
  const at = session.clock();
  const evidence = { jid, identity: keyIdentifier, kind: 'own-device', by, at } as const;
  if (trusted) return trust.recordEvidence(session, evidence);
  // A word taken back takes back what earned the level here too, for this key: the user decided it, on another device.
  let level = await trust.recordEvidence(session, { ...evidence, revokedAt: at });
  const contact = await session.store.get('contacts', jid);
  const key = contact && (await storedKey('Ed25519', contact.identity, session.crypto));
  for (const [, one] of await trust.evidenceOf(session, jid)) {
    const isOfKey =
      equal(one.identity, keyIdentifier) ||
      (key !== undefined && equal(key.keyIdentifier, keyIdentifier) && equal(one.identity, key.raw));
    if (LEVEL_OF[one.kind] === 'verified' && one.revokedAt === undefined && isOfKey) {
      level = await trust.recordEvidence(session, { ...one, revokedAt: at });
    }
  }
  return level;
}
