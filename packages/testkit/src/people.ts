/**
 * People with messengers: accounts and devices over stores in memory, under one clock that tests move by hand and randomness
 * that is the same in every run.
 * @module
 */
import { type CryptoProvider, equal, publicKeyFromRaw, type RandomSource } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import {
  type AccountRecord,
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  encodeRecord,
  type KeyStore,
  type KeyStoreStorage,
  openKeyStore,
  type PeerDeviceRecord,
  type StoredRecord,
} from '@stanzaseal/keystore';
import {
  createMessenger,
  type Messenger,
  type MessengerEvent,
  type Opened,
  type OpenOptions,
  type Rules,
} from '@stanzaseal/messenger';
import { admitDevice, joinAccount } from '@stanzaseal/messenger/devices';
import { element, NS, type XmlElement, type XmlNode } from '@stanzaseal/stanza';
import { unsafeSeededRandom } from './seededRandom.js';

/** One hour in ms. */
export const HOUR = 3_600_000;
/** One day in ms. */
export const DAY: number = 24 * HOUR;

/** What all people of a test share. */
export interface World {
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Randomness that is the same in every run. */
  readonly random: RandomSource;
  /** The time everybody's clock shows, in ms since 1970; tests add to it. */
  now: number;
}

/** One device of one account. */
export interface Person {
  /** Bare JID of the account. */
  readonly jid: string;
  /** What it shares with others. */
  readonly world: World;
  /** Where its records are. */
  readonly storage: KeyStoreStorage;
  /** Its key store, as it is open now. */
  store: KeyStore;
  /** Its messenger, as it runs now. */
  messenger: Messenger;
  /** What its messenger told, oldest first; never emptied by itself. */
  readonly events: MessengerEvent[];
  /** Other numbers than the specification's. */
  readonly rules: Partial<Rules>;
}

/** A world that begins at 2026-11-21T04:00:00.123Z. */
export function createWorld(seed: string, crypto: CryptoProvider = createCryptoProvider()): World {
  return { crypto, random: unsafeSeededRandom(seed), now: Date.UTC(2026, 10, 21, 4, 0, 0, 123) };
}

/** A new account on its first device. */
export async function createPerson(jid: string, world: World, rules: Partial<Rules> = {}): Promise<Person> {
  const { random, crypto } = world;
  const storage = createMemoryStorage();
  const store = await createKeyStore(
    storage,
    await createAccount({ owner: jid, random, clock: () => world.now, crypto }),
  );
  return personOver(jid, world, storage, store, rules);
}

/** Romeo and Juliet, strangers to her; he knows what she published. */
export async function createPair(
  seed: string,
  rules: Partial<Rules> = {},
  crypto?: CryptoProvider,
): Promise<[romeo: Person, juliet: Person]> {
  const world = createWorld(seed, crypto);
  const romeo = await createPerson('romeo@montague.example', world, rules);
  const juliet = await createPerson('juliet@capulet.example', world, rules);
  await introduce(juliet, romeo);
  return [romeo, juliet];
}

/** Another device of an account: admitted by its first device, and both know of each other what they published. */
export async function addDevice(first: Person): Promise<Person> {
  const { world, jid } = first;
  const { random, crypto } = world;
  const identity = await publicKeyFromRaw('Ed25519', (await accountOf(first)).identity, crypto);
  const joining = await createJoiningDevice({ owner: jid, identity, random, clock: () => world.now, crypto });
  const storage = createMemoryStorage();
  const device = personOver(jid, world, storage, await createKeyStore(storage, joining.changes), first.rules);
  await joinAccount(device.messenger, await admitDevice(first.messenger, joining.request));
  await introduce(first, device);
  await introduce(device, first);
  return device;
}

/** Ends the process of a device, so to speak, and begins it anew over the same storage. */
export async function restart(person: Person): Promise<void> {
  person.store = await openKeyStore(person.storage);
  person.messenger = messengerOver(person);
}

/** Another process over a copy of everything that a device stores: a restored backup, or a thief with the disk and the passphrase. */
export async function copyOf(person: Person): Promise<Person> {
  const storage = createMemoryStorage(await person.storage.load());
  return personOver(person.jid, person.world, storage, await openKeyStore(storage), person.rules);
}

/** Publishes what each of the first publishes, lists before bundles, and lets the last take it in. */
export async function introduce(...people: readonly [Person, Person, ...Person[]]): Promise<void> {
  const to = people.at(-1) as Person;
  for (const who of people.slice(0, -1)) {
    const { deviceList, prekeyBundle } = await who.messenger.publish();
    await to.messenger.importKeys([deviceList, prekeyBundle]);
  }
}

/** A chat message. */
export function chat(body: string, attributes: Readonly<Record<string, string>> = {}): XmlElement {
  return element(NS.CLIENT, 'message', { type: 'chat', ...attributes }, [element(NS.CLIENT, 'body', {}, [body])]);
}

/** Text of a stanza's body, or `undefined`. */
export function bodyOf({ children }: XmlElement): string | undefined {
  const body = children.find((node: XmlNode) => typeof node !== 'string' && node.name === 'body');
  return (body as XmlElement | undefined)?.children.join('');
}

/** Seals a chat message of one to another, which takes a second, and gives the stanza. */
export async function say(from: Person, to: Person, body: string): Promise<XmlElement> {
  from.world.now += 1000;
  return (await from.messenger.seal(chat(body), { to: to.jid })).stanza;
}

/** Opens what must open. @throws Error for anything else */
export async function opens(person: Person, stanza: XmlElement, options?: OpenOptions): Promise<Opened> {
  const result = await person.messenger.open(stanza, options);
  if (result.status !== 'opened') throw new Error(`stanza did not open: ${result.status}`);
  return result;
}

/** Opens what must open, and accepts it. */
export async function accepts(person: Person, stanza: XmlElement, options?: OpenOptions): Promise<Opened> {
  const opened = await opens(person, stanza, options);
  await opened.accept();
  return opened;
}

/** One says something to another, who takes it in; gives what was opened. */
export async function tell(from: Person, to: Person, body: string): Promise<Opened> {
  return accepts(to, await say(from, to, body));
}

/** The account's record. */
export async function accountOf({ store }: Person): Promise<AccountRecord> {
  return (await store.get('account', 'self')) as AccountRecord;
}

/** Key identifier of a device. */
export async function deviceOf({ store, world }: Person): Promise<Uint8Array> {
  return (await store.deviceKey(world.crypto)).publicKey.keyIdentifier;
}

/** What one has stored of another's device, with its key in the table `devices`. @throws RangeError where it is nothing */
export async function deviceKnownTo(
  person: Person,
  other: Person,
): Promise<readonly [key: string, record: PeerDeviceRecord]> {
  const { device } = await accountOf(other);
  const found = (await person.store.entries('devices')).find(
    ([, record]) => record.owner === other.jid && equal(record.device, device),
  );
  if (found === undefined) throw new RangeError('the device is not known');
  return found;
}

/** Everything that a device stores, as text: equal before and after where nothing changed. */
export async function snapshot({ storage }: Person): Promise<string> {
  const records = await storage.load();
  return records
    .map((record) => new TextDecoder().decode(encodeRecord(record as StoredRecord)))
    .sort()
    .join('');
}

function personOver(
  jid: string,
  world: World,
  storage: KeyStoreStorage,
  store: KeyStore,
  rules: Partial<Rules>,
): Person {
  const parts = { jid, world, storage, store, events: [] as MessengerEvent[], rules };
  const person: Person = { ...parts, messenger: messengerOver(parts) };
  return person;
}

function messengerOver({ store, world, events, rules }: Omit<Person, 'messenger'>): Messenger {
  const { crypto, random } = world;
  return createMessenger({
    store,
    crypto,
    random,
    clock: () => world.now,
    onEvent: (event) => events.push(event),
    rules,
  });
}
