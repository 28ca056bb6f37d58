/**
 * Verifier keys as text (C2SP signed-note, "Verifier keys"): `name+key id+base64(type || public key)`, the form in which other
 * tools take and give the keys of logs and witnesses.
 * @module
 */
import {
  type CryptoProvider,
  concat,
  equal,
  fromBase64,
  fromHex,
  type PublicKey,
  publicKeyFromRaw,
  toBase64,
  toHex,
} from '@stanzaseal/cms';
import { checkNoteKey } from './ed25519.js';
import { proofError } from './proofError.js';
import { isKeyName, NOTE_TYPES, type NoteType, noteKeyId } from './signedNote.js';

/** A key with its name. */
export interface VerifierKey {
  /** Name: of a log, its origin. */
  readonly name: string;
  /** Whether it signs notes (a log) or cosigns them (a witness). */
  readonly use: keyof typeof NOTE_TYPES;
  /** Ed25519. */
  readonly key: PublicKey;
}

/** Text of a verifier key. @throws TypeError, RangeError */
export function formatVerifierKey({ name, use, key }: VerifierKey): string {
  checkNoteKey(key, 'key');
  if (!isKeyName(name)) throw new RangeError('name is no name of a key');
  const type: NoteType = NOTE_TYPES[use];
  return `${name}+${toHex(noteKeyId(name, type, key))}+${toBase64(concat(Uint8Array.of(type), key.raw))}`;
}

/** Reads a verifier key of one of the two uses. @throws ArchiveError `ERR_PROOF` for any other text, and a key id that is not the key's */
export async function parseVerifierKey(text: string, crypto: CryptoProvider): Promise<VerifierKey> {
  try {
    // Base64 has a plus too: only the first two divide.
    const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? [];
    if (name === undefined || id === undefined || base64 === undefined || !isKeyName(name)) throw proofError();
    const material = fromBase64(base64);
    const use = (['ed25519', 'cosignature'] as const).find((each) => NOTE_TYPES[each] === material[0]);
    if (use === undefined) throw proofError();
    const key = await publicKeyFromRaw('Ed25519', material.subarray(1), crypto);
    if (!equal(noteKeyId(name, NOTE_TYPES[use], key), fromHex(id))) throw proofError();
    return { name, use, key };
  } catch (cause) {
    throw proofError(cause);
  }
}
