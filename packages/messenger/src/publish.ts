/**
 * What this device publishes: the account's device list, signed anew when it grows old, and its own prekey bundle, refilled
 * and renewed. Private halves are durable before public halves are given out.
 * @module
 */
import { type PrekeyBundle, publicKeyFromRaw } from '@stanzaseal/cms';
import type { Change, PrekeyRecord } from '@stanzaseal/keystore';
import { generatePrekeys } from '@stanzaseal/keystore';
import { signPrekeyBundle } from '@stanzaseal/signer';
import { tellOfDoubt, timeNoted } from './clockDoubt.js';
import { changedList, listDue, withList } from './ownList.js';
import { accountOf, admitted, type Session } from './session.js';

/** What is published; neither is secret. */
export interface Published {
  /** DER of the signed device list. */
  readonly deviceList: Uint8Array;
  /** DER of the signed prekey bundle. */
  readonly prekeyBundle: Uint8Array;
  /**
   * When to call again at the latest, in ms since 1970: when something grows old; or, where something is due already and four bundles
   * were published within the hour, when the next may be.
   */
  readonly due: number;
}

const HOUR = 3_600_000;

/** Renews what is due and gives what is to be published; see `Messenger.publish`. */
export async function publish(session: Session): Promise<Published> {
  const { store, crypto, clock, rules } = session;
  const stored = admitted(await accountOf(session));
  const now = clock();
  const before = timeNoted(stored, now, rules) as typeof stored;
  const isListDue = listDue(before, session) <= now;
  const deviceList = isListDue ? await changedList(session, {}) : before.deviceList;
  const account = isListDue ? withList(before, deviceList) : before;
  const { oneTime, lastResort, inUse } = prekeysOf(await store.entries('prekeys'), session);
  const { bundle: current, bundleAt = 0, publications = [] } = account;
  const agesAt = Math.min(bundleAt, lastResort?.[1].createdAt ?? 0) + rules.renewal;
  // What a clock that ran ahead published is published anew by one that is right (I14).
  const isAhead = bundleAt > now + rules.staleness;
  const isDue = current === undefined || agesAt <= now || isAhead || oneTime.length < rules.refillBelow;
  // Such a clock must not hold back what is due after it was put right (I14).
  const recent = publications.filter((at) => at > now - HOUR && at <= now);
  const mayFrom = recent.length < rules.publications ? 0 : (recent.at(-rules.publications) as number) + HOUR;
  if (current !== undefined && (!isDue || mayFrom > now)) {
    if (account !== stored) await store.commit([{ table: 'account', key: 'self', record: account }]);
    tellOfDoubt(session, stored, account);
    return { deviceList, prekeyBundle: current, due: isDue ? mayFrom : Math.min(agesAt, listDue(account, session)) };
  }
  const changes: Change[] = [];
  const entries = [lastResort ?? (await generated(session, 1, 'last-resort'))[0], ...oneTime] as Entry[];
  if (lastResort === undefined) {
    for (const [key, record] of inUse) changes.push({ table: 'prekeys', key, record: { ...record, replacedAt: now } });
  }
  if (oneTime.length < rules.refillBelow)
    entries.push(...(await generated(session, rules.oneTimePrekeys - oneTime.length, 'one-time')));
  const device = await store.deviceKey(crypto);
  const notAfter = Math.floor((now + rules.validity) / 1000) * 1000;
  const [first, ...others] = entries.map(([, { publicKey }]) => publicKey);
  const bundle: PrekeyBundle = {
    owner: store.owner,
    identity: (await publicKeyFromRaw('Ed25519', account.identity, crypto)).keyIdentifier,
    device: device.publicKey.keyIdentifier,
    sequence: account.bundleSequence + 1,
    notBefore: now,
    notAfter,
    lastResort: first as Uint8Array,
    oneTime: others,
  };
  const prekeyBundle = await signPrekeyBundle(bundle, device, { signingTime: now, crypto });
  for (const [key, record] of entries) changes.push({ table: 'prekeys', key, record: { ...record, notAfter } });
  const published = {
    bundleSequence: bundle.sequence,
    bundle: prekeyBundle,
    bundleAt: now,
    publications: [...recent, now],
  };
  await store.commit([...changes, { table: 'account', key: 'self', record: { ...account, ...published } }]);
  tellOfDoubt(session, stored, account);
  const lastResortAt = (entries[0] as Entry)[1].createdAt;
  return { deviceList, prekeyBundle, due: Math.min(lastResortAt + rules.renewal, listDue(account, session)) };
}

type Entry = readonly [key: string, record: PrekeyRecord];

/** What of the prekeys there are can go into the next bundle: unused one-time ones, and the last-resort one while it is not too old. */
function prekeysOf(
  prekeys: readonly Entry[],
  { clock, rules }: Session,
): { oneTime: Entry[]; lastResort: Entry | undefined; inUse: Entry[] } {
  const now = clock();
  // No prekey is published for longer than one validity: replay entries live as long as the oldest prekey does.
  const isFresh = ([, { createdAt, notAfter }]: Entry): boolean => notAfter > now && createdAt + rules.validity > now;
  const inUse = prekeys.filter(([, each]) => each.class === 'last-resort' && each.replacedAt === undefined);
  return {
    oneTime: prekeys.filter((entry) => entry[1].class === 'one-time' && entry[1].uses.length === 0 && isFresh(entry)),
    lastResort: inUse.find((entry) => isFresh(entry) && entry[1].createdAt + rules.renewal > now),
    inUse,
  };
}

async function generated(
  { random, crypto, clock, rules }: Session,
  count: number,
  prekeyClass: 'one-time' | 'last-resort',
): Promise<Entry[]> {
  const made = await generatePrekeys(count, prekeyClass, { random, crypto, clock, notAfter: clock() + rules.validity });
  return made.map((change) => [change.key, change.record as PrekeyRecord]);
}
