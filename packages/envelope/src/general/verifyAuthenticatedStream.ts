/**
 * Verifying AuthenticatedData whose content does not fit into memory (RFC 5652 §9.3): the MAC is over the attributes, and those
 * hold a digest of the content. A MAC straight over the content is taken in one piece alone.
 * @module
 */
import { equalConstantTime } from '@stanzaseal/cms';
import type { GeneralAuthenticatedData, GeneralContentHead } from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { findCek } from './findCek.js';
import { type ObjectSource, type Opening, openInPieces, type StreamOpenParameters } from './openedStream.js';
import { unsupported } from './refusal.js';
import {
  checkAttributes,
  checkDigest,
  hashesOf,
  isMacKeyLength,
  type VerifiedAuthenticated,
} from './verifyAuthenticated.js';

/** What `verifyAuthenticatedStream` gives. */
export interface StreamVerifiedAuthenticated<Content> extends Omit<VerifiedAuthenticated, 'content'> {
  /** What the spill's `commit` gave. */
  readonly content: Content;
}

/**
 * Verifies AuthenticatedData in BER or DER as it comes. The content goes into the spill and is committed once the MAC is checked.
 * @param source the object, or what `readContentStream` gave for it
 * @throws EnvelopeError `ERR_OPEN`; CmsError `ERR_UNSUPPORTED` as `verifyAuthenticated` does, for an object without attributes, and
 * where the provider has no streams; what the source or the spill throws
 * @example
 * const { content } = await verifyAuthenticatedStream(source, { profile: 'general', keys, policy: GENERAL_POLICY, crypto, spill });
 */
export async function verifyAuthenticatedStream<Content>(
  source: ObjectSource,
  parameters: StreamOpenParameters<Content>,
): Promise<StreamVerifiedAuthenticated<Content>> {
  return openInPieces(source, parameters, (head) => beginVerification(head, parameters));
}

async function beginVerification(
  head: GeneralContentHead,
  parameters: StreamOpenParameters<unknown>,
): Promise<Opening<Omit<VerifiedAuthenticated, 'content'>>> {
  const { policy, crypto } = parameters;
  if (head.kind !== 'AuthenticatedData') throw new EnvelopeError();
  const { hash, digestHash } = hashesOf(head, policy);
  if (digestHash === undefined) throw unsupported('a MAC straight over content in pieces');
  if (crypto.digestStream === undefined) throw unsupported(`a digest in pieces by ${crypto.name}`);
  const { cek, by } = await findCek(head.recipientInfos, isMacKeyLength, parameters);
  const digest = crypto.digestStream(digestHash);
  return {
    update(piece) {
      digest.update(piece);
      return piece;
    },
    async check(data) {
      const { eContentType: contentType, authAttrs, mac: stated, unauthAttrs } = data as GeneralAuthenticatedData;
      checkAttributes(data as GeneralAuthenticatedData);
      checkDigest(authAttrs, digest.digest());
      if (authAttrs === undefined) throw new EnvelopeError();
      const mac = await crypto.hmac(hash, cek ?? new Uint8Array(32), authAttrs.der);
      if (!equalConstantTime(mac, stated) || cek === undefined) throw new EnvelopeError();
      return { contentType, authAttrs, unauthAttrs, by };
    },
  };
}
