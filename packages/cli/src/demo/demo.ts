/**
 * The demonstration: two accounts, three devices, every stanza of the corpus. Half is delivered while Juliet is online, half
 * waits a week in a spool; one of her devices joins late; one stanza is altered on the way, one sent again, one passed on to
 * somebody it was not written for.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoProvider, type RandomSource, toHex } from '@stanzaseal/cms';
import type { Messenger, Opened, Sealed } from '@stanzaseal/messenger';
import { attribute, readXml, stanzaType, withAttributes, writeXml, type XmlElement } from '@stanzaseal/stanza';
import { alter, readdress } from './attacks.js';
import { type CorpusStanza, isSame, readCorpus } from './corpus.js';
import { type Delivery, type Refusal, report } from './report.js';
import { openSpool } from './spool.js';
import { addDevice, createPerson, introduce, type World } from './world.js';

const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';
const PARIS = 'paris@verona.example';
const ROOM = 'coven@chat.shakespeare.example';
const DAY = 86_400_000;

/** What the demo runs on. */
export interface DemoPorts {
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Randomness. */
  readonly random: RandomSource;
  /** The time to begin at, in ms since 1970. */
  readonly now: number;
  /** Where its lines go. */
  readonly print: (line: string) => void;
}

/** Runs the demo. Gives whether everything went as it must. */
export async function runDemo({ crypto, random, now, print }: DemoPorts): Promise<boolean> {
  const world: World = { crypto, random, clock: { now }, events: [] };
  const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-demo-'));
  const spool = openSpool(join(directory, 'spool.sqlite'));
  try {
    const corpus = readCorpus();
    const half = Math.ceil(corpus.length / 2);
    const [romeo, phone, paris] = [
      await createPerson(ROMEO, world),
      await createPerson(JULIET, world),
      await createPerson(PARIS, world),
    ];
    await introduce(phone, romeo);
    const deliveries: Delivery[] = [];
    const refusals: Refusal[] = [];
    const times = { seal: 0, open: 0 };

    let sample: { stanza: CorpusStanza; sealed: Sealed } | undefined;
    for (const [i, stanza] of corpus.slice(0, half).entries()) {
      const sealed = await timed(times, () => send(romeo, stanza));
      sample ??= { stanza, sealed };
      deliveries.push(await receive(phone, stanza, sealed, sealed.stanza, 'online', times));
      if (i % 8 === 7) await answer(phone, romeo, i);
      world.clock.now += 1000;
    }

    const early = sample as { stanza: CorpusStanza; sealed: Sealed };
    refusals.push(await refused(phone, 'sent again', 'a replayed "yes" is not a second "yes"', early.sealed.stanza));

    const tablet = await addDevice(phone, world);
    await introduce(phone, romeo);
    await introduce(tablet, romeo);
    refusals.push(
      await refused(
        tablet,
        'written before the device was there',
        'a new device does not open the past by itself',
        early.sealed.stanza,
      ),
    );

    const waiting: { stanza: CorpusStanza; sealed: Sealed }[] = [];
    for (const stanza of corpus.slice(half)) {
      const sealed = await timed(times, () => send(romeo, stanza));
      waiting.push({ stanza, sealed });
      for (const device of ['phone', 'tablet']) spool.put(device, writeXml(sealed.stanza), world.clock.now);
      world.clock.now += 1000;
    }
    world.clock.now += 7 * DAY;
    for (const [name, device] of [
      ['phone', phone],
      ['tablet', tablet],
    ] as const) {
      for (const [i, text] of spool.take(name).entries()) {
        const { stanza, sealed } = waiting[i] as (typeof waiting)[0];
        const delivery = await receive(device, stanza, sealed, readXml(text), `${name}, a week later`, times);
        deliveries.push(delivery);
      }
      await device.caughtUp();
    }

    const last = await send(romeo, corpus[0] as CorpusStanza);
    refusals.push(
      await refused(phone, 'altered on the way', 'one bit is enough: nothing is shown half right', alter(last.stanza)),
    );
    refusals.push(
      await refused(
        phone,
        'signed by Romeo, shown as from Paris',
        'the sender is who signed, not who the server says',
        readdress(last.stanza, { from: PARIS }),
      ),
    );
    await introduce(phone, paris);
    refusals.push(await forwarded(romeo, phone, paris));

    report({ deliveries, refusals, times, print, sealed: corpus.length });
    return deliveries.every(({ same }) => same) && refusals.every(({ held }) => held);
  } finally {
    spool.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Seals a stanza of the corpus from Romeo to Juliet, or to the room they are both in. */
async function send(romeo: Messenger, { stanza }: CorpusStanza): Promise<Sealed> {
  const inRoom = attribute(stanza, 'type') === 'groupchat';
  return romeo.seal(stanza, inRoom ? { room: ROOM, members: [ROMEO, JULIET] } : { to: JULIET });
}

/** Opens a stanza on a device and accepts it; in the room it comes from Romeo's seat. */
async function receive(
  device: Messenger,
  sent: CorpusStanza,
  sealed: Sealed,
  arrived: XmlElement,
  how: string,
  times: { open: number },
): Promise<Delivery> {
  const inRoom = attribute(arrived, 'type') === 'groupchat';
  const stanza = inRoom ? withAttributes(arrived, { from: `${ROOM}/romeo`, to: JULIET }) : arrived;
  const start = performance.now();
  const opened = await device
    .open(stanza, { occupant: (seat) => (seat === `${ROOM}/romeo` ? ROMEO : undefined) })
    .catch(() => undefined);
  times.open += performance.now() - start;
  if (opened?.status === 'opened') await opened.accept();
  return {
    name: sent.name,
    group: sent.group,
    how,
    from: attribute(stanza, 'from') ?? '',
    to: attribute(sealed.stanza, 'to') ?? '',
    kind: arrived.name,
    type: stanzaType(arrived, arrived.name as 'message'),
    octets: sealed.octets,
    id: toHex(sealed.messageId),
    class: opened?.status === 'opened' ? opened.class : undefined,
    trust: opened?.status === 'opened' ? opened.sender.trust : undefined,
    same: opened?.status === 'opened' && isSame((opened as Opened).stanza, sent),
  };
}

/** Juliet answers, which gives Romeo a new reply prekey: what came before can be erased. */
async function answer(from: Messenger, to: Messenger, turn: number): Promise<void> {
  const stanza = readXml(`<message xmlns="jabber:client" type="chat"><body>Ay me! (${turn})</body></message>`);
  const opened = await to.open((await from.seal(stanza, { to: to.owner })).stanza);
  if (opened.status === 'opened') await opened.accept();
}

/** Paris gets a message from Romeo and passes its object on to Juliet as if it were hers. */
async function forwarded(romeo: Messenger, juliet: Messenger, paris: Messenger): Promise<Refusal> {
  await introduce(paris, romeo);
  const stanza = readXml('<message xmlns="jabber:client" type="chat"><body>I love you</body></message>');
  const { stanza: sealed } = await romeo.seal(stanza, { to: paris.owner });
  return refused(
    juliet,
    'passed on to somebody else',
    'words meant for Paris are never shown to Juliet as hers',
    readdress(sealed, { to: JULIET }),
  );
}

async function refused(device: Messenger, what: string, why: string, stanza: XmlElement): Promise<Refusal> {
  try {
    const { status } = await device.open(stanza);
    return { what, why, answer: status, held: status !== 'opened' };
  } catch (error) {
    const answered = (error as { code?: string }).code ?? 'an error without a code';
    return { what, why, answer: answered, held: answered === 'ERR_OPEN' };
  }
}

async function timed<T>(times: { seal: number }, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  times.seal += performance.now() - start;
  return result;
}
