/**
 * Going on after a rollback: a store that was put back or copied becomes a new device (I6, I9).
 * @module
 */
import { equal, publicKeyFromRaw } from '@stanzaseal/cms';
import { type AccountRecord, type Change, createJoiningDevice, type HeldKey } from '@stanzaseal/keystore';
import { type Messenger, within } from '../messenger.js';
import { MessengerError } from '../messengerError.js';
import { accountOf, type Session } from '../session.js';

/** What a new device begins with. */
export interface ContinuedAs {
  /** DER of its request to be admitted; a primary device admits itself with it. */
  readonly request: Uint8Array;
  /** Key identifier of the device key that it gave up, to be removed or revoked. */
  readonly replaced: Uint8Array;
}

/**
 * The answer to `ERR_ROLLBACK`: this store goes on as a new device. An older state has private prekeys that were erased since, a
 * replay memory that has forgotten, counters that were used and keys of peers that were used up; a copy has all of them twice. So the
 * device key and every prekey, counter and choice are given up; identity, contacts and trust stay. Afterwards, take in the account's
 * newest list, then `admitDevice(messenger, request)` here or on a primary device, then `revokeDevice` of what was replaced.
 * @param parameters `device`: an Ed25519 key that is held elsewhere, in a token, to be the new device key. Where the old one is, the new
 * one must be; where it is not, the device key moves there. The old key stays in its token, for its owner to remove.
 * @throws MessengerError `ERR_NO_KEYS` where the device key is held elsewhere and no new one is given; TypeError for the one that is given up
 * @example
 * const { request, replaced } = await continueAsNewDevice(messenger);
 * await messenger.importKeys([publishedList]);
 * await admitDevice(messenger, request);
 * const { revocation, deviceList } = await revokeDevice(messenger, replaced);
 */
export function continueAsNewDevice(
  messenger: Messenger,
  parameters: { readonly device?: HeldKey } = {},
): Promise<ContinuedAs> {
  return within(messenger, (session) => renew(session, parameters.device));
}

async function renew(session: Session, device: HeldKey | undefined): Promise<ContinuedAs> {
  const { store, crypto, random, clock, onEvent } = session;
  const account = await accountOf(session);
  // Never out of the token without a word: what it was put there for would be undone.
  if (account.deviceElsewhere === true && device === undefined) {
    throw new MessengerError('ERR_NO_KEYS', 'device key is held elsewhere: a new one is to be made there, and given');
  }
  if (device !== undefined && equal(device.publicKey.raw, account.device)) {
    throw new TypeError('device is the key that is given up');
  }
  const { keyIdentifier: replaced } = await publicKeyFromRaw('Ed25519', account.device, crypto);
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const joining = await createJoiningDevice({
    owner: store.owner,
    identity,
    random,
    clock,
    crypto,
    ...(device === undefined ? {} : { device }),
  });
  const changes: Change[] = [];
  const erased: string[] = [];
  for (const [key] of await store.entries('prekeys')) erased.push(key);
  for (const key of erased) changes.push({ table: 'prekeys', key, record: undefined });
  for (const [key] of await store.entries('conversations'))
    changes.push({ table: 'conversations', key, record: undefined });
  // What peers offered then may have been used since, and erased by them: their bundles are fetched anew.
  for (const [key, { reply: _, choice: __, lastResort: ___, ...device }] of await store.entries('devices'))
    changes.push({ table: 'devices', key, record: { ...device, bundleNotAfter: 0, oneTime: [] } });
  for (const change of joining.changes) {
    changes.push(
      change.table === 'account' ? { ...change, record: renewed(account, change.record as AccountRecord) } : change,
    );
  }
  await store.commit(changes, device === undefined ? undefined : { device });
  onEvent({ kind: 'prekeys-erased', keyIdentifiers: erased });
  return { request: joining.request, replaced };
}

/** The account with another device, which is not admitted yet and has published nothing. */
function renewed(
  {
    endorsement: _,
    bundle: __,
    bundleAt,
    publications: ___,
    rolledBackTo: ____,
    deviceElsewhere: _____,
    deviceName: ______,
    localSecret: _______,
    ...account
  }: AccountRecord,
  { owner: ________, role: _________, identity: __________, ...device }: AccountRecord,
): AccountRecord {
  // When it was published was the note of the time (I14).
  const clockAt = account.clockAt ?? bundleAt;
  return { ...account, ...(clockAt === undefined ? {} : { clockAt }), ...device };
}
