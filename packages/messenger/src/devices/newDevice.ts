/**
 * Going on after a rollback: a store that was put back or copied becomes a new device (I6, I9).
 * @module
 */
import { publicKeyFromRaw } from '@stanzaseal/cms';
import { type AccountRecord, type Change, createJoiningDevice } from '@stanzaseal/keystore';
import { type Messenger, within } from '../messenger.js';
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
 * @example
 * const { request, replaced } = await continueAsNewDevice(messenger);
 * await messenger.importKeys([publishedList]);
 * await admitDevice(messenger, request);
 * const { revocation, deviceList } = await revokeDevice(messenger, replaced);
 */
export function continueAsNewDevice(messenger: Messenger): Promise<ContinuedAs> {
  return within(messenger, renew);
}

async function renew(session: Session): Promise<ContinuedAs> {
  const { store, crypto, random, clock, onEvent } = session;
  const account = await accountOf(session);
  const { keyIdentifier: replaced } = await publicKeyFromRaw('Ed25519', account.device, crypto);
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const joining = await createJoiningDevice({ owner: store.owner, identity, random, clock, crypto });
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
  await store.commit(changes);
  onEvent({ kind: 'prekeys-erased', keyIdentifiers: erased });
  return { request: joining.request, replaced };
}

/** The account with another device, which is not admitted yet and has published nothing. */
function renewed(
  { endorsement: _, bundle: __, bundleAt, publications: ___, rolledBackTo: ____, ...account }: AccountRecord,
  { device, deviceSecret }: AccountRecord,
): AccountRecord {
  // When it was published was the note of the time (I14).
  const clockAt = account.clockAt ?? bundleAt;
  return { ...account, ...(clockAt === undefined ? {} : { clockAt }), device, deviceSecret, bundleSequence: 0 };
}
