/**
 * What this device publishes: the account's device list, signed anew when it grows old, and its own prekey bundle, refilled
 * and renewed. Private halves are durable before public halves are given out.
 * @module
 */
import { type PrekeyBundle, publicKeyFromRaw } from '@stanzaseal/cms';
import type { Change, PrekeyRecord } from '@stanzaseal/keystore';
import { generatePrekeys } from '@stanzaseal/keystore';
import { signPrekeyBundle } from '@stanzaseal/signer';
import { renewedList } from './devices.js';
import { MessengerError } from './messengerError.js';
import { accountOf, type Session } from './session.js';

/** What is published; neither is secret. */
export interface Published {
  /** DER of the signed device list. */
  readonly deviceList: Uint8Array;
  /** DER of the signed prekey bundle. */
  readonly prekeyBundle: Uint8Array;
}

/** Renews what is due and gives what is to be published; see `Messenger.publish`. */
export async function publish(session: Session): Promise<Published> {
  const { store, crypto, clock, rules } = session;
  const account = await accountOf(session);
  if (account.deviceList === undefined) {
    throw new MessengerError('ERR_NO_KEYS', 'this device is not admitted to its account yet');
  }
  const now = clock();
  const deviceList = (await renewedList(session)) ?? account.deviceList;
  const prekeys = await store.entries('prekeys');
  const { changes, oneTime, lastResort } = await renewedPrekeys(session, prekeys);
  const renewed = deviceList !== account.deviceList;
  if (account.bundle !== undefined && changes.length === 0 && (account.bundleAt ?? 0) + rules.renewal > now) {
    if (renewed) await store.commit([{ table: 'account', key: 'self', record: { ...account, deviceList } }]);
    return { deviceList, prekeyBundle: account.bundle };
  }
  const device = await store.deviceKey(crypto);
  const notAfter = Math.floor((now + rules.validity) / 1000) * 1000;
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const bundle: PrekeyBundle = {
    owner: store.owner,
    identity: identity.keyIdentifier,
    device: device.publicKey.keyIdentifier,
    sequence: account.bundleSequence + 1,
    notBefore: now,
    notAfter,
    lastResort: lastResort[1].publicKey,
    oneTime: oneTime.map(([, { publicKey }]) => publicKey),
  };
  const prekeyBundle = await signPrekeyBundle(bundle, device, { signingTime: now, crypto });
  await store.commit([
    ...changes,
    ...[lastResort, ...oneTime].map(
      ([key, record]): Change => ({ table: 'prekeys', key, record: { ...record, notAfter } }),
    ),
    {
      table: 'account',
      key: 'self',
      record: { ...account, deviceList, bundleSequence: bundle.sequence, bundle: prekeyBundle, bundleAt: now },
    },
  ]);
  return { deviceList, prekeyBundle };
}

type Entry = readonly [key: string, record: PrekeyRecord];

/** The prekeys for the next bundle: unused one-time ones, refilled when few are left, and a last-resort one not too old. */
async function renewedPrekeys(
  session: Session,
  prekeys: readonly Entry[],
): Promise<{ changes: Change[]; oneTime: Entry[]; lastResort: Entry }> {
  const { clock, rules } = session;
  const now = clock();
  const changes: Change[] = [];
  // No prekey is published for longer than one validity: replay entries live as long as the oldest prekey does.
  const isFresh = ([, { createdAt, notAfter }]: Entry): boolean => notAfter > now && createdAt + rules.validity > now;
  let oneTime = prekeys
    .filter(([, { class: prekeyClass, uses }]) => prekeyClass === 'one-time' && uses.length === 0)
    .filter(isFresh);
  if (oneTime.length < rules.refillBelow) {
    const made = await generate(session, rules.oneTimePrekeys - oneTime.length, 'one-time');
    oneTime = [...oneTime, ...made];
    changes.push(...made.map(asChange));
  }
  const inUse = prekeys.filter(
    ([, { class: prekeyClass, replacedAt }]) => prekeyClass === 'last-resort' && replacedAt === undefined,
  );
  const current = inUse.find((entry) => isFresh(entry) && entry[1].createdAt + rules.renewal > now);
  if (current !== undefined) return { changes, oneTime, lastResort: current };
  const [lastResort] = (await generate(session, 1, 'last-resort')) as [Entry];
  changes.push(asChange(lastResort));
  for (const [key, record] of inUse) changes.push({ table: 'prekeys', key, record: { ...record, replacedAt: now } });
  return { changes, oneTime, lastResort };
}

async function generate(
  { random, crypto, clock, rules }: Session,
  count: number,
  prekeyClass: 'one-time' | 'last-resort',
): Promise<Entry[]> {
  const made = await generatePrekeys(count, prekeyClass, { random, crypto, clock, notAfter: clock() + rules.validity });
  return made.map((change) => [change.key, change.record as PrekeyRecord]);
}

function asChange([key, record]: Entry): Change {
  return { table: 'prekeys', key, record };
}
