/**
 * JSON lines: an entry a line, with the octets of the stanza as they were received. What is exported, imported into an empty archive and exported
 * again is the same, octet for octet (K14).
 * @module
 */
import { fromBase64, fromUtf8, toBase64 } from '@stanzaseal/cms';
import type { StanzaItem } from '../archive.js';
import type { ExportedEntry } from './exportedEntries.js';

/** A line of an entry, with its line end; `undefined` for one whose octets are not there any more. */
export function jsonLineOf({ owner, stanzaId, receivedAt, octets, quarantined }: ExportedEntry): string | undefined {
  if (octets === undefined) return undefined;
  const context = { owner, id: stanzaId, receivedAt: new Date(receivedAt).toISOString() };
  // What is in quarantine may be no text.
  const body = quarantined === undefined ? { stanza: fromUtf8(octets) } : { octets: toBase64(octets), quarantined };
  return `${JSON.stringify({ ...context, ...body })}\n`;
}

/** Reads one line. @throws SyntaxError for what is no such line */
export function itemOfJsonLine(line: string): StanzaItem {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new SyntaxError('line is no object');
  const { owner, id, receivedAt, stanza, octets } = value as Readonly<Record<string, unknown>>;
  const time = typeof receivedAt === 'string' ? Date.parse(receivedAt) : Number.NaN;
  if (typeof owner !== 'string' || typeof id !== 'string' || !(time >= 0))
    throw new SyntaxError('line is without owner, id or receivedAt');
  const context = { owner, stanzaId: id, receivedAt: time };
  if (typeof stanza === 'string' && octets === undefined) return { ...context, stanza };
  if (typeof octets === 'string' && stanza === undefined) return { ...context, stanza: octetsOf(octets) };
  throw new SyntaxError('line is without a stanza, or has it twice');
}

function octetsOf(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch (cause) {
    throw new SyntaxError('octets are no base64', { cause });
  }
}
