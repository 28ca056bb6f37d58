/**
 * The demo's people: Romeo with one device, Juliet with a phone and, later, a tablet. Their stores are in memory and their
 * clock is the demo's, so that a week passes in no time.
 * @module
 */

import { type CryptoProvider, publicKeyFromRaw, type RandomSource } from '@stanzaseal/cms';
import { createAccount, createJoiningDevice, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Messenger, type MessengerEvent } from '@stanzaseal/messenger';
import { admitDevice, joinAccount } from '@stanzaseal/messenger/devices';
import { verifyDeviceList } from '@stanzaseal/signer';

/** The ports that the world runs on. */
export interface World {
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Randomness. */
  readonly random: RandomSource;
  /** The demo's clock. */
  readonly clock: { now: number };
  /** What the messengers report. */
  readonly events: MessengerEvent[];
}

/** A new account on its first device. */
export async function createPerson(owner: string, world: World): Promise<Messenger> {
  const { random, crypto } = world;
  const clock = (): number => world.clock.now;
  const store = await createKeyStore(createMemoryStorage(), await createAccount({ owner, random, clock, crypto }));
  return messengerOver(store, world);
}

/** Another device of an account, admitted by its first. */
export async function addDevice(first: Messenger, world: World): Promise<Messenger> {
  const { random, crypto } = world;
  const clock = (): number => world.clock.now;
  const identity = await publicKeyFromRaw('Ed25519', await identityOf(first, world), crypto);
  const { changes, request } = await createJoiningDevice({ owner: first.owner, identity, random, clock, crypto });
  const device = messengerOver(await createKeyStore(createMemoryStorage(), changes), world);
  await joinAccount(device, await admitDevice(first, request));
  return device;
}

/** Lets one know what the other published. */
export async function introduce(who: Messenger, to: Messenger): Promise<void> {
  const { deviceList, prekeyBundle } = await who.publish();
  await to.importKeys([deviceList, prekeyBundle]);
}

function messengerOver(store: Parameters<typeof createMessenger>[0]['store'], world: World): Messenger {
  const { random, crypto, events } = world;
  return createMessenger({
    store,
    crypto,
    random,
    clock: () => world.clock.now,
    onEvent: (event) => events.push(event),
  });
}

/** The raw identity key, from the published list: what a QR code on the first device's screen would carry. */
async function identityOf(first: Messenger, { crypto }: World): Promise<Uint8Array> {
  const { deviceList } = await first.publish();
  return (await verifyDeviceList(deviceList, crypto)).identity.raw;
}
