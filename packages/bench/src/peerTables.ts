/**
 * Peers on the same job: one text signed and encrypted to one device and to a hundred, and the reverse.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { devicesName, KIBIBYTE, node } from './context.js';
import { objectWork } from './objects.js';
import { agePeer } from './peers/age.js';
import { forgePeer } from './peers/forge.js';
import { josePeer } from './peers/jose.js';
import { libsignalPeer } from './peers/libsignal.js';
import { noblePeer } from './peers/noble.js';
import { openpgpPeer } from './peers/openpgp.js';
import { opensslPeer } from './peers/openssl.js';
import type { MakePeer, Peer } from './peers/peer.js';
import { pkijsPeer } from './peers/pkijs.js';
import type { Job, Table, Took } from './table.js';

const MAKERS: readonly MakePeer[] = [
  libsignalPeer,
  opensslPeer,
  josePeer,
  noblePeer,
  agePeer,
  openpgpPeer,
  pkijsPeer,
  forgePeer,
];

/** Every JavaScript peer is to take at least so many times as long (design: contracts of speed). */
const FACTOR = 3;

/** One table for each verb and number of devices. */
export function peerTables(): Table[] {
  return [1, 100].flatMap((count) =>
    (['seal', 'open'] as const).map((verb) => ({
      group: 'peers',
      title: `${verb} 1 KiB ${verb === 'seal' ? 'to' : 'as the last of'} ${devicesName(count)}`,
      jobs: async () => {
        const work = await objectWork(node, KIBIBYTE, count);
        const jobs: Job[] = [{ name: 'stanzaseal, signer + envelope', run: work[verb] }];
        for (const peer of await peersFor(count)) {
          const { name, note, isNative, time } = peer;
          jobs.push({
            name,
            run: peer[verb],
            note: () => note,
            ...(isNative ? { aimLeast: 1 } : { least: FACTOR }),
            ...(time === undefined ? {} : { time: async () => tookOf(await time.call(peer, verb)) }),
          });
        }
        return jobs;
      },
    })),
  );
}

function tookOf(processor: number): Took {
  return { clock: processor, processor };
}

const made = new Map<number, Promise<Peer[]>>();

/** Peers with keys for so many recipients, made once for both verbs. */
function peersFor(count: number): Promise<Peer[]> {
  const known = made.get(count);
  if (known !== undefined) return known;
  const content = randomBytes(KIBIBYTE);
  const peers = Promise.all(MAKERS.map((make) => make(content, count))).then((all) =>
    all.filter((peer) => peer !== undefined),
  );
  made.set(count, peers);
  return peers;
}
