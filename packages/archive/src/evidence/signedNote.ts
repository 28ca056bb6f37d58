/**
 * Signed notes (C2SP signed-note v1.0.0): a text, an empty line, and a line for each signature. Parsed strictly; nothing is
 * believed here.
 * @module
 */
import { concat, fromBase64, type PublicKey, toBase64, toUtf8 } from '@stanzaseal/cms';
import { sha256 } from './sha256.js';

/** One signature line. */
export interface NoteSignature {
  /** Name of the key. */
  readonly name: string;
  /** Key id: 4 octets. */
  readonly keyId: Uint8Array;
  /** What follows it: of Ed25519, 64 octets; of a cosignature, a time before them. */
  readonly signature: Uint8Array;
}

/** A note taken apart. */
export interface SignedNote {
  /** The text with its final newline: what is signed. */
  readonly text: string;
  /** The signatures: one at least. */
  readonly signatures: readonly NoteSignature[];
}

/** What a key signs by (signed-note, signature types): the note's text, or a cosignature with its time (tlog-cosignature). */
export const NOTE_TYPES = { ed25519: 0x01, cosignature: 0x04 } as const;
/** A signature type. */
export type NoteType = (typeof NOTE_TYPES)[keyof typeof NOTE_TYPES];

/** Longest note that is read, in UTF-16 units, and most signatures of one: a verifier has to take 16. */
export const NOTE_LIMITS: { readonly length: number; readonly signatures: number } = Object.freeze({
  length: 262144,
  signatures: 64,
});
const KEY_ID_LENGTH = 4;
/** Unicode's white space, which U+0085 is part of and `\s` lacks; and plus. */
const NO_NAME = /[\s\u0085+]/u;

/** Whether a text may be the name of a key: not empty, no white space, no plus, nothing that a note cannot hold. */
export function isKeyName(name: string): boolean {
  return name !== '' && !NO_NAME.test(name) && isNoteText(name);
}

/** Key id: the first 4 octets of SHA-256(name || 0x0A || type || public key). */
export function noteKeyId(name: string, type: NoteType, key: PublicKey): Uint8Array {
  return sha256(toUtf8(`${name}\n`), Uint8Array.of(type), key.raw).slice(0, KEY_ID_LENGTH);
}

/** A signature line with its newline. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${toBase64(concat(keyId, signature))}\n`;
}

/** A note of a text that ends in a newline and signature lines. */
export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.join('')}`;
}

/** Takes a note apart. @throws CmsError `ERR_DER` or RangeError for what is not of the one form */
export function parseNote(note: string): SignedNote {
  if (note.length > NOTE_LIMITS.length || !isNoteText(note)) throw new RangeError('note holds what it cannot');
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw new RangeError('note has no empty line');
  return { text: note.slice(0, end + 1), signatures: parseSignatureLines(note.slice(end + 2)) };
}

/** Reads signature lines, each with its newline: one at least. @throws CmsError `ERR_DER`, RangeError */
export function parseSignatureLines(text: string): NoteSignature[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > NOTE_LIMITS.signatures)
    throw new RangeError('signature lines are none, too many, or without their newline');
  return lines.map(parseSignatureLine);
}

function parseSignatureLine(line: string): NoteSignature {
  const [dash, name, base64, ...more] = line.split(' ');
  if (dash !== '—' || name === undefined || base64 === undefined || more.length > 0 || !isKeyName(name))
    throw new RangeError('line is no signature line');
  const octets = fromBase64(base64);
  if (octets.length <= KEY_ID_LENGTH) throw new RangeError('signature line without a signature');
  return { name, keyId: octets.slice(0, KEY_ID_LENGTH), signature: octets.slice(KEY_ID_LENGTH) };
}

/** Whether a text is UTF-8 when it is written, and has no control character of ASCII but newline. */
function isNoteText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text) && ![...CONTROLS].some((control) => text.includes(control));
}

const CONTROLS = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)).filter((each) => each !== '\n');
