/**
 * All tables, in the order in which they are printed. Another subject is another line here.
 * @module
 */
import { batchTables } from './batchTables.js';
import { codecTables } from './codecTables.js';
import { coldStartTables } from './coldStartTables.js';
import { generalTables } from './generalTables.js';
import { keyTables, objectTables } from './objectTables.js';
import { peerTables } from './peerTables.js';
import { refusalTables } from './refusalTables.js';
import { stanzaTables } from './stanzaTables.js';
import { streamTables } from './streamTables.js';
import type { Scale, Table } from './table.js';
import { webTables } from './webTables.js';

/** The tables, WebCrypto last. */
export function tables(scale: Scale): Table[] {
  return [
    ...stanzaTables(scale),
    ...batchTables(),
    ...objectTables(),
    ...keyTables(),
    ...refusalTables(),
    ...generalTables(),
    ...codecTables(),
    ...streamTables(scale),
    ...coldStartTables(),
    ...peerTables(),
    ...webTables(),
  ];
}

/** What is asked of the benchmark and nobody built yet. */
export const NOT_BUILT: readonly string[] = [
  'sealed stanzas of suite 2 (P-256): not built; general CMS has its algorithms, and rows of its own',
];
