/**
 * Digests of content that streams by.
 * @module
 */
import { CmsError } from '@stanzaseal/cms';
import type { GeneralCrypto, HashStream } from '@stanzaseal/cms/general';
import type { SignatureHash } from './policy.js';

/** Several digests of the same content. */
export interface ContentDigests {
  /** The next piece. */
  update(piece: Uint8Array): void;
  /** One of the digests, of all that came; `undefined` for one that was not asked for. */
  digest(hash: SignatureHash): Uint8Array | undefined;
}

/** Digests by the hashes given, each once. @throws CmsError `ERR_UNSUPPORTED` where the provider has none in pieces */
export function contentDigests(hashes: readonly SignatureHash[], crypto: GeneralCrypto): ContentDigests {
  const streams = new Map<SignatureHash, HashStream>();
  for (const hash of hashes) if (!streams.has(hash)) streams.set(hash, digestStream(hash, crypto));
  const digests = new Map<SignatureHash, Uint8Array>();
  return {
    update(piece) {
      for (const stream of streams.values()) stream.update(piece);
    },
    digest(hash) {
      const digest = digests.get(hash) ?? streams.get(hash)?.digest();
      if (digest !== undefined) digests.set(hash, digest);
      return digest;
    },
  };
}

function digestStream(hash: SignatureHash, crypto: GeneralCrypto): HashStream {
  if (crypto.digestStream === undefined)
    throw new CmsError('ERR_UNSUPPORTED', `a digest in pieces by ${crypto.name} is not supported`);
  return crypto.digestStream(hash);
}
