/**
 * What opening in pieces has in common, whatever is opened: refusals in the words of `ERR_OPEN`, other people's errors as they are,
 * and nothing of the content out before all is checked.
 * @module
 */
import { CmsError } from '@stanzaseal/cms';
import {
  type ContentStream,
  type GeneralContentHead,
  type OctetSource,
  readContentStream,
  type Spill,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import type { FindParameters } from './findCek.js';
import { refusalOf } from './refusal.js';

/** What opening in pieces needs. */
export interface StreamOpenParameters<Content> extends FindParameters {
  /** By the caller's word alone: nothing falls back to it. */
  readonly profile: 'general';
  /** Where the content waits until all is checked: what `commit` gives is the content, and `discard` is called on every failure. */
  readonly spill: Spill<Content>;
}

/** An object in pieces, or one whose head was read already: to see what kind it is. */
export type ObjectSource = OctetSource | ContentStream;

/** Takes the content of an object of a kind and says at the end whether it is good. */
export interface Opening<Result> {
  /** What to put into the spill for a piece of the content. */
  update(piece: Uint8Array): Uint8Array;
  /** Checks all that stands after the content. */
  check(end: ReturnType<ContentStream['end']>): Promise<Result>;
}

/**
 * Leads the content of an object through an opening into the spill, and commits it.
 * @param begin judges the head and finds the key
 * @throws EnvelopeError `ERR_OPEN`, CmsError `ERR_UNSUPPORTED` for the object; what source and spill throw, as it is
 */
export async function openInPieces<Content, Result>(
  source: ObjectSource,
  { policy, spill }: StreamOpenParameters<Content>,
  begin: (head: GeneralContentHead) => Promise<Opening<Result>>,
): Promise<Result & { readonly content: Content }> {
  let stream: ContentStream | undefined;
  try {
    stream = 'head' in source ? source : await readContentStream(source, policy.limits);
    const { head } = stream;
    // Content left out is not empty content (A8).
    if (head.isDetached) throw new EnvelopeError();
    const opening = await judged(() => begin(head));
    for await (const piece of stream.content) await spill.write(updated(opening, piece));
    const result = await judged(() => opening.check((stream as ContentStream).end()));
    return { ...result, content: await spill.commit() };
  } catch (thrown) {
    await stream?.cancel();
    await spill.discard();
    throw thrown instanceof CmsError ? refusalOf(thrown) : thrown;
  }
}

function updated({ update }: Opening<unknown>, piece: Uint8Array): Uint8Array {
  try {
    return update(piece);
  } catch (cause) {
    // More content than the cipher has counters for.
    throw new EnvelopeError({ cause });
  }
}

/** All that goes wrong in here is the object's fault. */
async function judged<T>(judge: () => Promise<T>): Promise<T> {
  try {
    return await judge();
  } catch (cause) {
    throw cause instanceof SpillFailure ? cause.cause : refusalOf(cause);
  }
}

/** Carries what a spill threw out of a judgement, where all else is the object's fault. */
export class SpillFailure extends Error {}

/** What was written to a spill; its failures are its own. */
export async function* writtenTo(spill: Spill<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* spill.read();
  } catch (cause) {
    throw new SpillFailure('spill', { cause });
  }
}
