/**
 * Sealing a stanza when it is sent: to the devices of that moment, under the message id that it was given when it was taken.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import type { Change, KeyStore, OutboxRecord, PlaceRecord } from '@stanzaseal/keystore';
import { type Messenger, MessengerError, type Sealed, type SealTarget } from '@stanzaseal/messenger';
import { type SealItem, sealMany } from '@stanzaseal/messenger/batch';
import { bareJid, readXml, type XmlElement } from '@stanzaseal/stanza';
import type { KeyService } from '../keys/keyService.js';
import { XmppError } from '../xmppError.js';
import { objectLimit, octetsOf } from './size.js';

/** To whom, and whether that still holds when it is about to be sealed. */
export interface CurrentTarget {
  /** To whom. */
  readonly target: SealTarget;
  /** Whether nothing changed since: a room's members. */
  readonly isCurrent: () => boolean;
}

/** What sealing takes. */
export interface SealingPorts {
  /** What seals. */
  readonly messenger: Messenger;
  /** Its store. */
  readonly store: KeyStore;
  /** What fetches keys. */
  readonly keys: Pick<KeyService, 'ensure' | 'stale'>;
  /** To whom a stanza goes now. @throws XmppError `ERR_ROOM` */
  readonly targetOf: (record: OutboxRecord) => Promise<CurrentTarget> | CurrentTarget;
  /** What the server takes, in octets of a stanza. */
  readonly limit: () => number;
  /** What else is to stand in the outer stanza: a fallback body. */
  readonly dress: (sealed: XmlElement, stanza: XmlElement) => XmlElement;
}

/** A stanza ready to be sealed. */
export interface Prepared extends CurrentTarget {
  /** What it is sealed from. */
  readonly record: OutboxRecord;
  /** What is to be stored with the place that it gets. */
  readonly placed: (place: PlaceRecord) => Promise<readonly Change[]>;
  /** Accounts that it goes to. */
  readonly accounts: readonly string[];
  /** Why keys of theirs could not be fetched, where that passes. */
  readonly passing: XmppError | undefined;
  /** Whether everything that is published was fetched for it: devices without keys are left out then. */
  readonly isRefreshed: boolean;
}

/** A sealed stanza as it was sent. */
export interface SealedCopy {
  /** The stanza. */
  readonly stanza: XmlElement;
  /** Its octets. */
  readonly octets: number;
  /** Which lists it was sealed by: it is sealed anew where they changed. */
  readonly stamp: string;
  /** What sealing came to. */
  readonly sealed: Omit<Sealed, 'stanza'>;
}

/** Room for what servers write into a stanza on its way: ids, delays, a full JID. */
const SPARE_OCTETS = 512;

/** Fetches what is missing or old, or where it is `refresh` everything. @throws XmppError `ERR_ROOM`, `ERR_OFFLINE`, `ERR_TIMEOUT` */
export async function prepare(
  ports: SealingPorts,
  { record, placed }: Pick<Prepared, 'record' | 'placed'>,
  refresh: boolean,
): Promise<Prepared> {
  const { keys, messenger } = ports;
  const current = await ports.targetOf(record);
  const { target } = current;
  const accounts = ('room' in target ? target.members : [target.to]).map((jid) => bareJid(jid));
  const others = accounts.filter((jid) => jid !== messenger.owner);
  if (refresh) keys.stale(others);
  const failures = await keys.ensure([...accounts, messenger.owner]);
  const passing = failures.map(({ cause }) => cause).find(isPassing);
  return { ...current, record, placed, accounts: others, passing, isRefreshed: refresh };
}

/** Seals. @throws MessengerError, KeyStoreError, StanzaError, TypeError; XmppError `ERR_TOO_LARGE` */
export async function sealPrepared(ports: SealingPorts, prepared: Prepared): Promise<SealedCopy> {
  const { stanza, target, options } = itemOf(ports, prepared);
  const stamp = await stampOf(ports, prepared.accounts);
  return copyOf(ports, stanza, await ports.messenger.seal(stanza, target, options), stamp);
}

/**
 * Seals what goes to one account, in its order, with one durable commit. Gives `undefined` where anything is refused, and nothing is stored
 * then: which of them it is, and why, shows when they are sealed one by one.
 * @throws XmppError `ERR_TOO_LARGE` for the first; another that is too large has no copy
 */
export async function sealRow(
  ports: SealingPorts,
  row: readonly [Prepared, ...Prepared[]],
): Promise<readonly [SealedCopy, ...(SealedCopy | undefined)[]] | undefined> {
  let items: SealItem[];
  let stamp: string;
  let sealed: readonly Sealed[];
  try {
    items = row.map((prepared) => itemOf(ports, prepared));
    stamp = await stampOf(ports, row[0].accounts);
    sealed = await sealMany(ports.messenger, items);
  } catch {
    return undefined;
  }
  const copy = (i: number): SealedCopy => copyOf(ports, (items[i] as SealItem).stanza, sealed[i] as Sealed, stamp);
  const ahead = row.slice(1).map((_, i) => {
    try {
      return copy(i + 1);
    } catch {
      return undefined;
    }
  });
  return [copy(0), ...ahead];
}

function itemOf({ limit }: SealingPorts, { record, target, isRefreshed, placed }: Prepared): Required<SealItem> {
  return {
    stanza: readXml(record.stanza),
    target,
    options: {
      messageId: record.messageId,
      skipDevices: isRefreshed,
      limit: objectLimit(limit(), SPARE_OCTETS),
      ...(record.place === undefined ? {} : { place: record.place }),
      together: placed,
      ...(record.inReplyTo === undefined ? {} : { inReplyTo: record.inReplyTo }),
    },
  };
}

function copyOf(
  { keys, limit, dress }: SealingPorts,
  plain: XmlElement,
  { stanza, ...sealed }: Sealed,
  stamp: string,
): SealedCopy {
  // Those are fetched before the next one: this one is sealed by what is in force.
  keys.stale(sealed.stale);
  const dressed = dress(stanza, plain);
  const octets = octetsOf(dressed);
  if (octets > limit())
    throw new XmppError('ERR_TOO_LARGE', `stanza would have ${octets} octets, the limit is ${limit()}`);
  return { stanza: dressed, octets, stamp, sealed };
}

/** Which lists accounts have now: theirs, and our own. A signature is as good a name of a list as any. */
export async function stampOf({ store }: SealingPorts, accounts: readonly string[]): Promise<string> {
  const stamps = [nameOf((await store.get('account', 'self'))?.deviceList)];
  for (const jid of accounts) {
    const contact = await store.get('contacts', jid);
    stamps.push(jid, nameOf(contact?.deviceList), nameOf(contact?.forkedList), nameOf(contact?.changedIdentity));
  }
  return stamps.join(' ');
}

function nameOf(octets: Uint8Array | undefined): string {
  return octets === undefined ? '-' : toHex(octets.subarray(-64));
}

/** Whether a failure is one of the way, and not an answer. */
export function isPassing(cause: unknown): cause is XmppError {
  if (!(cause instanceof XmppError)) return false;
  if (cause.code === 'ERR_TIMEOUT' || cause.code === 'ERR_OFFLINE') return true;
  return ['remote-server-not-found', 'remote-server-timeout', 'resource-constraint', 'internal-server-error'].includes(
    cause.condition ?? '',
  );
}

/** Whether what was thrown waits for the application, or for this device. */
export async function isHolding(cause: unknown, { store }: SealingPorts): Promise<boolean> {
  if (cause instanceof XmppError) return cause.code === 'ERR_ROOM';
  if (cause instanceof MessengerError && ['ERR_KEY_CHANGED', 'ERR_TRUST'].includes(cause.code)) return true;
  if (cause instanceof MessengerError && cause.code === 'ERR_NO_KEYS')
    return (await store.get('account', 'self'))?.endorsement === undefined;
  return (cause as { code?: unknown } | undefined)?.code === 'ERR_ROLLBACK';
}
