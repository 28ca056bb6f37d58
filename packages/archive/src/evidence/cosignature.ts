/**
 * Cosignatures (C2SP tlog-cosignature, `cosignature/v1`): a witness says when it saw a checkpoint, that it continued all it saw of
 * that log before, and that it saw no greater one.
 * @module
 */
import { chain, concat, equal, type MaybePromise, type PublicKey, type SigningKey, toUtf8 } from '@stanzaseal/cms';
import { checkNoteKey, SIGNATURE_LENGTH, verifyEd25519 } from './ed25519.js';
import { proofError } from './proofError.js';
import { isKeyName, NOTE_TYPES, noteKeyId, parseNote, type SignedNote, signatureLine } from './signedNote.js';

/** A witness as others know it. */
export interface WitnessKey {
  /** Name of its key: by custom a URL without scheme. */
  readonly name: string;
  /** Ed25519. */
  readonly key: PublicKey;
}

/** Of which witnesses how many must have cosigned. */
export interface WitnessPolicy {
  /** The witnesses. */
  readonly keys: readonly WitnessKey[];
  /** How many of them, at least. */
  readonly atLeast: number;
}

/** A good cosignature. */
export interface Cosignature {
  /** Name of the witness. */
  readonly name: string;
  /** When it says it saw the checkpoint, in ms since 1970: of several by one witness, the earliest. */
  readonly time: number;
}

const TIME_LENGTH = 8;

/**
 * Cosigns a checkpoint: the signature line. Whoever calls has verified that it continues what was cosigned before (`createWitness` does).
 * @param time in ms since 1970, cut to seconds
 * @throws TypeError for a key that is not of Ed25519; RangeError for a name or a note that is none
 */
export function cosign(note: string, name: string, key: SigningKey, time: number): MaybePromise<string> {
  checkNoteKey(key.publicKey, 'key');
  if (!isKeyName(name)) throw new RangeError('name is no name of a key');
  const seconds = Math.floor(time / 1000);
  if (!Number.isSafeInteger(seconds) || seconds <= 0) throw new RangeError('time is out of range');
  const octets = cosignedText(parseNote(note).text, seconds);
  const stamp = new Uint8Array(TIME_LENGTH);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(seconds));
  const keyId = noteKeyId(name, NOTE_TYPES.cosignature, key.publicKey);
  return chain(key.sign(octets), (signature) => signatureLine({ name, keyId, signature: concat(stamp, signature) }));
}

/**
 * The good cosignatures of a policy's witnesses on a note. A witness that signed wrongly spoils the note; anybody else's lines are
 * passed over. @throws ArchiveError `ERR_PROOF`
 */
export function cosignaturesOf({ text, signatures }: SignedNote, policy: WitnessPolicy | undefined): Cosignature[] {
  if (policy === undefined) return [];
  const found: Cosignature[] = [];
  for (const { name, key } of policy.keys) {
    const keyId = noteKeyId(name, NOTE_TYPES.cosignature, key);
    const times = signatures
      .filter((line) => line.name === name && equal(line.keyId, keyId))
      .map(({ signature }) => timeOf(text, key, signature));
    if (times.length > 0) found.push({ name, time: Math.min(...times) * 1000 });
  }
  if (found.length < policy.atLeast) throw proofError();
  return found;
}

/**
 * A cosignature does not cover its witness's name: one key under two names would count twice, and a log's own key would witness
 * for itself. @throws TypeError for such a policy, RangeError for one that nothing can meet or that asks for nobody
 */
export function checkWitnessPolicy({ keys, atLeast }: WitnessPolicy, logKeys: readonly PublicKey[]): void {
  keys.forEach(({ name, key }, i) => {
    checkNoteKey(key, 'witnesses');
    if (!isKeyName(name)) throw new TypeError('witnesses holds one without a name');
    const others = [...logKeys, ...keys.slice(0, i).map((other) => other.key)];
    if (others.some(({ raw }) => equal(raw, key.raw)))
      throw new TypeError('witnesses holds a key twice, or the log itself');
  });
  if (!Number.isSafeInteger(atLeast) || atLeast < 1 || atLeast > keys.length)
    throw new RangeError('atLeast is not from 1 to the number of witnesses');
}

/** Time of a cosignature in s. @throws ArchiveError `ERR_PROOF` for one that is not good */
function timeOf(text: string, key: PublicKey, signature: Uint8Array): number {
  if (signature.length !== TIME_LENGTH + SIGNATURE_LENGTH) throw proofError();
  const view = new DataView(signature.buffer, signature.byteOffset, TIME_LENGTH);
  const seconds = Number(view.getBigUint64(0));
  // No time of a clock is beyond what a number of ms holds.
  if (!Number.isSafeInteger(seconds * 1000)) throw proofError();
  if (!verifyEd25519(key, cosignedText(text, seconds), signature.subarray(TIME_LENGTH))) throw proofError();
  return seconds;
}

function cosignedText(text: string, seconds: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}
