/**
 * Decrypting AuthEnvelopedData whose content does not fit into memory.
 * @module
 */
import { contentTypeAttribute, equal, ID_DATA } from '@stanzaseal/cms';
import {
  type GeneralAuthEnvelopedData,
  type GeneralContentHead,
  generalAttributes,
  type OpenStream,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { aeadKeyLength, cipherKey } from './contentKey.js';
import { checkContentType, encryptionOf, type GeneralDecrypted } from './decrypt.js';
import { findCek } from './findCek.js';
import { type ObjectSource, type Opening, openInPieces, type StreamOpenParameters, writtenTo } from './openedStream.js';
import { unsupported } from './refusal.js';

/** What `decryptStream` gives. */
export interface StreamDecrypted<Content> extends Omit<GeneralDecrypted, 'content'> {
  /** What the spill's `commit` gave. */
  readonly content: Content;
}

/**
 * Decrypts AuthEnvelopedData in BER or DER as it comes. The content goes into the spill and is committed once the tag is checked.
 * The attributes under the tag stand after the content: those that are usual (none with id-data, else content-type alone) are
 * assumed, and where they turn out to be others, the spill is read once more for the tag.
 * @param source the object, or what `readContentStream` gave for it
 * @throws EnvelopeError `ERR_OPEN`, CmsError `ERR_UNSUPPORTED` as `decrypt` does, and where the provider has no streams; what the
 * source or the spill throws
 * @example
 * const { content } = await decryptStream(source, { profile: 'general', keys, policy: GENERAL_POLICY, crypto,
 *   spill: await temporarySpill({ directory: tmpdir(), random }) });
 */
export async function decryptStream<Content>(
  source: ObjectSource,
  parameters: StreamOpenParameters<Content>,
): Promise<StreamDecrypted<Content>> {
  return openInPieces(source, parameters, (head) => beginDecryption(head, parameters));
}

const NOTHING = new Uint8Array(0);

async function beginDecryption(
  head: GeneralContentHead,
  parameters: StreamOpenParameters<unknown>,
): Promise<Opening<Omit<GeneralDecrypted, 'content'>>> {
  const { policy, crypto, spill } = parameters;
  const { openStream } = crypto;
  if (openStream === undefined) throw unsupported(`decryption in pieces by ${crypto.name}`);
  if (head.kind !== 'AuthEnvelopedData') throw new EnvelopeError();
  const encryption = encryptionOf(head, policy);
  const keyLength = aeadKeyLength(encryption.aead);
  const { cek, by } = await findCek(head.recipientInfos, (length) => length === keyLength, parameters);
  // Where the key did not come out, any other fails at the tag, as it does with an object in one piece.
  const key = await cipherKey(cek ?? new Uint8Array(keyLength), encryption, crypto);
  const assumed = usualAttributes(head.contentType);
  const { aead, nonce, tagLength } = encryption;
  const open = (aad: Uint8Array): OpenStream => openStream(aead, key, nonce, aad, tagLength);
  const opening = open(assumed);
  return {
    update: (piece) => opening.update(piece),
    async check(data) {
      const { authAttrs, mac, unauthAttrs, contentType } = data as GeneralAuthEnvelopedData;
      checkContentType(contentType, authAttrs);
      // A tag has the length that its algorithm says, or it is cut (A6).
      if (mac.length !== tagLength) throw new EnvelopeError();
      const aad = authAttrs?.der ?? NOTHING;
      if (equal(aad, assumed)) opening.final(mac);
      else {
        // GCM and ChaCha20 add a keystream: decrypting the plaintext gives the ciphertext again, and that goes under the true AAD.
        const [again, checking] = [open(NOTHING), open(aad)];
        for await (const piece of writtenTo(spill)) checking.update(again.update(piece));
        checking.final(mac);
      }
      if (cek === undefined) throw new EnvelopeError();
      return { contentType, authAttrs, unauthAttrs, cek, by };
    },
  };
}

/** AAD of the attributes that most objects have: OpenSSL writes such, and `encrypt` when it is given none. */
function usualAttributes(contentType: Uint8Array): Uint8Array {
  return equal(contentType, ID_DATA) ? NOTHING : generalAttributes([contentTypeAttribute(contentType)]).der;
}
