/**
 * The own account's keys on its server: what is there is taken in first, what should be there is put there, and two devices that overwrite
 * each other come to one list (T12).
 * @module
 */
import { equal, toHex } from '@stanzaseal/cms';
import type { AccountRecord, KeyStore } from '@stanzaseal/keystore';
import { type Messenger, MessengerError } from '@stanzaseal/messenger';
import {
  admissionRequest,
  admitDevice,
  describePublished,
  type ListRelation,
  listedDevices,
} from '@stanzaseal/messenger/devices';
import type { Link } from '../link.js';
import { readNode } from './fetchKeys.js';
import type { KeyEvent } from './keyEvents.js';
import { CURRENT, type KeyItem, NODES } from './nodes.js';
import { isOpen, publishOpen } from './openNode.js';
import { isRefusal, retractItem } from './pubsub.js';
import { takeIn } from './takeIn.js';

/** What it takes. */
export interface OwnKeysPorts {
  /** The connection. */
  readonly link: Link;
  /** The account's messenger. */
  readonly messenger: Messenger;
  /** Its store. */
  readonly store: KeyStore;
  /** Where events go. */
  readonly onEvent: (event: KeyEvent) => void;
}

/** The own account's keys on its server. One call at a time. */
export interface OwnKeys {
  /**
   * Fetches what the server has and takes it in.
   * @throws KeyStoreError `ERR_ROLLBACK`; MessengerError `ERR_KEY_CHANGED` where a list of another identity is there; XmppError
   */
  fetch(): Promise<void>;
  /** Takes in a list that the server told of; gives what it is to ours. @throws as `fetch` */
  takeList(item: KeyItem): Promise<ListRelation | undefined>;
  /**
   * Renews what is due and puts on the server what it does not have; gives when to call again.
   * @throws MessengerError `ERR_NO_KEYS` on a device not admitted; XmppError
   */
  publish(): Promise<number>;
  /** Whether the server has another list than ours, as far as was seen. */
  isListMissing(): Promise<boolean>;
  /** Forgets what was seen: it is another connection. */
  reset(): void;
}

/** Items retracted at a time. */
const MAX_RETRACTIONS = 16;
const LOST: readonly (ListRelation | undefined)[] = ['fork', 'broken'];

/** Makes it. */
export function createOwnKeys({ link, messenger, store, onEvent }: OwnKeysPorts): OwnKeys {
  let serverList: Uint8Array | undefined;
  let serverBundles: readonly KeyItem[] = [];
  let told: Uint8Array | undefined;
  const open = new Set<string>();

  const accountOf = async (): Promise<AccountRecord> => (await store.get('account', 'self')) as AccountRecord;
  const isListed = async (): Promise<boolean> =>
    (await listedDevices(messenger)).some(({ isThis, state }) => isThis && state === 'listed');

  async function takeList(item: KeyItem): Promise<ListRelation | undefined> {
    serverList = item.der;
    const { forkedList: before } = await accountOf();
    const found = await describePublished(messenger, item.der).catch(() => undefined);
    const relation = found?.kind === 'device-list' && found.owner === messenger.owner ? found.relation : undefined;
    if (relation === undefined || relation === 'older') return relation;
    const { refused } = await takeIn(messenger, messenger.owner, [item]);
    if (refused.length > 0) onEvent({ kind: 'keys-refused', jid: messenger.owner, node: item.node, id: item.id });
    await staysListed(before !== undefined || LOST.includes(relation));
    return relation;
  }

  /** A list without this device: one that was lost beside another comes back, one that was removed is told. */
  async function staysListed(wasLost: boolean): Promise<void> {
    const account = await accountOf();
    if (account.endorsement === undefined || (await isListed())) return;
    if (wasLost && account.role === 'primary' && account.rolledBackTo === undefined) {
      try {
        await admitDevice(messenger, await admissionRequest(messenger));
        return;
      } catch (cause) {
        // A device that was revoked meanwhile does not come back by itself (I12).
        if (!(cause instanceof MessengerError)) throw cause;
      }
    }
    const { deviceList } = account;
    if (deviceList === undefined || (told !== undefined && equal(told, deviceList))) return;
    told = deviceList;
    onEvent({ kind: 'unlisted' });
  }

  async function put(item: KeyItem, isThere: boolean): Promise<void> {
    if (isThere && (open.has(item.node) || (await isOpen(link, item.node)))) open.add(item.node);
    else {
      await publishOpen(link, item);
      open.add(item.node);
    }
  }

  /** Bundles of devices that left: nobody takes them in, but they need not stand there. */
  async function retractGone(): Promise<void> {
    if ((await accountOf()).forkedList !== undefined) return;
    const devices = await listedDevices(messenger);
    const gone = new Set(
      devices
        .filter(({ state, isThis }) => !isThis && ['removed', 'revoked'].includes(state))
        .map(({ device }) => toHex(device)),
    );
    const items = serverBundles.filter(({ id }) => gone.has(id)).slice(0, MAX_RETRACTIONS);
    for (const { id } of items) {
      await retractItem(link, NODES.BUNDLES, id).catch((cause) => {
        if (!isRefusal(cause)) throw cause;
      });
    }
    serverBundles = serverBundles.filter((item) => !items.includes(item));
  }

  return {
    takeList,
    async fetch() {
      const [list] = await readNode(link, undefined, NODES.DEVICES, [CURRENT]);
      const statements = await readNode(link, undefined, NODES.STATEMENTS);
      serverBundles = await readNode(link, undefined, NODES.BUNDLES);
      serverList = list?.der;
      // Whether this store was put back comes before everything else (I6, I9): after it nothing is taken in.
      const { refused } = await takeIn(messenger, messenger.owner, serverBundles);
      if (list !== undefined) await takeList(list);
      await takeIn(messenger, messenger.owner, [...statements, ...refused]);
    },
    async publish() {
      const { deviceList, prekeyBundle, due } = await messenger.publish();
      const found = await describePublished(messenger, prekeyBundle);
      // The bundle first: whoever sees a device in the list finds its prekeys.
      if (found.kind === 'prekey-bundle' && (await isListed())) {
        const item: KeyItem = { node: NODES.BUNDLES, id: toHex(found.device), der: prekeyBundle };
        const others = serverBundles.filter(({ id }) => id !== item.id);
        await put(
          item,
          serverBundles.some(({ id, der }) => id === item.id && equal(der, prekeyBundle)),
        );
        serverBundles = [...others, item];
      }
      const isThere = serverList !== undefined && equal(serverList, deviceList);
      await put({ node: NODES.DEVICES, id: CURRENT, der: deviceList }, isThere);
      serverList = deviceList;
      await retractGone();
      return due;
    },
    async isListMissing() {
      const { deviceList } = await accountOf();
      return deviceList !== undefined && (serverList === undefined || !equal(serverList, deviceList));
    },
    reset() {
      open.clear();
      serverList = undefined;
      serverBundles = [];
    },
  };
}
