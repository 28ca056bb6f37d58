/**
 * What a published object says it is, before any signature was looked at: enough to tell whose it is, where it belongs among what was
 * published, and what it is to the list that is known.
 * @module
 */
import {
  CmsError,
  decodeEndorsement,
  decodePrekeyBundle,
  equal,
  ID_CT_DEVICE_LIST,
  ID_CT_ENDORSEMENT,
  ID_CT_PREKEY_BUNDLE,
  publicKeyFromRaw,
} from '@stanzaseal/cms';
import { readSignedData, SignerError } from '@stanzaseal/signer';
import { contentOf, type ListHolder, storedList } from '../lists.js';
import { type Messenger, within } from '../messenger.js';
import { verifyError } from '../messengerError.js';
import { accountOf, type Session } from '../session.js';

/**
 * What a device list is to the one known: the same; of a lower version (`older`); of the same version with other content (`fork`); the
 * next, on top of the one known (`next`) or of another (`broken`); of a version beyond that (`newer`). `first` where none is known.
 */
export type ListRelation = 'first' | 'same' | 'older' | 'fork' | 'next' | 'broken' | 'newer';

/** What a published object says it is. */
export type PublishedObject =
  | { readonly kind: 'device-list'; readonly owner: string; readonly relation: ListRelation }
  /** `device` is the key identifier of the key that is endorsed or revoked; of the device that signed the bundle. */
  | { readonly kind: 'statement' | 'prekey-bundle'; readonly owner: string; readonly device: Uint8Array };

/**
 * What a published object (DER) says it is. Nothing is verified: `importKeys` does that, and takes objects of any account, so compare
 * `owner` with the account whose server gave it first.
 * @throws MessengerError `ERR_VERIFY` for what is none
 */
export function describePublished(messenger: Messenger, der: Uint8Array): Promise<PublishedObject> {
  return within(messenger, (session) => describe(session, der)).catch((cause) => {
    throw cause instanceof CmsError || cause instanceof SignerError ? verifyError(cause) : cause;
  });
}

async function describe(session: Session, der: Uint8Array): Promise<PublishedObject> {
  const { contentType, content } = readSignedData(der);
  if (content === undefined) throw verifyError();
  if (equal(contentType, ID_CT_DEVICE_LIST)) {
    const { owner } = storedList(der);
    return { kind: 'device-list', owner, relation: await relationOf(session, owner, der) };
  }
  if (equal(contentType, ID_CT_PREKEY_BUNDLE)) {
    const { owner, device } = decodePrekeyBundle(content);
    return { kind: 'prekey-bundle', owner, device };
  }
  if (!equal(contentType, ID_CT_ENDORSEMENT)) throw verifyError();
  const { owner, endorsed } = decodeEndorsement(content);
  const { keyIdentifier } = await publicKeyFromRaw(endorsed.algorithm, endorsed.raw, session.crypto);
  return { kind: 'statement', owner, device: keyIdentifier };
}

async function relationOf(session: Session, owner: string, der: Uint8Array): Promise<ListRelation> {
  const { store, crypto } = session;
  const holder: ListHolder | undefined =
    owner === store.owner ? await accountOf(session) : await store.get('contacts', owner);
  const { deviceList, forkedList } = holder ?? {};
  if (deviceList === undefined) return 'first';
  const { listVersion, previous } = storedList(der);
  const known = storedList(deviceList).listVersion;
  if (listVersion < known) return 'older';
  if (listVersion > known + 1) return 'newer';
  const contents = [deviceList, ...(forkedList === undefined ? [] : [forkedList])].map(contentOf);
  if (listVersion === known) return contents.some((one) => equal(one, contentOf(der))) ? 'same' : 'fork';
  for (const content of contents)
    if (previous !== undefined && equal(await crypto.sha256(content), previous)) return 'next';
  return 'broken';
}
