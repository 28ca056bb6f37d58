/**
 * Authenticated encryption of content: AES-GCM (RFC 5084), ChaCha20-Poly1305 (RFC 8103), each with or without the key
 * derivation of RFC 9709. A cipher that is none is refused (CVE-2026-34182).
 *
 * ```
 * GCMParameters ::= SEQUENCE { aes-nonce OCTET STRING, aes-ICVlen AES-GCM-ICVlen DEFAULT 12 }
 * AES-GCM-ICVlen ::= INTEGER (12 | 13 | 14 | 15 | 16)
 * AEADChaCha20Poly1305Nonce ::= OCTET STRING (SIZE(12))
 * CEKHKDFSHA256 parameters ::= AlgorithmIdentifier of the content encryption
 * ```
 * @module
 */
import { GCM_NONCE_LENGTH, GCM_TAG_LENGTH } from '../../../algorithmIdentifier.js';
import { CmsError, derError } from '../../../cmsError.js';
import { encodeDer, integer, octetString, sequence } from '../../../derWriter.js';
import { ID_CEK_HKDF_SHA256, oid } from '../../../objectIdentifiers.js';
import { equal } from '../../../octets.js';
import type { AeadName } from '../../generalCrypto.js';
import { algorithmInside, generalAlgorithm, parametersOf } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, type OidTable, oidOf, oidTable } from './oidTable.js';

/** How content is encrypted. */
export interface GeneralContentEncryption {
  /** The cipher. */
  readonly aead: AeadName;
  /** The nonce: 12 octets, with AES-GCM up to 16 on reading. */
  readonly nonce: Uint8Array;
  /** Length of the tag in octets: 16, with AES-GCM from 12 on reading. */
  readonly tagLength: number;
  /** Whether the content key is derived from the CEK (RFC 9709). */
  readonly cekHkdf: boolean;
  /** The algorithm of the cipher itself: its `der` is the `info` of RFC 9709. */
  readonly algorithm: GeneralAlgorithm;
}

const AEADS: OidTable<AeadName> = [
  ...oidTable<AeadName>('2.16.840.1.101.3.4.1', [
    ['AES-128-GCM', 6],
    ['AES-192-GCM', 26],
    ['AES-256-GCM', 46],
  ]),
  ['ChaCha20-Poly1305', oid('1.2.840.113549.1.9.16.3.18')],
];
/** OpenSSL has room for 16 octets and wrote beyond it with longer ones (CVE-2025-15467); nobody writes them. */
const MAX_NONCE_LENGTH = 16;
/** aes-ICVlen DEFAULT (RFC 5084 §3.2). */
const DEFAULT_TAG_LENGTH = 12;

/**
 * Reads contentEncryptionAlgorithm of an AuthEnvelopedData.
 * @throws CmsError `ERR_UNSUPPORTED` for another cipher or a nonce of an odd length, `ERR_DER` for bad parameters
 */
export function readContentEncryptionAlgorithm(outer: GeneralAlgorithm): GeneralContentEncryption {
  const cekHkdf = equal(outer.oid, ID_CEK_HKDF_SHA256);
  const algorithm = cekHkdf ? algorithmInside(outer) : outer;
  const aead = nameOf(AEADS, algorithm, 'content encryption');
  return { aead, cekHkdf, algorithm, ...(aead === 'ChaCha20-Poly1305' ? readNonce(algorithm) : readGcm(algorithm)) };
}

/** contentEncryptionAlgorithm under a nonce of 12 octets, with a tag of 16. @throws RangeError for another nonce */
export function contentEncryptionAlgorithm(aead: AeadName, nonce: Uint8Array, cekHkdf: boolean): GeneralAlgorithm {
  if (nonce.length !== GCM_NONCE_LENGTH) throw new RangeError('nonce is not 12 octets');
  const parameters =
    aead === 'ChaCha20-Poly1305' ? octetString(nonce) : sequence(octetString(nonce), integer(GCM_TAG_LENGTH));
  const algorithm = generalAlgorithm(oidOf(AEADS, aead), encodeDer(parameters));
  return cekHkdf ? generalAlgorithm(ID_CEK_HKDF_SHA256, algorithm.der) : algorithm;
}

type NonceAndTag = Pick<GeneralContentEncryption, 'nonce' | 'tagLength'>;

function readNonce(algorithm: GeneralAlgorithm): NonceAndTag {
  const reader = parametersOf(algorithm);
  const nonce = reader.octetStringOf(GCM_NONCE_LENGTH);
  reader.end();
  return { nonce, tagLength: GCM_TAG_LENGTH };
}

/** An ICVlen that states its DEFAULT is BER, and taken. */
function readGcm(algorithm: GeneralAlgorithm): NonceAndTag {
  const reader = parametersOf(algorithm);
  const parameters = reader.sequence();
  reader.end();
  const nonce = parameters.octetString();
  const tagLength = parameters.atEnd ? DEFAULT_TAG_LENGTH : parameters.integer();
  parameters.end();
  if (tagLength < DEFAULT_TAG_LENGTH || tagLength > GCM_TAG_LENGTH) throw derError('tag length out of range');
  if (nonce.length < GCM_NONCE_LENGTH || nonce.length > MAX_NONCE_LENGTH)
    throw new CmsError('ERR_UNSUPPORTED', 'nonce is not 12 to 16 octets');
  return { nonce, tagLength };
}
