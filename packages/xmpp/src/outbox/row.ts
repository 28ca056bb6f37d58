/**
 * What waits behind a stanza and may be sealed with it in one durable commit.
 * @module
 */
import type { OutboxRecord, PlaceRecord } from '@stanzaseal/keystore';
import type { Confirmer } from './confirmer.js';
import type { Entry, Lane } from './entry.js';
import type { OutboxTable } from './outboxTable.js';
import type { Prepared } from './sealing.js';

/** What a row takes. */
export interface RowPorts {
  /** Where stanzas are. */
  readonly table: OutboxTable;
  /** What knows how much the server takes now. */
  readonly confirmer: Pick<Confirmer, 'free'>;
  /** Whether a stanza is sealed already. */
  readonly hasCopy: (entry: Entry) => boolean;
}

/** A stanza behind another, and what it is sealed from. */
export type Behind = readonly [entry: Entry, prepared: Prepared];

/** Stanzas sealed with one commit at most. */
const TOGETHER = 16;

/**
 * What may be sealed with a stanza and leave with it: never sealed before, to the same address, as much as the server takes now. Nothing
 * for a room, whose members change, nor while the way is being tried.
 */
export async function rowBehind(ports: RowPorts, lane: Lane, entry: Entry, first: Prepared): Promise<Behind[]> {
  const row: Behind[] = [];
  if (entry.isRoom || first.record.place !== undefined || lane.isProbing) return row;
  const from = lane.waiting.indexOf(entry) + 1;
  let free = ports.confirmer.free() - leastOctets(first.record);
  for (const other of lane.waiting.slice(from, from + TOGETHER - 1)) {
    if (other.to !== entry.to || ports.hasCopy(other)) break;
    const record = await ports.table.get(other);
    if (record === undefined || record.place !== undefined) break;
    free -= leastOctets(record);
    if (free <= 0) break;
    const placed = (place: PlaceRecord): ReturnType<OutboxTable['placed']> => ports.table.placed(other, place);
    row.push([other, { ...first, record, placed }]);
  }
  return row;
}

/** Octets that a stanza will have when it was sealed, at least: base64 takes a third more. */
function leastOctets({ stanza }: OutboxRecord): number {
  return (stanza.length * 4) / 3 + 1024;
}
