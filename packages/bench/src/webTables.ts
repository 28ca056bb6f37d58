/**
 * The same work by WebCrypto, for information. It stands apart: one code that serves two providers in turn is compiled for neither,
 * and nobody has two.
 * @module
 */
import { createBase } from './base.js';
import { KIBIBYTE, web } from './context.js';
import { objectWork } from './objects.js';
import { besideBase } from './stanzaTables.js';
import type { Table } from './table.js';

/** Objects and stanzas of 1 KiB. */
export function webTables(): Table[] {
  const group = 'WebCrypto';
  return (['seal', 'open'] as const).flatMap((verb) => [
    {
      group,
      title: `${verb} 1 KiB, one device`,
      jobs: async () => [
        { name: 'base', run: createBase(KIBIBYTE, 1)[verb] },
        { name: 'signer + envelope, WebCrypto', run: (await objectWork(web, KIBIBYTE, 1))[verb] },
      ],
    },
    { group, title: `${verb} a stanza with 1 KiB of text`, jobs: () => besideBase(verb, KIBIBYTE, web, {}) },
  ]);
}
