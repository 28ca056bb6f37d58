/**
 * `store rotate`: everything that is due, done now.
 * @module
 */
import { storeStatus } from '@stanzaseal/messenger/status';
import type { Command } from 'commander';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

/** Adds `store rotate`. */
export function addRotate(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('rotate')))
    .description('do what is due: sign the list anew, refill and replace prekeys, erase used ones')
    .option('--caught-up', 'all that waited for this device has been opened: prekeys that waited for it may go')
    .option('--confirm-clock', 'the clock is right, though it shows a time long after the latest one known')
    .option('--json', 'write an object (docs/cli/storeRotate.schema.json)');
  withExamples(
    verb,
    'stanzaseal store rotate --store juliet && stanzaseal bundle export --store juliet > juliet.bundle',
  );
  verb.action(async (options: StoreOptions & InOut & { caughtUp?: true; confirmClock?: true; json?: true }) => {
    const done = await withOpenedStore(options, system, (opened) => rotate(opened, options));
    const words = [
      ...(done.deviceList === undefined ? [] : [`device list signed anew: version ${done.deviceList}`]),
      ...(done.bundle === undefined ? [] : [`prekeys renewed: bundle ${done.bundle}`]),
      ...(done.erased === 0 ? [] : [`${done.erased} prekeys erased`]),
      `next due ${done.due}`,
    ];
    await writeOutput(options.json === true ? `${JSON.stringify(done)}\n` : `${words.join('\n')}\n`, options.out);
  });
}

/** Erases first: what is published next is published of what is left. */
async function rotate(
  { messenger }: OpenedStore,
  { caughtUp, confirmClock }: { readonly caughtUp?: true; readonly confirmClock?: true },
): Promise<{ deviceList?: number; bundle?: number; erased: number; due: string }> {
  const before = await storeStatus(messenger);
  if (confirmClock === true) await messenger.confirmClock();
  await (caughtUp === true ? messenger.caughtUp() : messenger.erase());
  const erased = countOf(before) - countOf(await storeStatus(messenger));
  const { due } = await messenger.publish();
  const { deviceList, bundle } = await storeStatus(messenger);
  return {
    ...(deviceList && deviceList.listVersion !== before.deviceList?.listVersion
      ? { deviceList: deviceList.listVersion }
      : {}),
    ...(bundle && bundle.sequence !== before.bundle?.sequence ? { bundle: bundle.sequence } : {}),
    erased,
    due: new Date(due).toISOString(),
  };
}

function countOf({ prekeys }: Awaited<ReturnType<typeof storeStatus>>): number {
  return Object.values(prekeys).reduce((sum, { count }) => sum + count, 0);
}
