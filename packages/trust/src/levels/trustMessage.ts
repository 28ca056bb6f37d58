/**
 * Trust messages (XEP-0434): what one device decided of identity keys, for the account's other devices. They go sealed, and only
 * what an own device says is taken in.
 *
 * ```xml
 * <trust-message xmlns='urn:xmpp:tm:1' usage='urn:xmpp:atm:1' encryption='urn:xmpp:sealed:0'>
 *   <key-owner jid='juliet@capulet.example'><trust>BASE64 OF A KEY IDENTIFIER</trust></key-owner>
 * </trust-message>
 * ```
 * @module
 */
import { fromBase64, toBase64 } from '@stanzaseal/cms';
import { attribute, bareJid, element, NS, type XmlElement } from '@stanzaseal/stanza';

const TRUST_MESSAGES = 'urn:xmpp:tm:1';
const AUTOMATIC_TRUST_MANAGEMENT = 'urn:xmpp:atm:1';
const KEY_IDENTIFIER_LENGTH = 32;
const MAX_DECISIONS = 1000;

/** One decision. */
export interface TrustDecision {
  /** Bare JID of the key's owner. */
  readonly jid: string;
  /** Key identifier of the identity key: 32 octets. */
  readonly keyIdentifier: Uint8Array;
  /** Whether it was verified, or found not to be the owner's. */
  readonly trusted: boolean;
}

/** A trust message that carries decisions: the content of a message to oneself. */
export function trustMessage(decisions: readonly TrustDecision[]): XmlElement {
  const owners = new Map<string, XmlElement[]>();
  for (const { jid, keyIdentifier, trusted } of decisions) {
    const keys = owners.get(jid) ?? [];
    keys.push(element(TRUST_MESSAGES, trusted ? 'trust' : 'distrust', {}, [toBase64(keyIdentifier)]));
    owners.set(jid, keys);
  }
  return element(
    TRUST_MESSAGES,
    'trust-message',
    { usage: AUTOMATIC_TRUST_MANAGEMENT, encryption: NS.SEALED },
    [...owners].map(([jid, keys]) => element(TRUST_MESSAGES, 'key-owner', { jid }, keys)),
  );
}

/**
 * The decisions in a stanza's trust message; `undefined` where it has none for these keys. One that is not as it should be is taken
 * for none: half of a decision is none.
 */
export function readTrustMessage(stanza: XmlElement): readonly TrustDecision[] | undefined {
  const found = childrenOf(stanza).find(({ name }) => name === 'trust-message');
  if (found === undefined || attribute(found, 'encryption') !== NS.SEALED) return undefined;
  if (attribute(found, 'usage') !== AUTOMATIC_TRUST_MANAGEMENT) return undefined;
  const decisions: TrustDecision[] = [];
  try {
    for (const owner of childrenOf(found)) {
      const jid = bareJid(attribute(owner, 'jid') ?? '');
      for (const key of childrenOf(owner)) {
        const [text] = key.children;
        const keyIdentifier = typeof text === 'string' ? fromBase64(text) : new Uint8Array(0);
        const isDecision = key.name === 'trust' || key.name === 'distrust';
        if (owner.name !== 'key-owner' || !isDecision || keyIdentifier.length !== KEY_IDENTIFIER_LENGTH)
          return undefined;
        decisions.push({ jid, keyIdentifier, trusted: key.name === 'trust' });
      }
    }
  } catch {
    return undefined;
  }
  return decisions.length > MAX_DECISIONS ? undefined : decisions;
}

function childrenOf({ children }: XmlElement): XmlElement[] {
  return children.filter(
    (child): child is XmlElement => typeof child !== 'string' && child.namespace === TRUST_MESSAGES,
  );
}
