/**
 * Takes the RecipientInfos out of a sealed object, and puts them back so that the very octets are there again. What is left has an
 * empty set in their place and lengths to match, in DER: so it stays readable, says nothing of who or how many the recipients were,
 * and cannot be taken for an object that somebody sent (RFC 5652 §6.1: one recipient at least).
 * @module
 */
import {
  CmsError,
  constructed,
  DER_LIMITS,
  type DerNode,
  DerReader,
  encodeDer,
  encoded,
  encodeParts,
  equal,
  ID_CT_AUTH_ENVELOPED_DATA,
} from '@stanzaseal/cms';

/** An object in two parts. */
export interface CutObject {
  /** The object with an empty set in place of its RecipientInfos. */
  readonly object: Uint8Array;
  /** DER of the SET OF RecipientInfo, tag 31 included. */
  readonly recipientInfos: Uint8Array;
}

const EMPTY_SET = Uint8Array.of(0x31, 0x00);

/**
 * Cuts the RecipientInfos out of the DER of a ContentInfo of AuthEnvelopedData (RFC 5083 §2.1).
 * @throws CmsError `ERR_DER` for anything else, and for an object without recipients
 */
export function cutRecipientInfos(objectDer: Uint8Array): CutObject {
  const { object, recipientInfos } = cutInPlace(objectDer);
  return { object: encodeDer(object), recipientInfos };
}

/** As `cutRecipientInfos`, to be written where it is to stand. */
export function cutInPlace(objectDer: Uint8Array): { readonly object: DerNode; readonly recipientInfos: Uint8Array } {
  const { head, recipientInfos, rest } = read(objectDer);
  if (recipientInfos.length === EMPTY_SET.length) throw new CmsError('ERR_DER', 'object without recipients');
  return { object: nodeOf(head, EMPTY_SET, rest), recipientInfos };
}

/**
 * Puts RecipientInfos back into what `cutRecipientInfos` left of an object.
 * @throws CmsError `ERR_DER` for what is not of that form
 */
export function joinRecipientInfos(cut: CutObject): Uint8Array {
  const { head, recipientInfos, rest } = read(cut.object);
  if (!equal(recipientInfos, EMPTY_SET)) throw new CmsError('ERR_DER', 'object is not cut');
  const set = readerOver(cut.recipientInfos);
  if (set.encodedAs(0x31).length === EMPTY_SET.length) throw new CmsError('ERR_DER', 'no recipients');
  set.end();
  return encodeDer(nodeOf(head, cut.recipientInfos, rest));
}

interface Parts {
  /** version: what stands before the RecipientInfos. */
  readonly head: Uint8Array;
  readonly recipientInfos: Uint8Array;
  /** What stands behind them. */
  readonly rest: Uint8Array;
}

/** Takes an object apart along the one path to its RecipientInfos; every header on it is minimal, so there is one way back. */
function read(der: Uint8Array): Parts {
  const outer = readerOver(der);
  const contentInfo = outer.sequence();
  outer.end();
  if (!equal(contentInfo.objectIdentifier(), ID_CT_AUTH_ENVELOPED_DATA))
    throw new CmsError('ERR_DER', 'object is no AuthEnvelopedData');
  const content = contentInfo.constructed(0xa0);
  contentInfo.end();
  const data = content.sequence();
  content.end();
  const head = data.encodedAs(0x02);
  const recipientInfos = data.encodedAs(0x31);
  return { head, recipientInfos, rest: data.rest() };
}

/** However long: an archive may take longer objects than others do, and has them already. */
function readerOver(der: Uint8Array): DerReader {
  return new DerReader(der, { octets: der.length, depth: DER_LIMITS.depth });
}

/** To be written at once: an object is long, and a copy for each of its layers would cost more than all the rest. */
function nodeOf(head: Uint8Array, recipientInfos: Uint8Array, rest: Uint8Array): DerNode {
  const data = constructed(0x30, [encoded(head), encoded(recipientInfos), encoded(rest)]);
  return constructed(0x30, [encoded(CONTENT_TYPE), constructed(0xa0, [data])]);
}

const CONTENT_TYPE = encodeParts(0x06, ID_CT_AUTH_ENVELOPED_DATA);
