/**
 * A link that is online a little later than the one underneath: what is sealed waits until own keys are in order and the archive was read.
 * @module
 */
import type { Link } from './link.js';
import { XmppError } from './xmppError.js';

/** A link with a gate. */
export interface GatedLink extends Link {
  /** Opens it: until the connection is lost. */
  open(resumed: boolean): void;
}

/** Puts a gate before what is sent. What comes in passes. */
export function createGatedLink(link: Link): GatedLink {
  const onlines = new Set<(resumed: boolean) => void>();
  let isOpen = false;
  link.onOffline(() => {
    isOpen = false;
  });
  const isOnline = (): boolean => isOpen && link.isOnline();
  const closed = (): Promise<never> => Promise.reject(new XmppError('ERR_OFFLINE', 'the connection is not ready'));
  return {
    ...link,
    isOnline,
    send: (stanza) => (isOnline() ? link.send(stanza) : closed()),
    query: (iq, options) => (isOnline() ? link.query(iq, options) : closed()),
    onOnline(handler) {
      onlines.add(handler);
      return () => void onlines.delete(handler);
    },
    open(resumed) {
      isOpen = true;
      for (const handler of [...onlines]) handler(resumed);
    },
  };
}
