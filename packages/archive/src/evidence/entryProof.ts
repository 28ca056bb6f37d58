/**
 * The proof file (C2SP `tlog-proof@v1`): the entry, its path and the checkpoint. Other tools for that format verify the path and the
 * signatures; what they need besides is the leaf hash, which the `extra` line opens.
 * @module
 */
import { fromBase64, toBase64 } from '@stanzaseal/cms';
import { decodeLeafOpening, encodeLeafOpening, type LeafOpening, MAX_OBJECT_OCTETS } from './leafOpening.js';
import { MAX_PATH } from './merkle/merkleProof.js';
import { orProofError, proofError } from './proofError.js';
import { HASH_LENGTH } from './sha256.js';

/** A proof that an entry stands in a log. */
export interface EntryProof {
  /** The entry, or its hashes. */
  readonly opening: LeafOpening;
  /** Its leaf's index. */
  readonly index: number;
  /** The inclusion path, from the leaf's sibling upwards. */
  readonly path: readonly Uint8Array[];
  /** The checkpoint, a note. */
  readonly checkpoint: string;
}

const FORMAT = 'c2sp.org/tlog-proof@v1';
/** Longest proof file that is read, in UTF-16 units. */
const MAX_LENGTH = 3 * MAX_OBJECT_OCTETS;

/** Text of a proof file. @throws RangeError for an index that is none */
export function encodeProof({ opening, index, path, checkpoint }: EntryProof): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError('index is not a whole number from 0 to 2^53 - 1');
  const extra = toBase64(encodeLeafOpening(opening));
  return [FORMAT, `extra ${extra}`, `index ${index}`, ...path.map(toBase64), '', checkpoint].join('\n');
}

/** Takes a proof file apart and believes nothing. @throws ArchiveError `ERR_PROOF` for what is not of the one form */
export function decodeProof(text: string): EntryProof {
  return orProofError(() => {
    // The first empty line: what is above it has none, and the checkpoint has its own.
    const end = text.indexOf('\n\n');
    if (text.length > MAX_LENGTH || end < 0) throw proofError();
    const [format, extra, index, ...lines] = text.slice(0, end).split('\n');
    if (format !== FORMAT || !extra?.startsWith('extra ') || lines.length > MAX_PATH) throw proofError();
    const digits = /^index (0|[1-9][0-9]{0,15})$/.exec(index ?? '')?.[1];
    const path = lines.map(fromBase64);
    if (digits === undefined || !Number.isSafeInteger(Number(digits))) throw proofError();
    if (path.some((hash) => hash.length !== HASH_LENGTH)) throw proofError();
    const opening = decodeLeafOpening(fromBase64(extra.slice('extra '.length)));
    return { opening, index: Number(digits), path, checkpoint: text.slice(end + 2) };
  });
}
