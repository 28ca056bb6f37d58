/**
 * Encrypting content that does not fit into memory, as AuthEnvelopedData (RFC 5083).
 * @module
 */
import { concat } from '@stanzaseal/cms';
import {
  authEnvelopedDataFrame,
  type GeneralCrypto,
  inPieces,
  type OctetSource,
  toReadable,
} from '@stanzaseal/cms/general';
import { type GeneralEncryptParameters, prepareEncryption } from './encrypt.js';
import { unsupported } from './refusal.js';

/** What `encryptStream` needs. */
export interface StreamEncryptParameters extends GeneralEncryptParameters {
  /** Length of the content in octets, up to 4 GiB less 1 MiB: the object is DER. Left out, it is BER of indefinite length. */
  readonly contentLength?: number;
}

/**
 * Encrypts content as it comes, to recipients of any kinds; nothing is read before somebody reads the result. How the source cuts the
 * content does not show.
 * @throws CmsError `ERR_UNSUPPORTED` where the provider has no streams; RangeError for a `contentLength` out of range. All else
 * becomes the stream's error: what `encrypt` throws, what the source throws, and RangeError for content of another length than
 * announced or of 64 GiB, where AES-GCM ends (NIST SP 800-38D §5.2.1.1)
 * @example
 * const object = encryptStream(file.stream(), { profile: 'general', recipients, contentType: ID_DATA,
 *   contentEncryption: 'AES-256-GCM', cekHkdf: false, contentLength: file.size, random, crypto });
 */
export function encryptStream(source: OctetSource, parameters: StreamEncryptParameters): ReadableStream<Uint8Array> {
  const { contentLength, crypto } = parameters;
  if (
    contentLength !== undefined &&
    !(Number.isInteger(contentLength) && contentLength >= 0 && contentLength <= MAX_DER)
  )
    throw new RangeError('contentLength is not a whole number of octets up to 4 GiB less 1 MiB');
  const { sealStream } = crypto;
  if (sealStream === undefined) throw unsupported(`encryption in pieces by ${crypto.name}`);
  return toReadable(encrypted(source, parameters, sealStream));
}

/** Lengths of DER are written in four octets here, the frame's included. */
const MAX_DER = 2 ** 32 - 2 ** 20;
const MAX_CONTENT = 2 ** 36 - 32;

async function* encrypted(
  source: OctetSource,
  parameters: StreamEncryptParameters,
  sealStream: NonNullable<GeneralCrypto['sealStream']>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { contentLength } = parameters;
  const { head, aead, key, nonce, aad } = await prepareEncryption(parameters);
  const frame = authEnvelopedDataFrame(head, contentLength);
  const sealing = sealStream(aead, key, nonce, aad);
  yield frame.head;
  let length = 0;
  for await (const piece of inPieces(source)) {
    length += piece.length;
    if (length > (contentLength ?? MAX_CONTENT))
      throw new RangeError('content is longer than announced, or than 64 GiB');
    const header = frame.chunkHeader(piece.length);
    const octets = sealing.update(piece);
    yield header.length === 0 ? octets : concat(header, octets);
  }
  if (contentLength !== undefined && length !== contentLength)
    throw new RangeError('content is shorter than announced');
  yield frame.tail(sealing.final());
}
