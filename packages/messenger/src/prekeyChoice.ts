/**
 * Which prekey of a peer's device an object is sealed to: its newest reply prekey, else the published one that sticks, else a
 * one-time prekey at random, else the last-resort prekey. Never an identity or device key.
 * @module
 */
import { drawOctets } from '@stanzaseal/cms';
import type { PeerDeviceRecord, PeerPrekey } from '@stanzaseal/keystore';
import type { Session } from './session.js';

/** A choice, and the device's record with the choice in it where that changed. */
export interface PrekeyChoice {
  /** The prekey. */
  readonly prekey: PeerPrekey;
  /** The record after the choice; the same object where nothing changed. */
  readonly device: PeerDeviceRecord;
}

/** Chooses, or answers `undefined` where there is no key to use. */
export function choosePrekey(device: PeerDeviceRecord, { clock, random, rules }: Session): PrekeyChoice | undefined {
  const now = clock();
  const { reply, choice } = device;
  if (reply !== undefined && reply.notAfter > now) return { prekey: reply, device };
  if (choice !== undefined && choice.notAfter > now && choice.at + rules.stickiness > now)
    return { prekey: choice, device };
  if (device.bundleNotAfter <= now || device.lastResort === undefined) return undefined;
  const { oneTime, lastResort, bundleNotAfter: notAfter } = device;
  if (oneTime.length === 0) {
    const prekey: PeerPrekey = { publicKey: lastResort, class: 'last-resort', notAfter, at: now };
    return { prekey, device: { ...device, choice: prekey } };
  }
  // A random one: two senders who take the first would meet at every turn.
  const at = drawIndex(oneTime.length, random);
  const prekey: PeerPrekey = { publicKey: oneTime[at] as Uint8Array, class: 'one-time', notAfter, at: now };
  return { prekey, device: { ...device, choice: prekey, oneTime: oneTime.filter((_, i) => i !== at) } };
}

/** A whole number below `count`; 48 bits over at most some hundreds leave no bias that matters. */
function drawIndex(count: number, random: Session['random']): number {
  let value = 0;
  for (const octet of drawOctets(random, 6)) value = value * 256 + octet;
  return value % count;
}
