/**
 * Figures as lines.
 */
import { loadavg } from 'node:os';
import type { XmppServer } from '@stanzaseal/testkit/servers';
import { type Figures, measureCatchUp, measureLive } from './figures.js';

/** How many messages are measured. */
export interface Amounts {
  /** Live ones, in each of three rounds. */
  readonly live: number;
  /** Those that wait at login. */
  readonly waiting: number;
}

/** Measures, prints under a name, and gives the live figures. */
export async function printFigures(
  server: XmppServer,
  { live, waiting }: Amounts,
  name: string = server.name,
): Promise<readonly Figures[]> {
  const load = (): string => loadavg()[0]?.toFixed(1) ?? '';
  const before = load();
  const { sealed, files, plain, long } = await measureLive(server, live);
  const caughtUp = await measureCatchUp(server, waiting);
  const say = (line: string): void => console.log(`${name}: ${line}`);
  const against = (other: Figures): string =>
    `${other.perSecond.toFixed(0)} (${(sealed.perSecond / other.perSecond).toFixed(2)})`;
  say(`2 KB, ${3 * live} messages each: ${sealed.perSecond.toFixed(0)} a second sealed, ${sealed.octets} octets each`);
  say(`  unsealed ${against(plain)}; unsealed of as many octets ${against(long)}`);
  say(`  sealed with stores in files ${files.perSecond.toFixed(0)}`);
  const added = (key: 'p50' | 'p99'): string => (sealed[key] - plain[key]).toFixed(1);
  say(
    `  latency added: p50 ${added('p50')} ms, p99 ${added('p99')} ms (unsealed: ${plain.p50.toFixed(1)}, ${plain.p99.toFixed(1)})`,
  );
  say(`  processor time of both clients: ${sealed.cpu.toFixed(2)} ms a message, unsealed ${plain.cpu.toFixed(2)}`);
  const serverTime = ({ server: ms, perSecond }: Figures): string =>
    `${ms.toFixed(2)} ms (${((ms * perSecond) / 10).toFixed(0)} % of one processor)`;
  say(
    `  processor time of the server: ${serverTime(sealed)}, of as many octets unsealed ${serverTime(long)}, unsealed ${serverTime(plain)}`,
  );
  say(`  from login to caught up with ${waiting} waiting: ${(caughtUp / 1000).toFixed(1)} s`);
  say(`  load of the machine: ${before} before, ${load()} after`);
  return [sealed, files, plain, long];
}
