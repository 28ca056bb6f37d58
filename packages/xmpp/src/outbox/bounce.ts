/**
 * Reading an error that came back for a stanza: whether to try again, and whether it may be believed.
 * @module
 */
import { attribute, bareJid, child, StanzaError, type XmlElement } from '@stanzaseal/stanza';
import { refusalIn } from '../openQueries.js';

/** What an error says. */
export interface Bounce {
  /** Defined condition (RFC 6120 §8.3.3). */
  readonly condition: string;
  /** What it says for people. */
  readonly text: string | undefined;
  /** Whether trying again later may help. */
  readonly isPassing: boolean;
}

/** The peer's server is not there now; or somebody has too much to do. */
const PASSING = ['remote-server-not-found', 'remote-server-timeout', 'resource-constraint', 'internal-server-error'];

/** Reads an error stanza. An error of type `wait` asks for another try (RFC 6120 §8.3.2). */
export function readBounce(stanza: XmlElement): Bounce {
  const { condition = 'undefined-condition', text } = refusalIn(stanza);
  const error = child(stanza, stanza.namespace, 'error');
  const isPassing = PASSING.includes(condition) || (error !== undefined && attribute(error, 'type') === 'wait');
  return { condition, text, isPassing };
}

/**
 * Whether an error may speak for a stanza: it comes from where that went, from that domain, or from the own server. Somebody else who
 * learned the id could otherwise have it sent again and again, or given up.
 * @param to whom the stanza went to
 * @param own own JID, full or bare
 */
export function isFromPath(stanza: XmlElement, to: string, own: string): boolean {
  const from = attribute(stanza, 'from');
  if (from === undefined) return true;
  try {
    const [bare, asked, account] = [bareJid(from), bareJid(to), bareJid(own)];
    return [asked, domainOf(asked), account, domainOf(account)].includes(bare);
  } catch (cause) {
    if (cause instanceof StanzaError) return false;
    throw cause;
  }
}

/** The domain of a bare JID. */
export function domainOf(bare: string): string {
  return bare.slice(bare.indexOf('@') + 1);
}
