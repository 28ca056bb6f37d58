// A device at work on a disk, killed at random moments: what it said was accepted is a duplicate from then on, what was not opens,
// and what it published it can open.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { decodePrekeyBundle, equal, fromBase64 } from '@stanzaseal/cms';
import { createAccount, createKeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { readSignedData } from '@stanzaseal/signer';
import { readXml, writeXml, type XmlElement } from '@stanzaseal/stanza';
import { chat, createPerson, createWorld, DAY, opens, refusal } from '@stanzaseal/testkit';
import { bundledProgram } from '@stanzaseal/testkit/programs';
import * as assert from 'uvu/assert';
import { type DiskKind, deviceStorage } from './deviceStorage.js';

const child = await bundledProgram(new URL('./spoolChild.ts', import.meta.url));
const JULIET = 'juliet@capulet.example';
const WAITING = 25;

/** What was seen. */
export interface Kills {
  kills: number;
  /** Stanzas that were accepted. */
  accepted: number;
  /** Stanzas that had not been accepted when their process was killed, and opened after. */
  openedAfter: number;
  /** Prekeys that were erased. */
  erased: number;
}

interface Said {
  readonly published?: readonly string[];
  readonly accepted?: number;
  readonly answer?: string;
}

/** Kills a device so many times. Each time three days have passed, its peer wrote more, and took in its answers. */
export async function killAtSpool(kind: DiskKind, rounds: number): Promise<Kills> {
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-spool-'));
  try {
    return await killIn(folder, kind, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killIn(folder: string, kind: DiskKind, rounds: number): Promise<Kills> {
  const told: Kills = { kills: 0, accepted: 0, openedAfter: 0, erased: 0 };
  const world = createWorld(`spool ${kind}`);
  const { crypto, random } = world;
  const clock = () => world.now;
  const romeo = await createPerson('romeo@montague.example', world);
  const directory = join(folder, 'store');
  const disk = deviceStorage(kind, directory);
  const account = await createAccount({ owner: JULIET, random, clock, crypto });
  const created = await createKeyStore(await disk.create(), account);
  const first = await createMessenger({ store: created, crypto, random, clock, onEvent: () => undefined }).publish();
  await romeo.messenger.importKeys([first.deviceList, first.prekeyBundle]);
  await created.close();
  const spool = join(folder, 'spool');
  let waiting: [number: number, stanza: XmlElement][] = [];
  let [written, prekeys] = [0, new Set<string>()];
  for (let round = 0; round < rounds; round++) {
    world.now += 3 * DAY;
    while (waiting.length < WAITING) {
      const { stanza } = await romeo.messenger.seal(chat(`${written}`), { to: JULIET });
      waiting.push([written++, stanza]);
    }
    writeFileSync(spool, JSON.stringify(waiting.map(([number, stanza]) => [number, writeXml(stanza)])));
    const said = await saidUntilKilled([kind, directory, spool, `${world.now}`], random(2));
    told.kills++;

    const store = await openKeyStore(await disk.open());
    const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => undefined });
    const done = new Set(said.flatMap(({ accepted }) => (accepted === undefined ? [] : [accepted])));
    const left = await notAccepted(messenger, waiting, done);
    told.accepted += waiting.length - left.length;
    told.openedAfter += left.length;
    waiting = left;
    const found = await store.entries('prekeys');
    for (const { published } of said) {
      const octets = (published ?? []).map(fromBase64);
      for (const raw of octets.slice(1).flatMap(publishedIn)) {
        assert.ok(found.some(([, { publicKey }]) => equal(publicKey, raw))); // I7: the private half was durable before
      }
      await romeo.messenger.importKeys(octets);
    }
    const now = new Set(found.map(([key]) => key));
    told.erased += [...prekeys].filter((key) => !now.has(key)).length;
    prekeys = now;
    await store.close();
    for (const { answer } of said) if (answer !== undefined) await (await opens(romeo, readXml(answer))).accept();
  }
  return told;
}

/** What a device said, complete lines alone, until it was killed at some moment after its first. */
async function saidUntilKilled(args: readonly string[], moment: Uint8Array): Promise<Said[]> {
  const working = spawn(process.execPath, [child, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => working.once('exit', resolve));
  const lines: string[] = [];
  // After so many of its lines, or all, and some moments: how fast the machine is makes no difference.
  const [count, wait] = [1 + ((moment[0] ?? 0) % (WAITING * 1.4)), ((moment[1] ?? 0) / 256) * 8];
  for await (const line of createInterface({ input: working.stdout })) {
    if (lines.push(line) === count || line.includes('"done"'))
      void setTimeout(wait).then(() => working.kill('SIGKILL'));
  }
  await ended;
  return lines.flatMap((line, i) => {
    try {
      return [JSON.parse(line) as Said];
    } catch (error) {
      if (i < lines.length - 1) throw error;
      return []; // cut by its death
    }
  });
}

/** Stanzas that open; all others are known to have been accepted, and the device said so of each but one at most. */
async function notAccepted(
  messenger: Messenger,
  waiting: readonly [number, XmlElement][],
  done: ReadonlySet<number>,
): Promise<[number, XmlElement][]> {
  const left: [number, XmlElement][] = [];
  let unsaid = 0;
  for (const [number, stanza] of waiting) {
    const refused = await refusal(async () => {
      const { status } = await messenger.open(stanza);
      if (status === 'opened') left.push([number, stanza]);
    });
    assert.is(refused, undefined, `stanza ${number} is lost`);
    if (left.at(-1)?.[0] === number) assert.not.ok(done.has(number), `stanza ${number} was accepted and opens again`);
    else if (!done.has(number)) unsaid++;
  }
  assert.ok(unsaid <= 1, `${unsaid} were accepted that nobody told`);
  return left;
}

function publishedIn(bundle: Uint8Array): readonly Uint8Array[] {
  const { lastResort, oneTime } = decodePrekeyBundle(readSignedData(bundle).content as Uint8Array);
  return [lastResort, ...oneTime];
}
