/**
 * Entries as JSON lines, as `export` writes them and feeds give them.
 * @module
 */
import type { itemOfJsonLine, StanzaItem } from '@stanzaseal/archive';
import { CliFailure } from '../failure.js';
import { ownerOption } from './openedArchive.js';

/** The longest line: an entry of 256 KiB, each of whose characters is an escape. */
export const MAX_LINE = 4_194_304;

/** Lines without their ends. @throws CliFailure `ERR_TOO_LARGE` */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() as string;
    if (rest.length > MAX_LINE) throw new CliFailure('ERR_TOO_LARGE', 'a line is longer than 4 MiB');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/**
 * The entry of a line.
 * @param read of the archive's library, which only verbs that run load
 * @throws CliFailure `ERR_UNSUPPORTED`, `ERR_USAGE`; StanzaError `ERR_ADDRESS`
 */
export function entryOfLine(line: string, read: typeof itemOfJsonLine): StanzaItem {
  try {
    const item = read(line);
    if (item.stanzaId === '' || item.stanzaId.length > 1023 || /^#\d*$/.test(item.stanzaId))
      throw new SyntaxError('id is no id of a stanza');
    return { ...item, owner: ownerOption(item.owner) };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new CliFailure('ERR_UNSUPPORTED', 'is no entry as export writes it', { cause });
  }
}
