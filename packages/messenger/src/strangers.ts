/**
 * Limits on strangers: so many new pins and so many one-time prekeys a day; what comes beyond waits unopened in a queue of
 * bounded length (G5, I2).
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { objectDigest } from '@stanzaseal/envelope';
import type { Change, StrangerRecord } from '@stanzaseal/keystore';
import { type ReadSealedStanza, utf8Length, writeXml, XML_LIMITS } from '@stanzaseal/stanza';
import { openError } from './messengerError.js';
import type { Session } from './session.js';

/** Today's key in the table `strangers`: `YYYY-MM-DD`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/**
 * Whether the day's limits leave room for a first contact. Others count whose first object was let in and not accepted yet: many may be
 * opened before any of them is accepted.
 * @param opens whether its object is opened now, if there is room, and counts from here on
 */
export async function admitsStranger(
  { store, clock, rules, openedStrangers }: Session,
  jid: string,
  usesOneTimePrekey: boolean,
  opens: boolean,
): Promise<boolean> {
  const day = dayOf(clock());
  let { pins, oneTimePrekeys } = (await store.get('strangers', day)) ?? NONE;
  for (const [other, opened] of openedStrangers) {
    if (opened.day !== day) openedStrangers.delete(other);
    else if (other !== jid) {
      pins++;
      oneTimePrekeys += Number(opened.usesOneTimePrekey);
    }
  }
  const admits = pins < rules.strangerPins && (!usesOneTimePrekey || oneTimePrekeys < rules.strangerPrekeys);
  if (admits && opens) openedStrangers.set(jid, { day, usesOneTimePrekey });
  return admits;
}

const NONE: StrangerRecord = { pins: 0, oneTimePrekeys: 0 };

/** Today's counts after one more first contact, and the erasure of earlier days' counts. */
export async function countStranger({ store, clock }: Session, usesOneTimePrekey: boolean): Promise<Change[]> {
  const day = dayOf(clock());
  const today: StrangerRecord = (await store.get('strangers', day)) ?? NONE;
  const record = { pins: today.pins + 1, oneTimePrekeys: today.oneTimePrekeys + (usesOneTimePrekey ? 1 : 0) };
  const changes: Change[] = [{ table: 'strangers', key: day, record }];
  for (const [key] of await store.entries('strangers')) {
    if (key < day) changes.push({ table: 'strangers', key, record: undefined });
  }
  return changes;
}

/** Key in the table `requests`. By all of the object: what never opened must not stand in the place of what will (C6). */
export async function requestKey({ crypto }: Session, { object }: ReadSealedStanza): Promise<string> {
  return toHex(await objectDigest(object, crypto));
}

/**
 * Puts a stranger's object into the queue. Where it is full, by number or by size, the oldest leaves of the stranger who has most in it.
 * @throws MessengerError `ERR_OPEN` for a stanza that is longer, as it is written, than what is read again
 */
export async function queueRequest(session: Session, sealed: ReadSealedStanza): Promise<void> {
  const { store, clock, rules } = session;
  const key = await requestKey(session, sealed);
  const waiting = [...(await store.entries('requests'))].sort(([, a], [, b]) => a.at - b.at);
  if (waiting.some(([other]) => other === key)) return;
  const stanza = writeXml(sealed.outer);
  if (stanza.length > rules.requestCharacters || utf8Length(stanza) > XML_LIMITS.octets) throw openError();
  const { from } = sealed.context;
  let characters = waiting.reduce((sum, [, request]) => sum + request.stanza.length, stanza.length);
  const changes: Change[] = [];
  while (waiting.length > 0 && (waiting.length >= rules.requests || characters > rules.requestCharacters)) {
    // Of whoever has most in it, so that nobody alone pushes the others out (G5).
    const shares = new Map([[from, stanza.length]]);
    for (const [, request] of waiting)
      shares.set(request.from, (shares.get(request.from) ?? 0) + request.stanza.length);
    const share = ([, request]: (typeof waiting)[number]): number => shares.get(request.from) as number;
    const heaviest = waiting.reduce((most, each) => (share(each) > share(most) ? each : most));
    waiting.splice(waiting.indexOf(heaviest), 1);
    changes.push({ table: 'requests', key: heaviest[0], record: undefined });
    characters -= heaviest[1].stanza.length;
  }
  await store.commit([...changes, { table: 'requests', key, record: { from, stanza, at: clock() } }]);
  session.onEvent({ kind: 'request-queued', jid: from });
}
