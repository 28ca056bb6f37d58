/**
 * The algorithm that content is encrypted by, also behind RFC 9709.
 * @module
 */
import type { GeneralNode } from '@stanzaseal/cms/general';
import { numberOf, oidName, oidOf, part, stringLength } from './nodes.js';

/** A content encryption, as far as it can be judged without a key. */
export interface ContentAlgorithm {
  /** The AlgorithmIdentifier, the inner one of RFC 9709. */
  readonly node: GeneralNode | undefined;
  /** Its name, or the dotted form. */
  readonly name: string;
  /** Whether the content key is derived by RFC 9709. */
  readonly cekHkdf: boolean;
  /** Name of the AEAD whose tag authenticates; `undefined` for one that is known to have none. */
  readonly tag: string | undefined;
  /** Whether it is one of those known here to be an AEAD. */
  readonly isAead: boolean;
  /** Octets of the nonce, where it stands. */
  readonly nonceLength: number | undefined;
  /** Octets of the tag by the parameters, `undefined` where they do not say or where there is none. */
  readonly tagLength: number | undefined;
  /** Whether the parameters leave the length of the tag to its DEFAULT of 12 (RFC 5084 §3.1, §3.2). */
  readonly tagLengthIsDefault: boolean;
}

const AES = '2.16.840.1.101.3.4.1';
const GCM_CCM: ReadonlySet<string> = new Set([6, 7, 26, 27, 46, 47].map((last) => `${AES}.${last}`));
const CHACHA20_POLY1305 = '1.2.840.113549.1.9.16.3.18';
const CEK_HKDF = '1.2.840.113549.1.9.16.3.31';

/** Reads the algorithm of an EncryptedContentInfo. */
export function contentAlgorithm(encryptedContentInfo: GeneralNode | undefined): ContentAlgorithm {
  const outer = part(encryptedContentInfo, 'contentEncryptionAlgorithm');
  const cekHkdf = oidOf(part(outer, 'algorithm')) === CEK_HKDF;
  const node = cekHkdf ? part(outer, 'parameters') : outer;
  const type = part(node, 'algorithm');
  const oid = oidOf(type) ?? '';
  const parameters = part(node, 'parameters');
  const name = oidName(type);
  if (GCM_CCM.has(oid)) {
    const nonce = part(parameters, 'aes-nonce');
    const length = part(parameters, 'aes-ICVlen');
    return {
      ...{ node, name, cekHkdf, tag: name, isAead: true },
      nonceLength: nonce === undefined ? undefined : stringLength(nonce),
      tagLength: numberOf(length),
      tagLengthIsDefault: nonce !== undefined && length === undefined,
    };
  }
  const isChaCha = oid === CHACHA20_POLY1305;
  // A name from the table and no AEAD: it has no tag. Of what has no name here nothing can be said.
  const tag = isChaCha ? name : name === oid || oid === '' ? 'an algorithm unknown here' : undefined;
  return {
    ...{ node, name, cekHkdf, tag, isAead: isChaCha },
    nonceLength: isChaCha && parameters !== undefined ? stringLength(parameters) : undefined,
    tagLength: isChaCha ? 16 : undefined,
    tagLengthIsDefault: false,
  };
}
