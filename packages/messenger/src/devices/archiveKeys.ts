/**
 * Archives, in plain sight: named in the account's own list, which the identity key signs.
 * @module
 */
import type { ArchiveKey } from '@stanzaseal/cms';
import { type Messenger, within } from '../messenger.js';
import { changedList, withList } from '../ownList.js';
import { accountOf } from '../session.js';

/**
 * Names the archives to which everything of this account is sealed too, on a primary device; gives the new signed list, to be published.
 * @throws MessengerError `ERR_NO_KEYS` on a device that does not hold the identity key; KeyStoreError `ERR_ROLLBACK`
 */
export function setArchiveKeys(messenger: Messenger, archiveKeys: readonly ArchiveKey[]): Promise<Uint8Array> {
  return within(messenger, async (session) => {
    const deviceList = await changedList(session, { archiveKeys });
    const record = withList(await accountOf(session), deviceList);
    await session.store.commit([{ table: 'account', key: 'self', record }]);
    return deviceList;
  });
}
