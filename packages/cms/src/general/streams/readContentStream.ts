/**
 * Reading an object whose content does not fit into memory.
 * @module
 */
import { derError } from '../../cmsError.js';
import type { GeneralLimits } from '../generalNode.js';
import { readGeneralContentInfo } from '../structures/readContentInfo.js';
import type {
  GeneralAuthEnvelopedData,
  GeneralAuthenticatedData,
  GeneralContentInfo,
  GeneralSignedData,
} from '../structures/types.js';
import { ContentScanner } from './contentScanner.js';
import { type OctetSource, octetsFrom } from './octetStream.js';

/** What stands in an object before its content. */
export type GeneralContentHead = {
  /** Whether the content is elsewhere. */
  readonly isDetached: boolean;
} & (
  | ({ readonly kind: 'SignedData' } & Pick<GeneralSignedData, 'version' | 'digestAlgorithms' | 'eContentType'>)
  | ({ readonly kind: 'AuthEnvelopedData' } & Pick<
      GeneralAuthEnvelopedData,
      'version' | 'recipientInfos' | 'contentType' | 'contentEncryptionAlgorithm'
    >)
  | ({ readonly kind: 'AuthenticatedData' } & Pick<
      GeneralAuthenticatedData,
      'version' | 'recipientInfos' | 'macAlgorithm' | 'digestAlgorithm' | 'eContentType'
    >)
);

/** An object that is being read. */
export interface ContentStream {
  /** What stands before the content. */
  readonly head: GeneralContentHead;
  /** The content in pieces, to be read once and to its end; then the whole input has been read. */
  readonly content: AsyncIterable<Uint8Array>;
  /**
   * The whole object, after its content: that is empty where it came by, and `undefined` where it is detached.
   * @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED`; TypeError before the content was read
   */
  end(): GeneralContentInfo;
  /** Reads no further, and cancels the source; after the end it does nothing. */
  cancel(): Promise<void>;
}

/**
 * Reads the head of a ContentInfo of SignedData, AuthEnvelopedData or AuthenticatedData, in BER or DER, and hands its content
 * through: primitive or in chunks within chunks. Everything else is read as `readGeneralContentInfo` reads it. Memory and time do not
 * depend on what lengths are announced nor on how content is cut.
 * @param limits on what stands beside the content, of which `octets` may be at most 1 MiB; the content itself has none
 * @throws CmsError `ERR_UNSUPPORTED` for any other kind; `ERR_DER` for what is malformed, beyond the limits, cut off or followed by
 * more octets: here, while the content is read, or at the end. What the source throws is thrown on
 * @example
 * const stream = await readContentStream(source, GENERAL_LIMITS);
 * for await (const piece of stream.content) digest.update(piece);
 * const object = stream.end();
 */
export async function readContentStream(source: OctetSource, limits: GeneralLimits): Promise<ContentStream> {
  const octets = octetsFrom(source);
  const scanner = new ContentScanner(limits);
  try {
    while (scanner.head === undefined) {
      const { done, value } = await octets.next();
      if (done === true) throw refusalOf(scanner.whole(), limits);
      scanner.feed(value);
    }
    const head = headOf(readGeneralContentInfo(scanner.head, limits));
    let whole: Uint8Array | undefined;
    return {
      head,
      content: contentOf(octets, scanner, () => {
        whole = scanner.whole();
      }),
      end() {
        if (whole === undefined) throw new TypeError('content has not been read to its end');
        return readGeneralContentInfo(whole, limits);
      },
      async cancel() {
        await octets.return();
      },
    };
  } catch (thrown) {
    await octets.return();
    throw thrown;
  }
}

/** What is wrong with an object in which there is no place for content. */
function refusalOf(octets: Uint8Array, limits: GeneralLimits): unknown {
  try {
    readGeneralContentInfo(octets, limits);
    return derError('part missing');
  } catch (refusal) {
    return refusal;
  }
}

async function* contentOf(
  octets: AsyncGenerator<Uint8Array, void, undefined>,
  scanner: ContentScanner,
  atEnd: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* scanner.take();
  for await (const piece of octets) {
    scanner.feed(piece);
    for (const content of scanner.take()) yield content;
  }
  atEnd();
}

function headOf(object: GeneralContentInfo): GeneralContentHead {
  const { kind, version } = object;
  switch (kind) {
    case 'SignedData': {
      const { digestAlgorithms, eContentType, eContent } = object;
      return { kind, version, digestAlgorithms, eContentType, isDetached: eContent === undefined };
    }
    case 'AuthEnvelopedData': {
      const { recipientInfos, contentType, contentEncryptionAlgorithm, encryptedContent } = object;
      const isDetached = encryptedContent === undefined;
      return { kind, version, recipientInfos, contentType, contentEncryptionAlgorithm, isDetached };
    }
    case 'AuthenticatedData': {
      const { recipientInfos, macAlgorithm, digestAlgorithm, eContentType, eContent } = object;
      const isDetached = eContent === undefined;
      return { kind, version, recipientInfos, macAlgorithm, digestAlgorithm, eContentType, isDetached };
    }
  }
}
