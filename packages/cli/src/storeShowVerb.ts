/**
 * `store show`: whose store it is, what is in it, and what is due.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { type PrekeyCount, type StoreStatus, storeStatus } from '@stanzaseal/messenger/status';
import { fingerprint } from '@stanzaseal/trust/fingerprint';
import type { Command } from 'commander';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

/** Adds `store show`. */
export function addShow(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('show')))
    .description('show whose store it is, what is in it and what is due; no secret')
    .option('--json', 'write an object (docs/cli/storeShow.schema.json)');
  withExamples(verb, 'stanzaseal store show --store juliet', 'stanzaseal store show --store juliet --json');
  verb.action(async (options: StoreOptions & InOut & { json?: true }) => {
    const shown = await withOpenedStore(options, system, (opened) => shownOf(opened, system));
    const words = options.json === true ? `${JSON.stringify(shown)}\n` : text(shown, system.now());
    await writeOutput(words, options.out);
  });
}

type Shown = Awaited<ReturnType<typeof shownOf>>;

async function shownOf({ store, messenger }: OpenedStore, { crypto }: System) {
  const status = await storeStatus(messenger);
  const { prekeys, deviceList, bundle, caughtUpAt, clockDoubt } = status;
  const account = await store.get('account', 'self');
  return {
    owner: store.owner,
    fingerprint: toHex(await messenger.fingerprint()),
    device: toHex((await store.deviceKey(crypto)).publicKey.keyIdentifier),
    role: status.role,
    keys: {
      identity: keyPlace(account?.identitySecret !== undefined, account?.identityElsewhere, account?.identityName),
      device: keyPlace(true, account?.deviceElsewhere, account?.deviceName),
    },
    admitted: status.admitted,
    rolledBack: status.rolledBack,
    epoch: status.epoch,
    prekeys: {
      reply: ages(prekeys.reply),
      oneTime: ages(prekeys['one-time']),
      lastResort: ages(prekeys['last-resort']),
    },
    ...(deviceList && {
      deviceList: { ...deviceList, issued: time(deviceList.issued), expires: time(deviceList.expires) },
    }),
    ...(bundle && { bundle: { sequence: bundle.sequence, at: time(bundle.at) } }),
    ...(caughtUpAt !== undefined && { caughtUpAt: time(caughtUpAt) }),
    ...(clockDoubt && { clockDoubt: { known: time(clockDoubt.known), until: time(clockDoubt.until) } }),
    due: status.due.map(({ what, at }) => ({ what, at: time(at) })),
    contacts: (await messenger.contacts()).length,
    requests: (await messenger.requests()).length,
  };
}

/** Where a private key is: in the token, by its label; in the store; or not on this device. */
function keyPlace(isHere: boolean, isElsewhere = false, label: string | undefined) {
  return {
    in: isElsewhere ? 'token' : isHere ? 'store' : 'none',
    ...(isElsewhere && label !== undefined ? { label } : {}),
  } as const;
}

function ages({ count, unused, oldest, newest }: PrekeyCount) {
  return {
    count,
    unused,
    ...(oldest === undefined || newest === undefined ? {} : { oldest: time(oldest), newest: time(newest) }),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function text(shown: Shown, now: number): string {
  const { reply, oneTime, lastResort } = shown.prekeys;
  const { deviceList: list, bundle, keys } = shown;
  return [
    `owner        ${shown.owner}`,
    `fingerprint  ${fingerprint(Buffer.from(shown.fingerprint, 'hex'))}`,
    `device       ${shown.device} (${shown.role}${shown.admitted ? '' : ', not admitted'})`,
    ...(['identity', 'device'] as const).flatMap((name) => {
      const { in: place, label } = keys[name];
      return place === 'token' ? [`in token     ${name} key, '${label}'`] : [];
    }),
    `prekeys      ${oneTime.count} one-time, ${lastResort.count} last-resort, ${reply.count} reply`,
    ...[oneTime, lastResort, reply].flatMap(({ unused, oldest, newest }, i) =>
      oldest === undefined || newest === undefined
        ? []
        : [`             ${CLASSES[i]}: ${unused} unused, made ${span(oldest, newest, now)}`],
    ),
    `device list  ${list === undefined ? 'none' : `version ${list.listVersion} until ${list.expires.slice(0, 10)}${list.forked ? ', contradicted by another of that version' : ''}`}`,
    `bundle       ${bundle === undefined ? 'none published' : `${bundle.sequence}, ${ago(bundle.at, now)}`}`,
    ...shown.due.map(({ what, at }, i) => `${i === 0 ? 'due' : '   '}          ${WORDS[what]}: ${when(at, now)}`),
    `contacts     ${shown.contacts}`,
    `requests     ${shown.requests} of strangers, unopened`,
    ...(shown.rolledBack ? ['state        put back or copied: nothing is sealed or opened (store devices renew)'] : []),
    ...(shown.clockDoubt === undefined
      ? []
      : [
          `clock        in doubt: the latest time known is ${shown.clockDoubt.known.slice(0, 10)}; nothing is erased for its age before ${shown.clockDoubt.until.slice(0, 10)} (store rotate --confirm-clock)`,
        ]),
    '',
  ].join('\n');
}

const CLASSES = ['one-time', 'last-resort', 'reply'];
const WORDS: Readonly<Record<StoreStatus['due'][number]['what'], string>> = {
  'device-list': 'device list signed anew',
  bundle: 'bundle published anew',
  'last-resort': 'last-resort prekey replaced',
  refill: 'one-time prekeys refilled',
  erasure: 'prekeys erased',
};

function span(oldest: string, newest: string, now: number): string {
  return oldest === newest ? ago(oldest, now) : `${ago(oldest, now)} to ${ago(newest, now)}`;
}

function ago(at: string, now: number): string {
  return `${spoken(now - Date.parse(at))} ago`;
}

function when(at: string, now: number): string {
  const left = Date.parse(at) - now;
  return left <= 0 ? 'now' : `in ${spoken(left)}`;
}

function spoken(ms: number): string {
  const [minutes, hours, days] = [60_000, 3_600_000, 86_400_000].map((unit) => Math.floor(Math.max(0, ms) / unit));
  if ((days as number) >= 2) return `${days} days`;
  return (hours as number) >= 2 ? `${hours} hours` : `${minutes} min`;
}
