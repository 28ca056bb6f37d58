/**
 * Verifying SignedData whose content does not fit into memory (RFC 5652 §5.6).
 * @module
 */
import { CmsError, equal } from '@stanzaseal/cms';
import {
  type ContentStream,
  GENERAL_LIMITS,
  type GeneralSignedData,
  type OctetSource,
  octetsFrom,
  readContentStream,
  type Spill,
} from '@stanzaseal/cms/general';
import { SignerError } from '../signerError.js';
import { contentDigests } from './contentDigests.js';
import { hashOf } from './digestAlgorithm.js';
import type { SignatureHash } from './policy.js';
import { checkKeys, type GeneralVerifyParameters, type Judgement, judgeSigners } from './verify.js';

/** What `verifyStream` needs. */
export interface StreamVerifyParameters<Content> extends Omit<GeneralVerifyParameters, 'content'> {
  /** The content, where it is detached. */
  readonly content?: OctetSource;
  /**
   * Where the content waits until the signatures are verified: what `commit` gives is the content, and `discard` is called on every
   * failure. Left out, the content goes nowhere: its digest is all that is wanted.
   */
  readonly spill?: Spill<Content>;
}

/** What was verified. */
export interface StreamVerified<Content> extends Judgement {
  /** What the spill's `commit` gave; `undefined` without a spill. */
  readonly content: Content;
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
}

/**
 * Verifies SignedData in BER or DER as it comes. A signature without signed attributes is over the content as one piece, and never
 * verified here, whatever the policy.
 * @throws SignerError `ERR_VERIFY`, `ERR_UNSUPPORTED` as `verify`; CmsError `ERR_UNSUPPORTED` where the provider has no streams; what
 * the sources or the spill throw
 * @example
 * const { content } = await verifyStream(source, { profile: 'general', signers: [{ key }], policy: GENERAL_SIGNATURE_POLICY, crypto,
 *   spill: await temporarySpill({ directory: tmpdir(), random }) });
 */
export async function verifyStream<Content = undefined>(
  source: OctetSource,
  parameters: StreamVerifyParameters<Content>,
): Promise<StreamVerified<Content>> {
  const { profile, signers, spill, limits = GENERAL_LIMITS, crypto } = parameters;
  let stream: ContentStream | undefined;
  try {
    if (profile !== 'general') throw new TypeError("profile is not 'general'");
    checkKeys(signers);
    // No digest, but the refusal of a provider that has none in pieces, before anything is read.
    contentDigests(['SHA-256'], crypto);
    stream = await refusing(readContentStream(source, limits));
    const verified = await verifyContent(stream, parameters);
    return { ...verified, content: (await spill?.commit()) as Content };
  } catch (thrown) {
    await stream?.cancel();
    await spill?.discard();
    throw thrown;
  }
}

async function verifyContent(
  stream: ContentStream,
  parameters: StreamVerifyParameters<unknown>,
): Promise<Omit<StreamVerified<unknown>, 'content'>> {
  const { content: detached, contentType: expected, spill, policy, crypto } = parameters;
  const { head } = stream;
  if (head.kind !== 'SignedData' || head.isDetached !== (detached !== undefined)) throw new SignerError();
  const { eContentType: contentType } = head;
  if (expected !== undefined && !equal(contentType, expected)) throw new SignerError();
  // What was not announced, or is not taken, is not verified (B6).
  const announced = new Set(head.digestAlgorithms.map(hashOf));
  const digests = contentDigests(
    policy.hashes.filter((hash) => announced.has(hash)),
    crypto,
  );
  for await (const piece of attachedContent(stream)) {
    digests.update(piece);
    await spill?.write(piece);
  }
  const data = await refusing(Promise.resolve().then(() => stream.end()));
  for await (const piece of detached === undefined ? [] : octetsFrom(detached)) {
    digests.update(piece);
    await spill?.write(piece);
  }
  const content = { contentType, octets: undefined, digest: (hash: SignatureHash) => digests.digest(hash) };
  try {
    return { contentType, ...(await judgeSigners(data as GeneralSignedData, content, parameters)) };
  } catch (cause) {
    throw cause instanceof SignerError ? cause : new SignerError({ cause });
  }
}

/** What is wrong with the object is one answer; what the source throws is its own. */
async function refusing<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (thrown) {
    throw thrown instanceof CmsError ? new SignerError({ cause: thrown }) : thrown;
  }
}

async function* attachedContent({ content }: ContentStream): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = content[Symbol.asyncIterator]();
  while (true) {
    const { done, value } = await refusing(pieces.next());
    if (done === true) return;
    yield value;
  }
}
