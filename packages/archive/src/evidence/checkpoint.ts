/**
 * Checkpoints (C2SP tlog-checkpoint v1.0.0): signed notes that say how many leaves a log has, and its root.
 * @module
 */
import {
  chain,
  equal,
  fromBase64,
  type MaybePromise,
  type PublicKey,
  type SigningKey,
  toBase64,
  toUtf8,
} from '@stanzaseal/cms';
import { type Cosignature, checkWitnessPolicy, cosignaturesOf, type WitnessPolicy } from './cosignature.js';
import { checkNoteKey, verifyEd25519 } from './ed25519.js';
import { EMPTY_ROOT } from './merkle/nodeHash.js';
import { orProofError, proofError } from './proofError.js';
import { HASH_LENGTH } from './sha256.js';
import {
  formatNote,
  isKeyName,
  NOTE_TYPES,
  noteKeyId,
  parseNote,
  type SignedNote,
  signatureLine,
} from './signedNote.js';

/** What a log says of itself. */
export interface Checkpoint {
  /** The log's name, and that of its key: without white space and plus, by custom a URL without scheme. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** Root of the tree: 32 octets. */
  readonly root: Uint8Array;
  /** Further lines, of which nobody checks what they say: none normally. */
  readonly extensions?: readonly string[];
}

/** Whom a verifier believes. There is no default. */
export interface CheckpointPolicy {
  /** The log's name: another log's checkpoint is none, though it is by the same key. */
  readonly origin: string;
  /** The log's key, or several where it was rotated: one must have signed, and none that signed wrongly is passed over. */
  readonly logKey: PublicKey | readonly PublicKey[];
  /** Who has to have seen the checkpoint; left out, nobody. */
  readonly witnesses?: WitnessPolicy;
}

/** A checkpoint that was verified. */
export interface VerifiedCheckpoint extends Required<Checkpoint> {
  /** The note as it was given. */
  readonly note: string;
  /** Good cosignatures of the policy's witnesses. */
  readonly cosignatures: readonly Cosignature[];
}

/**
 * Signs a checkpoint: the note. With several keys, one line each, as while a key is being rotated.
 * @throws TypeError for a key that is not of Ed25519; RangeError for an origin, size, root or extension that is none
 * @example
 * const note = await signCheckpoint({ origin: 'archive.example/log', size: log.size, root: await log.root(log.size) }, key);
 */
export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey | readonly SigningKey[]): MaybePromise<string> {
  const keys = 'sign' in key ? [key] : key;
  if (keys.length === 0) throw new TypeError('key holds none');
  const text = checkpointText(checkpoint);
  const octets = toUtf8(text);
  const lines: MaybePromise<string[]> = keys.reduce<MaybePromise<string[]>>(
    (sofar, each) =>
      chain(sofar, (done) => {
        checkNoteKey(each.publicKey, 'key');
        const keyId = noteKeyId(checkpoint.origin, NOTE_TYPES.ed25519, each.publicKey);
        return chain(each.sign(octets), (signature) => [
          ...done,
          signatureLine({ name: checkpoint.origin, keyId, signature }),
        ]);
      }),
    [],
  );
  return chain(lines, (done) => formatNote(text, done));
}

/**
 * Verifies a checkpoint under a policy: its form, the log's signature, and enough witnesses.
 * @throws ArchiveError `ERR_PROOF` for whatever is wrong with the note; TypeError for a policy that makes no sense
 */
export function verifyCheckpoint(note: string, policy: CheckpointPolicy): VerifiedCheckpoint {
  const logKeys = checkPolicy(policy);
  return orProofError(() => {
    const parsed = parseNote(note);
    const checkpoint = parseCheckpointText(parsed.text);
    if (checkpoint.origin !== policy.origin || !isSignedBy(parsed, policy.origin, logKeys)) throw proofError();
    return { ...checkpoint, note, cosignatures: cosignaturesOf(parsed, policy.witnesses) };
  });
}

/** Checks a policy, which is the caller's, before anything foreign is looked at; gives the log's keys. @throws TypeError, RangeError */
export function checkPolicy({ logKey, witnesses }: CheckpointPolicy): readonly PublicKey[] {
  const logKeys = 'raw' in logKey ? [logKey] : logKey;
  if (logKeys.length === 0) throw new TypeError('logKey holds none');
  for (const key of logKeys) checkNoteKey(key, 'logKey');
  if (witnesses !== undefined) checkWitnessPolicy(witnesses, logKeys);
  return logKeys;
}

/**
 * Reads a checkpoint without believing it: to show it, or to find whose policy applies.
 * @throws ArchiveError `ERR_PROOF` for what is no checkpoint
 */
export function parseCheckpoint(note: string): Required<Checkpoint> {
  return orProofError(() => parseCheckpointText(parseNote(note).text));
}

/** The text of a checkpoint. @throws RangeError */
export function checkpointText({ origin, size, root, extensions = [] }: Checkpoint): string {
  if (!isKeyName(origin)) throw new RangeError('origin is no name');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('size is not a whole number from 0 to 2^53 - 1');
  if (root.length !== HASH_LENGTH) throw new RangeError('root has not 32 octets');
  if (extensions.some((line) => line === '' || line.includes('\n'))) throw new RangeError('extensions holds no line');
  return [origin, size, toBase64(root), ...extensions, ''].join('\n');
}

function parseCheckpointText(text: string): Required<Checkpoint> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.includes('')) throw new RangeError('checkpoint has an empty line');
  const [origin, digits, base64, ...extensions] = lines;
  if (origin === undefined || digits === undefined || base64 === undefined)
    throw new RangeError('checkpoint lacks a line');
  if (!isKeyName(origin)) throw new RangeError('origin is no name');
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits)) throw new RangeError('size is not in its one form');
  const size = Number(digits);
  const root = fromBase64(base64);
  if (!Number.isSafeInteger(size) || root.length !== HASH_LENGTH) throw new RangeError('size or root is none');
  if (size === 0 && !equal(root, EMPTY_ROOT)) throw new RangeError('root is not that of an empty log');
  return { origin, size, root, extensions };
}

/** Whether one of the keys signed; a line of one of them that is not good spoils the note (signed-note, "Signatures"). */
function isSignedBy({ text, signatures }: SignedNote, origin: string, keys: readonly PublicKey[]): boolean {
  const octets = toUtf8(text);
  let signed = false;
  for (const key of keys) {
    const keyId = noteKeyId(origin, NOTE_TYPES.ed25519, key);
    for (const line of signatures) {
      if (line.name !== origin || !equal(line.keyId, keyId)) continue;
      if (!verifyEd25519(key, octets, line.signature)) return false;
      signed = true;
    }
  }
  return signed;
}
