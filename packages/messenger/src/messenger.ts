/**
 * The messenger: seals stanzas to people, opens what they sent, and keeps the state that this takes.
 * @module
 */
import type { Clock, CryptoProvider, RandomSource } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import { readXml, type XmlElement } from '@stanzaseal/stanza';
import { clockConfirmed } from './clockDoubt.js';
import { eraseDue } from './erasure.js';
import { exclusive } from './exclusive.js';
import { type ImportedKeys, importKeys } from './importKeys.js';
import { type Opened, type OpenOptions, type OpenResult, open, openArchived } from './open.js';
import { type Published, publish } from './publish.js';
import { RULES, type Rules } from './rules.js';
import { type Sealed, type SealOptions, type SealTarget, seal } from './seal.js';
import { accountOf, type MessengerEvent, type Session } from './session.js';
import { answerKeyChange, type Contact, contacts, ownFingerprint, refreshTrust, verifyFingerprint } from './trust.js';

/** What a messenger is made of. */
export interface MessengerParameters {
  /** Own keys and memory. */
  readonly store: KeyStore;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Randomness. */
  readonly random: RandomSource;
  /** Time. */
  readonly clock: Clock;
  /** What the application should know that is no answer to what it asked. */
  readonly onEvent: (event: MessengerEvent) => void;
  /** Other numbers than the specification's. */
  readonly rules?: Partial<Rules>;
}

/** Seals to people and opens what they sent. Online or offline makes no difference to it. */
export interface Messenger {
  /** Bare JID of the account. */
  readonly owner: string;
  /**
   * Seals a stanza to all devices of the account or of the room's members, and to own other devices.
   * @throws MessengerError `ERR_NO_KEYS`, `ERR_KEY_CHANGED`, `ERR_TOO_LARGE`, `ERR_ADDRESS`; KeyStoreError `ERR_ROLLBACK`;
   * nothing is stored then
   */
  seal(stanza: XmlElement, target: SealTarget, options?: SealOptions): Promise<Sealed>;
  /**
   * Opens a stanza. It never touches the network. Until `accept()` the same octets open again; after it they are a duplicate.
   * @throws MessengerError `ERR_OPEN`, the one answer to everything that is wrong with a stanza; KeyStoreError `ERR_ROLLBACK`; nothing
   * is stored then
   */
  open(stanza: XmlElement, options?: OpenOptions): Promise<OpenResult>;
  /** Opens an old stanza with its content-encryption key: the same checks, no replay memory. @throws MessengerError `ERR_OPEN` */
  openArchived(stanza: XmlElement, cek: Uint8Array, options?: OpenOptions): Promise<Opened>;
  /** Strangers' objects that wait unopened; each may be opened as a stanza that just arrived. */
  requests(): Promise<readonly { readonly from: string; readonly at: number; readonly stanza: XmlElement }[]>;
  /**
   * Takes in what others published, and what the own account did: device lists, endorsements and revocations, prekey bundles. The own
   * bundle as the server has it shows whether this store was put back or copied: fetch it first after login.
   * @throws MessengerError `ERR_VERIFY`, `ERR_KEY_CHANGED`; KeyStoreError `ERR_ROLLBACK`
   */
  importKeys(published: readonly Uint8Array[]): Promise<ImportedKeys>;
  /**
   * Renews what is due and gives what is to be published, and when to call again.
   * @throws MessengerError `ERR_NO_KEYS` on a device not admitted yet; KeyStoreError `ERR_ROLLBACK`
   */
  publish(): Promise<Published>;
  /** All contacts. */
  contacts(): Promise<readonly Contact[]>;
  /** Fingerprint of the own identity key: 32 octets. */
  fingerprint(): Promise<Uint8Array>;
  /** Compares a contact's fingerprint; equal raises it to `verified`. @throws MessengerError `ERR_NO_KEYS` for an unknown contact */
  verifyFingerprint(jid: string, fingerprint: Uint8Array): Promise<boolean>;
  /** Answers a changed identity key; `identity` is that of the `key-changed` event where an object showed it. @throws RangeError where nothing changed */
  answerKeyChange(jid: string, answer: 'take' | 'keep', identity?: Uint8Array): Promise<void>;
  /** Says that all that waited for this device has been fetched; erases the prekeys that waited for it. */
  caughtUp(): Promise<void>;
  /** Erases what is due. Call it at start and daily. */
  erase(): Promise<void>;
  /** Says that the clock is right, after a `clock-in-doubt` event; erases what is due by it. */
  confirmClock(): Promise<void>;
}

/**
 * Makes a messenger over a key store.
 * @example
 * const messenger = createMessenger({ store, crypto, random: systemRandom, clock: Date.now, onEvent: console.log });
 * const { stanza } = await messenger.seal(message, { to: 'juliet@capulet.example' });
 */
export function createMessenger(parameters: MessengerParameters): Messenger {
  const { rules, ...ports } = parameters;
  const session: Session = { ...ports, rules: { ...RULES, ...rules }, openedStrangers: new Map() };
  // Changes of the store: each reads what the one before it wrote.
  const exclusively = exclusive();
  const messenger = Object.freeze<Messenger>({
    owner: parameters.store.owner,
    seal: (stanza, target, options) => exclusively(() => seal(session, stanza, target, options)),
    open: (stanza, options) => open(session, exclusively, stanza, options),
    openArchived: (stanza, cek, options) => openArchived(session, stanza, cek, options),
    async requests() {
      const entries = await session.store.entries('requests');
      return entries.map(([, { from, at, stanza }]) => ({ from, at, stanza: readXml(stanza) }));
    },
    importKeys: (published) => exclusively(() => importKeys(session, published)),
    publish: () => exclusively(() => publish(session)),
    contacts: () => contacts(session),
    fingerprint: () => ownFingerprint(session),
    verifyFingerprint: (jid, fingerprint) => exclusively(() => verifyFingerprint(session, jid, fingerprint)),
    answerKeyChange: (jid, answer, identity) => exclusively(() => answerKeyChange(session, jid, answer, identity)),
    caughtUp: () =>
      exclusively(async () => {
        const account = await accountOf(session);
        await session.store.commit([
          { table: 'account', key: 'self', record: { ...account, caughtUpAt: session.clock() } },
        ]);
        await eraseDue(session);
      }),
    erase: () =>
      exclusively(async () => {
        await eraseDue(session);
        await refreshTrust(session);
      }),
    confirmClock: () =>
      exclusively(async () => {
        const record = clockConfirmed(await accountOf(session), session.clock());
        await session.store.commit([{ table: 'account', key: 'self', record }]);
        await eraseDue(session);
      }),
  });
  running.set(messenger, (change) => exclusively(async () => change(session)));
  return messenger;
}

type Run = <T>(change: (session: Session) => Promise<T>) => Promise<T>;

const running = new WeakMap<Messenger, Run>();

/**
 * Runs a change of a messenger's store when no other is under way: for what stands behind an entry of its own, so that a page loads it
 * only where it is used.
 * @throws TypeError for a messenger that `createMessenger` did not make
 */
export function within<T>(messenger: Messenger, change: (session: Session) => Promise<T>): Promise<T> {
  const run = running.get(messenger);
  if (run === undefined) throw new TypeError('messenger is none of this package');
  return run(change);
}
