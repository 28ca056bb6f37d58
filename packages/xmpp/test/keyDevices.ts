/**
 * Devices with key services at a scripted PEP server.
 */

import { admitDevice, continueAsNewDevice } from '@stanzaseal/messenger/devices';
import { copyOf, createPerson, type Person, type World } from '@stanzaseal/testkit';
import type { KeyEvent } from '../src/keys/keyEvents.js';
import { createKeyService, type KeyService } from '../src/keys/keyService.js';
import type { PepServer } from './pepServer.js';
import { createScriptedLink, type ScriptedLink } from './scriptedLink.js';
import { createTimers, settled, type Timers } from './timers.js';

/** A device on the network. */
export interface KeyDevice extends Person {
  readonly link: ScriptedLink;
  readonly keys: KeyService;
  /** What its key service told, oldest first. */
  readonly told: KeyEvent[];
  readonly timers: Timers;
}

let resources = 0;

/** Puts a device on the network. */
export function online(
  person: Person,
  server: PepServer,
  timers: Timers = createTimers(person.world),
  known: Readonly<Record<string, readonly string[]>> = {},
): KeyDevice {
  const link = createScriptedLink(`${person.jid}/${++resources}`);
  server.attach(link, person.jid);
  const told: KeyEvent[] = [];
  const { world, store, messenger } = person;
  const keys = createKeyService({
    link,
    messenger,
    store,
    clock: () => world.now,
    random: world.random,
    schedule: timers.schedule,
    onEvent: (event) => told.push(event),
    resources: (jid) => known[jid] ?? [],
  });
  link.onStanza((stanza) => void keys.handleEvent(stanza));
  link.connect();
  return Object.assign(person, { link, keys, told, timers });
}

/** A new account, published. */
export async function published(jid: string, world: World, server: PepServer, timers?: Timers): Promise<KeyDevice> {
  const device = online(await createPerson(jid, world), server, timers);
  await device.keys.publish();
  await settled();
  return device;
}

/** A second primary device, which admitted itself by the list that is there now, and is not on the network yet. */
export async function secondPrimary(first: Person): Promise<Person> {
  const second = await copyOf(first);
  const { request } = await continueAsNewDevice(second.messenger);
  await admitDevice(second.messenger, request);
  return second;
}

/** The kinds of events told. */
export const kinds = ({ told }: Pick<KeyDevice, 'told'>): string[] => told.map(({ kind }) => kind);
