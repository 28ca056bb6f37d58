/**
 * Who may speak to a served archive: whoever knows the token.
 * @module
 */
import { createHash } from 'node:crypto';
import { equalConstantTime } from '@stanzaseal/cms';
import { usageFailure } from '../../failure.js';
import { readText } from '../../input.js';

/** As long as 128 random bits in base64. */
const LEAST = 22;

/** The token of a file, without the line end. @throws CliFailure `ERR_USAGE` for a short one, or what no header carries */
export async function readToken(file: string): Promise<string> {
  const token = (await readText(file)).trim();
  if (token.length < LEAST || !/^[\w.~+/=-]+$/.test(token))
    throw usageFailure(`${file} is no token: ${LEAST} characters at least, of RFC 6750 §2.1`);
  return token;
}

/** Whether a header `Authorization` has the token. Digests are compared, in constant time: neither its length nor its beginning shows. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header) => {
    const given = /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? '')?.[1] ?? '';
    return equalConstantTime(digest(given), expected);
  };
}

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}
