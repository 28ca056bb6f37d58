/**
 * Plain messages given out lately: an object has a name of its own, a plain message has only the id that the archive gave it, and
 * what it says. Both have to agree for two to be the same (H14).
 * @module
 */
import type { Clock } from '@stanzaseal/cms';
import { attribute, childrenOf, NS, type XmlElement } from '@stanzaseal/stanza';
import type { Arrived } from './unwrap.js';

/** As many as wait in the longest queue, and as stand on some pages of an archive. */
const MEMORY = 2000;

/** Remembers plain messages. */
export interface PlainMemory {
  /** Whether this one was given out. */
  has(arrived: Arrived): boolean;
  /** Remembers it. */
  add(arrived: Arrived): void;
  /** The present, in ms since 1970. */
  now(): number;
}

/** Makes a memory of the last 2,000. */
export function createPlainMemory(clock: Clock): PlainMemory {
  const known = new Set<string>();
  return {
    has: (arrived) => namesOf(arrived).some((name) => known.has(name)),
    add(arrived) {
      for (const name of namesOf(arrived)) known.add(name);
      for (const name of known) if (known.size > MEMORY) known.delete(name);
    },
    now: clock,
  };
}

/** One name for each id that anybody gave it in the archive's name: a forged one makes nobody's message the same as another. */
function namesOf({ stanza, archived }: Arrived): string[] {
  const ids = childrenOf(stanza, NS.STANZA_ID, 'stanza-id').map((each) => attribute(each, 'id') ?? '');
  if (archived !== undefined) ids.push(archived.id);
  const content = contentOf(stanza);
  return [...new Set(ids)].map((id) => `${id}\n${content}`);
}

/** What the sender wrote: servers add ids and delays, and change the order of attributes. */
function contentOf(stanza: XmlElement): string {
  const written = childrenOf(stanza).filter(({ namespace }) => namespace !== NS.STANZA_ID && namespace !== NS.DELAY);
  const sorted = (element: XmlElement): XmlElement => ({
    ...element,
    attributes: [...element.attributes].sort((a, b) => (a.name < b.name ? -1 : 1)),
    children: element.children.map((node) => (typeof node === 'string' ? node : sorted(node))),
  });
  return JSON.stringify([attribute(stanza, 'from'), attribute(stanza, 'id'), written.map(sorted)]);
}
