/**
 * PEM as other software writes it (RFC 7468 §2): text may stand around the blocks, lines may have any length.
 * @module
 */
import { fromBase64 } from '../base64.js';
import { CmsError, derError } from '../cmsError.js';

/** One block. */
export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`. */
  readonly label: string;
  /** The octets, not yet known to be DER. */
  readonly octets: Uint8Array;
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t\r]*$/gm;

/**
 * All PEM blocks of a text, in their order; none is an empty list.
 * @throws CmsError `ERR_DER` for a block without end or with bad base64; `ERR_UNSUPPORTED` for one with headers (RFC 1421),
 * which is how OpenSSL once encrypted private keys
 */
export function findPemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  const begin = new RegExp(BEGIN);
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const [line, label] = found as unknown as [string, string];
    const start = found.index + line.length;
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end < 0) throw derError('PEM block without end');
    const body = text.slice(start, end);
    if (body.includes(':')) throw new CmsError('ERR_UNSUPPORTED', 'PEM block with headers');
    blocks.push({ label, octets: fromBase64(body.replace(/\s+/g, '')) });
    begin.lastIndex = end;
  }
  return blocks;
}
