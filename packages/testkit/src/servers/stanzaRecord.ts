/**
 * What an entity received, and waiting for what it will receive.
 * @module
 */
import type { Element } from './client.js';

/** Stanzas in the order in which they came. */
export interface StanzaRecord {
  /** Everything until now; emptying it forgets them. */
  readonly stanzas: Element[];
  /**
   * The first stanza, of those that came or are to come, that fits. @param patience in ms, 10,000 unless told otherwise
   * @throws Error with the last stanzas when none came in time
   */
  waitFor(fits: (stanza: Element) => boolean, patience?: number): Promise<Element>;
}

/** What emits `stanza` events: a client or a component. */
export interface StanzaSource {
  on(event: 'stanza', listener: (stanza: Element) => void): unknown;
}

/** Records from now on. */
export function recordStanzas(source: StanzaSource): StanzaRecord {
  const stanzas: Element[] = [];
  const waiting = new Set<(stanza: Element) => void>();
  source.on('stanza', (stanza) => {
    stanzas.push(stanza);
    for (const tell of [...waiting]) tell(stanza);
  });
  return {
    stanzas,
    waitFor: (fits, patience = 10_000) =>
      new Promise((resolve, reject) => {
        const found = stanzas.find(fits);
        if (found !== undefined) return resolve(found);
        const timer = setTimeout(() => {
          waiting.delete(look);
          const last = stanzas.slice(-5).map((stanza) => `  ${String(stanza).slice(0, 500)}`);
          reject(new Error(`no such stanza in ${patience} ms; of ${stanzas.length} the last:\n${last.join('\n')}`));
        }, patience);
        const look = (stanza: Element) => {
          if (!fits(stanza)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(stanza);
        };
        waiting.add(look);
      }),
  };
}
