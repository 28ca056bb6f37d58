/**
 * A device with the way in of this package around its messenger, and what came out of it.
 */
import { bodyOf, createPair, type Person } from '@stanzaseal/testkit';
import { type Arrival, type ArrivalParameters, createArrival } from '../src/arrival/arrival.js';
import type { Message, SealedPresence } from '../src/arrival/message.js';
import type { ArrivalEvent } from '../src/events.js';
import { createScriptedLink, type ScriptedLink } from './scriptedLink.js';

/** A device that takes in. */
export interface Inward {
  readonly link: ScriptedLink;
  readonly arrival: Arrival;
  /** What the application was given. */
  readonly messages: Message[];
  readonly presences: SealedPresence[];
  readonly events: ArrivalEvent[];
  /** Bounces. */
  readonly bounces: unknown[];
  /** Texts of the messages given, with `plain: ` before those that nobody sealed. */
  texts(): string[];
  /** Kinds of the events. */
  kinds(): string[];
}

/** Puts the way in around a person's messenger. It is live at once, unless held. */
export function inwardOf(person: Person, options: Partial<ArrivalParameters> = {}): Inward {
  const link = createScriptedLink(`${person.jid}/balcony`);
  const [messages, presences, events, bounces] = [
    [] as Message[],
    [] as SealedPresence[],
    [] as ArrivalEvent[],
    [] as unknown[],
  ];
  const arrival = createArrival({
    link,
    messenger: person.messenger,
    store: person.store,
    clock: () => person.world.now,
    random: person.world.random,
    onMessage: (message) => void messages.push(message),
    onPresence: (presence) => void presences.push(presence),
    onEvent: (event) => void events.push(event),
    plaintext: 'flag',
    occupant: () => undefined,
    onBounce: (stanza) => void bounces.push(stanza),
    onOwnCopy: () => false,
    onAccepted: () => undefined,
    ...options,
  });
  link.onStanza((stanza) => arrival.take(stanza));
  link.connect();
  const texts = (): string[] => messages.map(({ plain, stanza }) => `${plain ? 'plain: ' : ''}${bodyOf(stanza)}`);
  return { link, arrival, messages, presences, events, bounces, texts, kinds: () => events.map(({ kind }) => kind) };
}

/** Romeo, who seals, and Juliet, who takes in. */
export async function romeoAndJuliet(
  seed: string,
  options: Partial<ArrivalParameters> = {},
): Promise<{ romeo: Person; juliet: Person; at: Inward }> {
  const [romeo, juliet] = await createPair(seed);
  return { romeo, juliet, at: inwardOf(juliet, options) };
}
