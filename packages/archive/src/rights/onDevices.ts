/**
 * What devices do with wraps: an owner's device makes them for its self-archive and opens them again; an auditor's device opens what was
 * released to it. The key that comes out is for `openArchived` of the messenger.
 * @module
 */
import {
  type AgreementKey,
  CmsError,
  type CryptoProvider,
  equal,
  type PublicKey,
  type RandomSource,
} from '@stanzaseal/cms';
import { factsOf } from './objectFacts.js';
import { createUnwrapper, createWrapper, decodeWrap, isKeyOf, type WrapUse, wrapUkm } from './wrap.js';

const NONE = new Uint8Array(0);

/** A private X25519 key and its identifier. */
export interface DeviceKey {
  readonly key: AgreementKey;
  readonly keyIdentifier: Uint8Array;
}

/**
 * Wraps an object's key to an archive key: `deposit` of the archive takes it in. The archive never has the key itself.
 * @param object DER of the object, with or without its RecipientInfos
 * @param cek as `seal` and `open` of the messenger give it
 * @returns DER of a KeyAgreeRecipientInfo
 * @throws RangeError for a key that is not the object's
 */
export async function wrapForArchive(
  object: Uint8Array,
  cek: Uint8Array,
  archiveKey: PublicKey,
  parameters: { readonly random: RandomSource; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  const facts = await factsOf(object, parameters.crypto);
  if (!(await isKeyOf(cek, facts, parameters.crypto))) throw new RangeError("cek is not the object's");
  const wrap = await createWrapper(archiveKey, parameters);
  return wrap(cek, await wrapUkm('archive', facts, NONE, parameters.crypto));
}

/** The object's key from a wrap of one's own archive key. @throws CmsError `ERR_DER` for a wrap that is not of this object and key */
export function cekOfWrap(
  wrap: Uint8Array,
  object: Uint8Array,
  device: DeviceKey,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  return opened(wrap, object, device, undefined, NONE, crypto);
}

/**
 * The object's key from what was released to one's own device by a request.
 * @param request DER of the request: a key that was released for another purpose does not open
 * @throws CmsError `ERR_DER` for a key that is not of this object, device and request
 * @example
 * const cek = await cekOfRelease(recipientInfo, object, request, { key, keyIdentifier }, crypto);
 * const { stanza } = await messenger.openArchived(sealed, cek);
 */
export async function cekOfRelease(
  recipientInfo: Uint8Array,
  object: Uint8Array,
  request: Uint8Array,
  device: DeviceKey,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  return opened(recipientInfo, object, device, 'release', await crypto.sha256(request), crypto);
}

async function opened(
  der: Uint8Array,
  object: Uint8Array,
  { key, keyIdentifier }: DeviceKey,
  use: WrapUse | undefined,
  context: Uint8Array,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  const wrap = decodeWrap(der);
  const facts = await factsOf(object, crypto);
  // A wrap that was cut from the object itself has the object's ukm; what was released has that of its request.
  const isBound = use === undefined || equal(wrap.ukm, await wrapUkm(use, facts, context, crypto));
  const cek = isBound ? await createUnwrapper(key, keyIdentifier, crypto)(wrap) : undefined;
  if (cek === undefined || !(await isKeyOf(cek, facts, crypto)))
    throw new CmsError('ERR_DER', 'wrap is not of this object and key');
  return cek;
}
