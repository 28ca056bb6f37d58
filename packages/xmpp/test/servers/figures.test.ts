import { needing, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureCatchUp, measureLive } from './figures.js';

const test = suite('what sealing costs on a real server');
const LIVE = Number(process.env.STANZASEAL_FIGURES_LIVE ?? 500);
const WAITING = Number(process.env.STANZASEAL_FIGURES_WAITING ?? 500);

test.after(stopEverything);

test(
  'messages a second and latency against the same unsealed; from login to caught up',
  needing(['prosody'], async () => {
    // Its own limit is 10,000.
    const server = await startProsody({ settings: 'storage_archive_item_limit = 100000' });
    const figures = await measureLive(server, LIVE);
    const { sealedPerSecond, plainPerSecond, longPerSecond, sealedOctets, sealedLatency, plainLatency } = figures;
    const caughtUp = await measureCatchUp(server, WAITING);
    const against = (other: number): string => `${other.toFixed(0)}: ${(sealedPerSecond / other).toFixed(2)}`;
    console.log(`2 KB, ${LIVE} messages: ${sealedPerSecond.toFixed(0)} a second sealed`);
    console.log(
      `plain ${against(plainPerSecond)}; plain of ${sealedOctets} octets, as sealed, ${against(longPerSecond)}`,
    );
    const added = (key: 'p50' | 'p99'): string => (sealedLatency[key] - plainLatency[key]).toFixed(1);
    console.log(
      `latency added: p50 ${added('p50')} ms, p99 ${added('p99')} ms (plain ${plainLatency.p50.toFixed(1)} ms)`,
    );
    console.log(`from login to caught up with ${WAITING} waiting: ${(caughtUp / 1000).toFixed(1)} s`);
    assert.ok(sealedPerSecond > 0 && plainPerSecond > 0 && caughtUp > 0);
    await server.stop();
  }),
);

test.run();
