/**
 * CMS objects as they come in: DER, or one PEM block around it.
 * @module
 */
import { findPemBlocks, type PemBlock } from '@stanzaseal/cms/general';
import { CliFailure } from './failure.js';
import { MAX_ARMOURED_OCTETS, MAX_CONTENT_OCTETS, readInput, tooLarge } from './input.js';
import { openLongInput } from './longInput.js';

/** `CMS` is RFC 7468's label; OpenSSL wrote `PKCS7` for years. */
const LABELS: ReadonlySet<string> = new Set(['CMS', 'PKCS7']);

/**
 * One object; its octets are not yet known to be DER. In pieces where it is long, unless it is in PEM or must be `inMemory`.
 * @throws CliFailure `ERR_TOO_LARGE`; CmsError for bad PEM
 */
export async function openObject(
  file: string | undefined,
  inMemory = false,
): Promise<Uint8Array | AsyncGenerator<Uint8Array, void, undefined>> {
  const input = await openLongInput(file);
  if (input.isLong && !inMemory && !isText(input.start)) return input.pieces();
  return objectIn(await input.whole(MAX_ARMOURED_OCTETS));
}

function objectIn(octets: Uint8Array): Uint8Array {
  if (!isText(octets)) return octets;
  const [block, ...more] = readBlocks(octets);
  if (block === undefined || more.length > 0 || !LABELS.has(block.label)) {
    throw new CliFailure('ERR_DER', 'input is not one PEM block labelled CMS');
  }
  return block.octets;
}

/** Reads one or more values to look at: octets as they are, or all blocks of a PEM text. */
export async function readAnything(file: string | undefined): Promise<{ label?: string; octets: Uint8Array }[]> {
  const octets = await readInput(file, MAX_ARMOURED_OCTETS);
  if (octets.length === 0) throw new CliFailure('ERR_DER', 'input is empty');
  const blocks = isText(octets) ? readBlocks(octets) : [];
  const values = blocks.length > 0 ? blocks : [{ octets }];
  if (values.some((value) => value.octets.length > MAX_CONTENT_OCTETS)) throw tooLarge(MAX_CONTENT_OCTETS, file);
  return values;
}

const BEGIN = Buffer.from('-----BEGIN ');

/** PEM may have text before it, DER may have PEM inside: it is text if all before the first BEGIN is. */
function isText(octets: Uint8Array): boolean {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  // Text before a block is seldom longer than a certificate told in words.
  const begin = buffer.subarray(0, 65536).indexOf(BEGIN);
  if (begin < 0) return false;
  // SEQUENCE and SET are the digits 0 and 1, but the length after them is no text.
  if ((buffer[0] === 0x30 || buffer[0] === 0x31) && (buffer[1] ?? 0) >= 0x80) return false;
  return buffer
    .subarray(0, begin)
    .every((octet) => octet >= 0x20 || octet === 0x09 || octet === 0x0a || octet === 0x0d);
}

function readBlocks(octets: Uint8Array): PemBlock[] {
  return findPemBlocks(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1'));
}
