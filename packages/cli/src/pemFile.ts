/**
 * Files of one PEM block.
 * @module
 */
import { CmsError, decodePem, type PemLabel } from '@stanzaseal/cms';
import { CliFailure } from './failure.js';
import { readText } from './input.js';

/**
 * DER of the only block in a file, or on standard input.
 * @param what names it: `statement`
 * @throws CliFailure `ERR_DER` naming the file
 */
export async function readPemFile(file: string | undefined, label: PemLabel, what: string): Promise<Uint8Array> {
  const text = await readText(file);
  try {
    return decodePem(text, label);
  } catch (cause) {
    if (!(cause instanceof CmsError)) throw cause;
    throw new CliFailure(cause.code, `${file ?? 'input'} is not one ${what} in PEM`, { cause });
  }
}
