/**
 * Input: a file or standard input, whole or in pieces, never more than a verb can hold.
 * @module
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CliFailure } from './failure.js';

/** 1 MiB: longer input of verbs that can is not held in memory. */
export const LONG_INPUT_OCTETS = 1048576;
/** 64 MiB: the most that a verb takes which holds its input in memory. */
export const MAX_CONTENT_OCTETS = 67108864;
/** The same content as an object, with room for its frame. */
export const MAX_OBJECT_OCTETS: number = MAX_CONTENT_OCTETS + 1048576;
/** An object in PEM: four characters for three octets, and line ends. */
export const MAX_ARMOURED_OCTETS = 96000000;
/** The most that is taken for a key. */
export const MAX_KEY_OCTETS = 65536;

/**
 * Reads a file, or standard input where `file` is `undefined`.
 * @param limit greatest length in octets
 * @throws CliFailure `ERR_TOO_LARGE` as soon as the limit is passed, however much may follow; system errors
 */
export async function readInput(file: string | undefined, limit: number): Promise<Uint8Array> {
  if (file !== undefined) {
    const about = await stat(file);
    // What is no regular file does not know how much can be read of it.
    if (about.isFile() && about.size > limit) throw tooLarge(limit, file);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of open(file)) {
    length += chunk.length;
    // Leaving the loop closes the stream.
    if (length > limit) throw tooLarge(limit, file);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Reads a small text file, such as a key: its whole text. @throws CliFailure `ERR_TOO_LARGE`, `ERR_DER` for what is not UTF-8 */
export async function readText(file: string | undefined, limit: number = MAX_KEY_OCTETS): Promise<string> {
  return textIn(await readInput(file, limit), file);
}

/** Text of octets that were read. @throws CliFailure `ERR_DER` */
export function textIn(octets: Uint8Array, file: string | undefined): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch (cause) {
    throw new CliFailure('ERR_DER', `${file ?? 'input'} is not text`, { cause });
  }
}

/**
 * Text as it arrives, for verbs that work on a stream: pieces of any length, cut anywhere between characters.
 * @throws CliFailure `ERR_XML` at the first octets that are not UTF-8
 */
export function readTextChunks(file: string | undefined): AsyncGenerator<string, void, undefined> {
  return textOf(open(file));
}

/** The same of any octets. */
export async function* textOf(octets: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (octets?: Uint8Array): string => {
    try {
      return octets === undefined ? decoder.decode() : decoder.decode(octets, { stream: true });
    } catch (cause) {
      throw new CliFailure('ERR_XML', 'input is not UTF-8', { cause });
    }
  };
  for await (const chunk of octets) {
    const text = decode(chunk);
    if (text !== '') yield text;
  }
  const rest = decode();
  if (rest !== '') yield rest;
}

/** The pieces of a file, or of standard input; of a file only so many octets. */
export async function* open(
  file: string | undefined,
  length: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream: Readable = file === undefined ? process.stdin : createReadStream(file, { end: length - 1 });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    // A directory can be opened; reading it fails, and the system does not say what.
    throw file === undefined ? error : Object.assign(error as Error, { path: file });
  }
}

/** What is said of input that is too long. */
export function tooLarge(limit: number, file = 'input'): CliFailure {
  const [size, unit] = limit >= 1048576 ? [Math.floor(limit / 1048576), 'MiB'] : [Math.floor(limit / 1024), 'KiB'];
  return new CliFailure('ERR_TOO_LARGE', `${file} is longer than ${size} ${unit}`);
}
