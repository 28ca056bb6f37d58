/**
 * Where the content of each kind of object stands.
 * @module
 */
import { encodeHeader } from '../../derWriter.js';
import { ID_CT_AUTH_ENVELOPED_DATA, ID_SIGNED_DATA } from '../../objectIdentifiers.js';
import { equal } from '../../octets.js';
import { BerSource } from '../berTree.js';
import type { GeneralLimits } from '../generalNode.js';
import { ID_CT_AUTH_DATA } from '../structures/authenticatedData.js';
import { objectIdentifierOf } from '../structures/berFields.js';
import { unsupportedContentType } from '../structures/readContentInfo.js';

/** The values around the content, from outside: ContentInfo, its [0], the data, what holds the content, eContent's [0]. */
export const LEVEL = { contentInfo: 0, content: 1, data: 2, encapsulated: 3, eContent: 4 } as const;

/** Where the content of a kind stands. */
export interface ContentLayout {
  /** Content octets of the OBJECT IDENTIFIER. */
  readonly contentType: Uint8Array;
  /** How many SEQUENCEs stand in the data before the one that holds the content. */
  readonly sequencesBefore: number;
  /** Whether the content is an OCTET STRING inside of [0], or [0] IMPLICIT itself. */
  readonly isExplicit: boolean;
  /** What follows the content in the least object: signerInfos of nobody, a mac of nothing. */
  readonly leastTail: Uint8Array;
}

/** Of the kind that the octets of ContentInfo's contentType name. @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function contentLayout(octets: Uint8Array, limits: GeneralLimits): ContentLayout {
  const contentType = objectIdentifierOf(new BerSource(limits).read(octets));
  const layout = LAYOUTS.find((each) => equal(each.contentType, contentType));
  if (layout === undefined) throw unsupportedContentType(contentType);
  return layout;
}

const [NO_SIGNERS, EMPTY_MAC] = [encodeHeader(0x31, 0), encodeHeader(0x04, 0)];
const LAYOUTS: readonly ContentLayout[] = [
  { contentType: ID_SIGNED_DATA, sequencesBefore: 0, isExplicit: true, leastTail: NO_SIGNERS },
  { contentType: ID_CT_AUTH_ENVELOPED_DATA, sequencesBefore: 0, isExplicit: false, leastTail: EMPTY_MAC },
  // macAlgorithm.
  { contentType: ID_CT_AUTH_DATA, sequencesBefore: 1, isExplicit: true, leastTail: EMPTY_MAC },
];
