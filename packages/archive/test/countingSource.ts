// A source to read again and again: it has so many stanzas, and gives them other ids each time.
import { randomUUID } from 'node:crypto';
import type { Source, SourceItem } from '../src/index.js';
import { JULIET, plain, START } from './fixture.js';

/** The source; `from` is told where it is begun. */
export function countingSource(count: number, from: (cursor: number) => void = () => undefined): Source {
  return {
    name: 'counting',
    async *items(after) {
      from(Number(after ?? -1));
      for (let i = Number(after ?? -1) + 1; i < count; i++) yield numberedItem(i);
    },
  };
}

export function numberedItem(i: number): SourceItem {
  return {
    cursor: String(i),
    stanza: plain(`body ${i}`),
    owner: JULIET,
    receivedAt: START + i,
    stanzaId: randomUUID(),
  };
}
