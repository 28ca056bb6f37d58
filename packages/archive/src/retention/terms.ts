/**
 * Which entries an erasure is about. The first term that an entry fits decides, but for holds.
 * @module
 */
import { NS, type XmlElement } from '@stanzaseal/stanza';
import type { ArchiveCore } from '../core.js';
import type { Row, Rows } from '../engine/database.js';
import { elementOf } from '../query/archivedStanza.js';
import { type DamagedEntry, type ReadEntry, readEntries } from '../query/readEntries.js';

/** Entries that fit, of which those received between two times go. */
export interface Term {
  /** Those of the time between are held: they stay, whatever else fits them. */
  readonly spares?: true;
  /** Only those with this peer, as its column has it. */
  readonly peer?: string;
  /** Only those with a payload of this namespace; of sealed ones it is `urn:xmpp:sealed:0`. */
  readonly namespace?: string;
  /** In ms since 1970. */
  readonly start: number;
  /** The last ms. */
  readonly end: number;
}

/** Which of rows of ENTRIES go: their places. Contents are decrypted where a term asks for a namespace, and only there. */
export async function victimsAmong(
  core: ArchiveCore,
  rows: Rows,
  stored: readonly Row[],
  terms: readonly Term[],
): Promise<ReadonlySet<number>> {
  const looks = terms.some(({ namespace }) => namespace !== undefined);
  const entries = looks ? await readEntries(stored, rows, core) : [];
  return new Set(
    stored.filter((row, i) => isErased(terms, row, namespacesOf(entries[i]))).map(({ seq }) => seq as number),
  );
}

function isErased(terms: readonly Term[], row: Row, namespaces: ReadonlySet<string>): boolean {
  const time = row.time as number;
  const covers = ({ start, end }: Term): boolean => time >= start && time <= end;
  if (terms.some((term) => term.spares === true && covers(term))) return false;
  const term = terms.find(
    ({ spares, peer, namespace }) =>
      spares !== true &&
      (peer === undefined || peer === row.peer) &&
      (namespace === undefined || namespaces.has(namespace)),
  );
  return term !== undefined && covers(term);
}

/** What is damaged fits no namespace. */
function namespacesOf(entry: ReadEntry | DamagedEntry | undefined): ReadonlySet<string> {
  if (entry === undefined || 'damage' in entry || entry.octets === undefined) return NONE;
  if (entry.form === 'sealed') return SEALED;
  if (entry.form !== 'plain') return NONE;
  const children = elementOf(entry.octets).children.filter((child): child is XmlElement => typeof child !== 'string');
  return new Set(children.map(({ namespace }) => namespace));
}

const NONE: ReadonlySet<string> = new Set();
const SEALED: ReadonlySet<string> = new Set([NS.SEALED]);
