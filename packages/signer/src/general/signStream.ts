/**
 * Signing content that does not fit into memory (RFC 5652 §5).
 * @module
 */
import { concat } from '@stanzaseal/cms';
import {
  encodeGeneralSignedData,
  inPieces,
  type OctetSource,
  type SignerInfoToWrite,
  signedDataFrame,
  toReadable,
} from '@stanzaseal/cms/general';
import { type ContentDigests, contentDigests } from './contentDigests.js';
import { ContentWatch } from './contentWatch.js';
import { checkSigners, type GeneralSignParameters } from './sign.js';
import { contentHashOf, digestAlgorithmOf, sidOf, signDigest, signerInfosLength } from './signerInfo.js';

/** What `signStream` needs. */
export interface StreamSignParameters extends GeneralSignParameters {
  /**
   * Length of the content in octets, up to 4 GiB less 1 MiB: the object is DER, but for signers by ECDSA, whose signatures have no one
   * length. Left out, it is BER of indefinite length.
   */
  readonly contentLength?: number;
}

/**
 * Signs content as it comes; nothing is read before somebody reads the result. How the source cuts the content does not show. Detached,
 * the result is the object alone, in DER, once the content is over.
 * @throws TypeError for a key that does not sign so; RangeError for a `contentLength` out of range, or as `sign`; CmsError
 * `ERR_UNSUPPORTED` where the provider has no streams. What follows from the content becomes the stream's error: RangeError for
 * another length than announced and for content that parses as signed attributes (B3), and what the source throws
 * @example
 * const object = signStream(file.stream(), { profile: 'general', signers: [{ key }], contentType, signingTime: now(),
 *   contentLength: file.size, random, crypto });
 */
export function signStream(source: OctetSource, parameters: StreamSignParameters): ReadableStream<Uint8Array> {
  const { profile, signers, contentLength, crypto } = parameters;
  if (profile !== 'general') throw new TypeError("profile is not 'general'");
  if (
    contentLength !== undefined &&
    !(Number.isInteger(contentLength) && contentLength >= 0 && contentLength <= MAX_DER)
  )
    throw new RangeError('contentLength is not a whole number of octets up to 4 GiB less 1 MiB');
  checkSigners(signers);
  const digests = contentDigests(signers.map(contentHashOf), crypto);
  return toReadable((parameters.detached === true ? detached : attached)(source, parameters, digests));
}

/** Lengths of DER are written in four octets here, the frame's included. */
const MAX_DER = 2 ** 32 - 2 ** 20;

async function* attached(
  source: OctetSource,
  parameters: StreamSignParameters,
  digests: ContentDigests,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signers, contentType: eContentType, contentLength, form } = parameters;
  const frame = signedDataFrame(
    {
      digestAlgorithms: signers.map(digestAlgorithmOf),
      eContentType,
      signers: signers.map((each) => ({ sid: sidOf(each) })),
    },
    contentLength,
    contentLength === undefined ? undefined : signerInfosLength(signers, parameters),
    form,
  );
  yield frame.head;
  for await (const piece of digested(source, parameters, digests)) {
    const header = frame.chunkHeader(piece.length);
    yield header.length === 0 ? piece : concat(header, piece);
  }
  yield frame.tail(await signed(parameters, digests));
}

async function* detached(
  source: OctetSource,
  parameters: StreamSignParameters,
  digests: ContentDigests,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signers, contentType: eContentType, form } = parameters;
  const content = digested(source, parameters, digests);
  while ((await content.next()).done !== true);
  const digestAlgorithms = signers.map(digestAlgorithmOf);
  const signerInfos = await signed(parameters, digests);
  yield encodeGeneralSignedData({ digestAlgorithms, eContentType, eContent: undefined, signerInfos }, form);
}

/** Content with nothing wrong, in pieces of one length. */
async function* digested(
  source: OctetSource,
  { contentLength }: StreamSignParameters,
  digests: ContentDigests,
): AsyncGenerator<Uint8Array, void, undefined> {
  const watch = new ContentWatch();
  let length = 0;
  for await (const piece of inPieces(source)) {
    length += piece.length;
    if (contentLength !== undefined && length > contentLength) throw new RangeError('content is longer than announced');
    watch.update(piece);
    digests.update(piece);
    yield piece;
  }
  if (contentLength !== undefined && length < contentLength) throw new RangeError('content is shorter than announced');
  if (watch.looksLikeSignedAttributes()) throw new RangeError('content parses as signed attributes');
}

async function signed(parameters: StreamSignParameters, digests: ContentDigests): Promise<SignerInfoToWrite[]> {
  const signerInfos: SignerInfoToWrite[] = [];
  for (const signer of parameters.signers)
    signerInfos.push(await signDigest(digests.digest(contentHashOf(signer)) as Uint8Array, signer, parameters));
  return signerInfos;
}
