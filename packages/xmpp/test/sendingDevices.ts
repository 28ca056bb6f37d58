/**
 * Devices with an outbox, at a scripted server that answers pings when the test lets it.
 */
import { attribute, child, childrenOf, NS, type XmlElement } from '@stanzaseal/stanza';
import type { Person } from '@stanzaseal/testkit';
import { XMPP } from '../src/namespaces.js';
import { createOutbox, type Outbox, type OutboxParameters } from '../src/outbox/outbox.js';
import type { OutboxEvent } from '../src/outbox/outboxEvents.js';
import { type KeyDevice, online } from './keyDevices.js';
import type { PepServer } from './pepServer.js';
import { errorOf, resultOf, type ScriptedLink } from './scriptedLink.js';
import { createTimers, type Timers } from './timers.js';

/** A device that sends. */
export interface SendingDevice extends KeyDevice {
  readonly outbox: Outbox;
  /** What its outbox told, oldest first. */
  readonly outcomes: OutboxEvent[];
  /** Whether the server answers pings; those asked meanwhile wait. */
  answersPings(is: boolean): void;
  /** What was written, sealed stanzas alone. */
  written(): XmlElement[];
  /** Condition with which everything that is written comes back at once; nothing does where `undefined`. */
  bouncing: string | undefined;
}

/** Puts an outbox around a device; it is online unless `isOffline`, and its timers fire so many ms `early`. */
export function sending(
  person: Person,
  server: PepServer,
  {
    timers = createTimers(person.world),
    isOffline = false,
    early = 0,
    ...options
  }: { timers?: Timers; isOffline?: boolean; early?: number } & Partial<OutboxParameters> = {},
): SendingDevice {
  const device = online(person, server, timers);
  if (isOffline) device.link.disconnect();
  let isAnswering = true;
  let waiting: (() => void)[] = [];
  device.link.onOffline(() => {
    waiting = [];
  });
  device.link.serve(async (iq) => {
    if (child(iq, XMPP.PING, 'ping') === undefined) return undefined;
    if (!isAnswering) await new Promise<void>((resolve) => waiting.push(resolve));
    return resultOf(iq);
  });
  const outcomes: OutboxEvent[] = [];
  const { world, store, messenger, keys } = device;
  const link: ScriptedLink = {
    ...device.link,
    async send(stanza) {
      await device.link.send(stanza);
      const { bouncing } = sender;
      if (bouncing !== undefined) setImmediate(() => outbox.bounced(bounceOf(stanza, bouncing)));
    },
  };
  const outbox = createOutbox({
    link,
    messenger,
    store,
    keys,
    clock: () => world.now,
    random: world.random,
    schedule: (run, delay) => timers.schedule(run, Math.max(0, delay - early)),
    onEvent: (event) => outcomes.push(event),
    ...options,
  });
  const sender: SendingDevice = Object.assign(device, {
    outbox,
    outcomes,
    bouncing: undefined,
    answersPings(is: boolean) {
      isAnswering = is;
      if (is) for (const answer of waiting.splice(0)) answer();
    },
    written: () => link.sent.filter((stanza) => childrenOf(stanza, NS.SEALED, 'sealed').length > 0),
  });
  return sender;
}

/** The error that comes back for a stanza: from where it went. */
export function bounceOf(stanza: XmlElement, condition: string): XmlElement {
  return errorOf(stanza, condition);
}

/** What outboxes told, in short: `sent`, `bounced remote-server-not-found`. */
export const told = ({ outcomes }: Pick<SendingDevice, 'outcomes'>): string[] =>
  outcomes.map((event) => ('condition' in event ? `${event.kind} ${event.condition}` : event.kind));

/** The outer id of a stanza. */
export const idOf = (stanza: XmlElement | undefined): string => (stanza && attribute(stanza, 'id')) ?? '';
