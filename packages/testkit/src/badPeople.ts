/**
 * The bad peer in somebody's name: with all that their device holds, it seals to another's prekey and changes one thing.
 * @module
 */
import { generatePrivateKey, type PublicKey, publicKeyFromRaw } from '@stanzaseal/cms';
import { type BadStanza, type SealedBadly, sealBadly } from './badStanza.js';
import { accountOf, DAY, deviceOf, type Person } from './people.js';

/** A published prekey of a device that nobody used yet. */
export async function unusedPrekeyOf(
  { store, world }: Person,
  prekeyClass: 'one-time' | 'last-resort' = 'one-time',
): Promise<PublicKey> {
  const prekeys = await store.entries('prekeys');
  const [, unused] = prekeys.find(([, record]) => record.class === prekeyClass && record.uses.length === 0) ?? [];
  if (unused === undefined) throw new RangeError(`no unused ${prekeyClass} prekey is left`);
  return publicKeyFromRaw('X25519', unused.publicKey, world.crypto);
}

/** Seals as one to another, on first contact, with the changes asked for. */
export async function sealBadlyFrom(from: Person, to: Person, changes: Partial<BadStanza> = {}): Promise<SealedBadly> {
  const { world, store } = from;
  const { crypto, random, now } = world;
  const { identity, device, endorsement } = await accountOf(from);
  const reply = await generatePrivateKey('X25519', random, crypto);
  return sealBadly({
    from: from.jid,
    to: to.jid,
    recipients: [{ prekey: await unusedPrekeyOf(to), deviceKey: await deviceOf(to), class: 'one-time' }],
    device: await store.deviceKey(crypto),
    replyPrekey: { key: reply.publicKey, notAfter: Math.floor((now + 35 * DAY) / 1000) * 1000 },
    senderKeys: {
      identity: { algorithm: 'Ed25519', raw: identity },
      device: { algorithm: 'Ed25519', raw: device },
      endorsement: endorsement as Uint8Array,
    },
    now,
    random,
    crypto,
    ...changes,
  });
}
