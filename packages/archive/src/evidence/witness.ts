/**
 * Witnesses (C2SP tlog-witness): somebody outside who remembers the newest checkpoint of a log and cosigns what continues it. A log
 * that shows two histories would have to show them to every witness.
 * @module
 */
import { type Clock, equal, fromBase64, type SigningKey, toBase64 } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import { type CheckpointPolicy, parseCheckpoint, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { checkWitnessPolicy, cosign, cosignaturesOf, type WitnessKey } from './cosignature.js';
import type { MerkleLog } from './merkle/merkleLog.js';
import { MAX_PATH, verifyConsistency } from './merkle/merkleProof.js';
import { orProofError, proofError } from './proofError.js';
import { HASH_LENGTH } from './sha256.js';
import { formatNote, NOTE_TYPES, noteKeyId, parseNote, parseSignatureLines, signatureLine } from './signedNote.js';

/** What a witness is asked: the body of tlog-witness's `add-checkpoint`. */
export interface WitnessRequest {
  /** Size of the checkpoint that it cosigned last, as far as the log knows; 0 for none. */
  readonly oldSize: number;
  /** From there to the new one. */
  readonly consistencyProof: readonly Uint8Array[];
  /** The new checkpoint, a note with the log's signature. */
  readonly checkpoint: string;
}

/** What a witness answers: its signature lines; or, where the old size is another, which (status 409). Whatever else it has to say it throws. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly lines: string }
  | { readonly kind: 'conflict'; readonly size: number };

/** A witness, wherever it is. */
export interface Witness {
  /** Asks it to cosign. */
  cosign(request: WitnessRequest): Promise<WitnessAnswer>;
}

/** Where a witness remembers the newest checkpoint of each log. */
export interface WitnessMemory {
  /** The note that it cosigned last for an origin. */
  get(origin: string): Promise<string | undefined>;
  /** Keeps a note, durably, if `previous` is still the last: `false` where it is not (another request came between). */
  replace(origin: string, previous: string | undefined, note: string): Promise<boolean>;
}

/** What a witness is made of. */
export interface WitnessParameters {
  /** Name of its key. */
  readonly name: string;
  /** Its key, for nothing else than cosigning. */
  readonly key: SigningKey;
  /** The logs that it watches. */
  readonly logs: readonly Pick<CheckpointPolicy, 'origin' | 'logKey'>[];
  /** What it remembers. */
  readonly memory: WitnessMemory;
  /** Present time in ms. */
  readonly clock: Clock;
}

/**
 * A witness of logs. It throws ArchiveError `ERR_PROOF` for a log that it does not know, a checkpoint that does not verify and one
 * that does not continue the last: which is then kept nowhere and cosigned by nobody.
 */
export function createWitness({ name, key, logs, memory, clock }: WitnessParameters): Witness {
  return {
    async cosign({ oldSize, consistencyProof, checkpoint: note }) {
      const { origin } = parseCheckpoint(note);
      const policy = logs.find((log) => log.origin === origin);
      if (policy === undefined) throw proofError();
      const next = verifyCheckpoint(note, policy);
      const previous = await memory.get(origin);
      const last = previous === undefined ? undefined : parseCheckpoint(previous);
      if (oldSize !== (last?.size ?? 0)) return { kind: 'conflict', size: last?.size ?? 0 };
      if (last === undefined ? consistencyProof.length > 0 : !continues(last, next, consistencyProof))
        throw proofError();
      if (!(await memory.replace(origin, previous, note))) {
        const now = await memory.get(origin);
        return { kind: 'conflict', size: now === undefined ? 0 : parseCheckpoint(now).size };
      }
      return { kind: 'cosigned', lines: await cosign(note, name, key, clock()) };
    },
  };
}

/** A memory of witnesses that lasts as long as the process: for tests, and for a start. */
export function createWitnessMemory(): WitnessMemory {
  const notes = new Map<string, string>();
  return {
    get: async (origin) => notes.get(origin),
    async replace(origin, previous, note) {
      if (notes.get(origin) !== previous) return false;
      notes.set(origin, note);
      return true;
    },
  };
}

/** Somebody who is asked to witness. */
export interface AskedWitness extends WitnessKey {
  /** The way to it. */
  readonly witness: Witness;
  /** Size that it cosigned last, where that is known; it is asked with 0 otherwise and tells. */
  readonly lastSize?: number;
}

/**
 * Asks a witness about a checkpoint of a log, proves to it that this one continues what it saw, and gives the note with its good
 * cosignature. A witness that has seen more than the log now holds is a sign of a log that was put back.
 * @throws ArchiveError `ERR_PROOF` where the witness's line is not good, or it has seen a greater log; what the witness throws
 */
export async function cosignedBy(asked: AskedWitness, note: string, log: MerkleLog): Promise<string> {
  const { size } = parseCheckpoint(note);
  const policy = { keys: [asked], atLeast: 1 };
  checkWitnessPolicy(policy, []);
  for (let oldSize = asked.lastSize ?? 0, tries = 0; tries < 3; tries++) {
    if (oldSize > size) throw new ArchiveError('ERR_PROOF', 'witness has seen a greater log');
    const consistencyProof = await log.consistencyProof(oldSize, size);
    const answer = await asked.witness.cosign({ oldSize, consistencyProof, checkpoint: note });
    if (answer.kind === 'conflict') {
      oldSize = answer.size;
      continue;
    }
    return orProofError(() => {
      const keyId = noteKeyId(asked.name, NOTE_TYPES.cosignature, asked.key);
      const own = parseSignatureLines(answer.lines).filter(
        (line) => line.name === asked.name && equal(line.keyId, keyId),
      );
      const cosigned = `${note}${own.map(signatureLine).join('')}`;
      cosignaturesOf(parseNote(cosigned), policy);
      return cosigned;
    });
  }
  throw new ArchiveError('ERR_PROOF', 'witness does not say what it saw');
}

/** Body of `POST …/add-checkpoint`. */
export function formatWitnessRequest({ oldSize, consistencyProof, checkpoint }: WitnessRequest): string {
  return `old ${oldSize}\n${consistencyProof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${checkpoint}`;
}

/** Reads the body of `POST …/add-checkpoint`. @throws ArchiveError `ERR_PROOF` */
export function parseWitnessRequest(body: string): WitnessRequest {
  return orProofError(() => {
    const end = body.indexOf('\n\n');
    const [old, ...lines] = body.slice(0, Math.max(end, 0)).split('\n');
    const digits = /^old (0|[1-9][0-9]{0,15})$/.exec(old ?? '')?.[1];
    if (digits === undefined || !Number.isSafeInteger(Number(digits)) || lines.length > MAX_PATH) throw proofError();
    const consistencyProof = lines.map(fromBase64);
    if (consistencyProof.some((hash) => hash.length !== HASH_LENGTH)) throw proofError();
    return { oldSize: Number(digits), consistencyProof, checkpoint: body.slice(end + 2) };
  });
}

/** A note with the signature lines of other copies of it, each line once: cosignatures that came one by one. @throws ArchiveError `ERR_PROOF` for copies of another text */
export function mergeNotes(note: string, ...others: readonly string[]): string {
  return orProofError(() => {
    const parsed = [note, ...others].map(parseNote);
    const { text } = parsed[0] as { text: string };
    if (parsed.some((each) => each.text !== text)) throw proofError();
    const lines = new Set(parsed.flatMap(({ signatures }) => signatures.map(signatureLine)));
    return formatNote(text, [...lines]);
  });
}

function continues(
  last: { readonly size: number; readonly root: Uint8Array },
  next: VerifiedCheckpoint,
  path: readonly Uint8Array[],
): boolean {
  const { size: second, root: secondRoot } = next;
  return verifyConsistency({ first: last.size, firstRoot: last.root, second, secondRoot, path });
}
