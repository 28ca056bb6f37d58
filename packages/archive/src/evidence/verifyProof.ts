/**
 * Verifying the proof of an entry: without a database, a secret or a network.
 * @module
 */
import { equal, fromUtf8, toBase64 } from '@stanzaseal/cms';
import { type CheckpointPolicy, checkPolicy, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { decodeMeta, type EntryMeta } from './entryMeta.js';
import { decodeProof } from './entryProof.js';
import { contentHash, leafOf, recipientsHash } from './leaf.js';
import type { ContentOpening, LeafOpening, RecipientsOpening } from './leafOpening.js';
import { verifyInclusion } from './merkle/merkleProof.js';
import { orProofError, proofError } from './proofError.js';
import { cutRecipientInfos, joinRecipientInfos } from './recipientInfos.js';

/** What `verify` needs. */
export interface VerifyParameters extends CheckpointPolicy {
  /**
   * The object that the proof is about, where the proof does not hold it: the DER of a sealed object with or without its
   * RecipientInfos, or the octets of a plain stanza or a record.
   */
  readonly object?: Uint8Array;
}

/** What a proof proves: that the archive of this name had this entry, at this index, in the log of this checkpoint. */
export interface VerifiedEntry {
  /** The leaf's index. */
  readonly index: number;
  /** The leaf hash. */
  readonly leafHash: Uint8Array;
  /** The checkpoint. */
  readonly checkpoint: VerifiedCheckpoint;
  /** The entry; `undefined` where it was erased: then something stood here, and nobody can say what. */
  readonly entry: ProvedEntry | undefined;
}

/** An entry that is still there. */
export interface ProvedEntry {
  /** What the archive said about it. */
  readonly meta: EntryMeta;
  /** The object: of a sealed entry, DER without RecipientInfos. */
  readonly object: Uint8Array;
  /** DER of the RecipientInfos; empty for what is no sealed object, `undefined` where they were erased. */
  readonly recipientInfos: Uint8Array | undefined;
  /** The text of the stanza, octet for octet as it was received: where nothing of it was erased, and the meta has its shell. */
  readonly stanza: string | undefined;
}

/**
 * Verifies a proof file.
 * @throws ArchiveError `ERR_PROOF` for whatever is wrong with it; TypeError or RangeError for a policy that makes no sense
 * @example
 * const { entry } = verify(readFileSync('entry.tlog-proof', 'utf8'), { origin: 'archive.example/log', logKey });
 */
export function verify(proof: string, parameters: VerifyParameters): VerifiedEntry {
  checkPolicy(parameters);
  const { opening, index, path, checkpoint: note } = decodeProof(proof);
  const checkpoint = verifyCheckpoint(note, parameters);
  return orProofError(() => {
    const { content, recipients } = filled(opening, parameters.object);
    const hash = leafOf(
      content.state === 'erased' ? content.hash : contentHash(whole(content)),
      recipients.state === 'erased' ? recipients.hash : recipientsHash(allOf(recipients)),
    );
    const { size, root } = checkpoint;
    if (!verifyInclusion({ leafHash: hash, index, size, path, root })) throw proofError();
    return {
      index,
      leafHash: hash,
      checkpoint,
      entry: content.state === 'erased' ? undefined : judge(content, recipients),
    };
  });
}

/** Puts the object that the verifier has in the places that the proof left open. */
function filled({ content, recipients }: LeafOpening, given: Uint8Array | undefined): LeafOpening {
  const wanted = content.state === 'present' && content.object === undefined;
  // An object that the proof does not need could be taken for one that it proves.
  if (wanted !== (given !== undefined)) throw proofError();
  if (!wanted || given === undefined) return { content, recipients };
  const isSealed = decodeMeta(content.meta).kind === 'sealed';
  const { object, recipientInfos } = isSealed ? parts(given) : { object: given, recipientInfos: NONE };
  const open = recipients.state === 'present' && recipients.recipientInfos === undefined;
  return {
    content: { ...content, object },
    recipients: open && recipientInfos !== undefined ? { ...recipients, recipientInfos } : recipients,
  };
}

const NONE = new Uint8Array(0);

/** A sealed object in its two parts; the second is missing where it was cut out already. */
function parts(given: Uint8Array): { readonly object: Uint8Array; readonly recipientInfos?: Uint8Array } {
  try {
    return cutRecipientInfos(given);
  } catch {
    return { object: given };
  }
}

function whole(content: Extract<ContentOpening, { state: 'present' }>): Required<typeof content> {
  const { object } = content;
  if (object === undefined) throw proofError();
  return { ...content, object };
}

function allOf(recipients: Extract<RecipientsOpening, { state: 'present' }>): Required<typeof recipients> {
  const { recipientInfos } = recipients;
  if (recipientInfos === undefined) throw proofError();
  return { ...recipients, recipientInfos };
}

/** The two halves must belong together: an archive cannot log a thing that reads in two ways. */
function judge(content: Extract<ContentOpening, { state: 'present' }>, recipients: RecipientsOpening): ProvedEntry {
  const { object } = whole(content);
  const meta = decodeMeta(content.meta);
  const recipientInfos = recipients.state === 'erased' ? undefined : allOf(recipients).recipientInfos;
  if (meta.kind !== 'sealed') {
    if (recipientInfos !== undefined && recipientInfos.length > 0) throw proofError();
    const stanza = meta.kind === 'plain' ? fromUtf8(object) : undefined;
    return { meta, object, recipientInfos, stanza };
  }
  if (recipientInfos === undefined) {
    assertCut(object);
    return { meta, object, recipientInfos, stanza: undefined };
  }
  const { before, after } = meta.shell ?? {};
  const base64 = toBase64(joinRecipientInfos({ object, recipientInfos }));
  return { meta, object, recipientInfos, stanza: before === undefined ? undefined : `${before}${base64}${after}` };
}

/** A cut object takes any RecipientInfos and gives them back. */
function assertCut(object: Uint8Array): void {
  if (!equal(cutRecipientInfos(joinRecipientInfos({ object, recipientInfos: ANY_SET })).object, object))
    throw proofError();
}

/** A set of one element, whatever it is. */
const ANY_SET = Uint8Array.of(0x31, 0x02, 0x05, 0x00);
