/**
 * DER that others wrote goes through our strict codec and comes out as it went in (F12).
 * @module
 */
import { decodeDerTree, encodeDerTree, equal } from '@stanzaseal/cms';
import { answerOf } from '../verdict.js';
import { does, type Expectation } from './expectation.js';
import { berFile } from './vectorFile.js';

/** What other people's DER needs. */
const LIMITS = { octets: 1 << 20, depth: 32 };

/** The case of a file that is DER; `difference` as everywhere. */
export function reencodes(file: string, difference?: string): Expectation {
  const run: Expectation['run'] = async (source) => {
    const der = berFile(source, file);
    return answerOf(
      () => encodeDerTree(decodeDerTree(der, LIMITS)),
      (again) => equal(again, der),
    );
  };
  return does(file, 'encodes to the same octets', run, difference);
}
