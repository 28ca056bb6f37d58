/**
 * `pnpm bench [--quick] [--json FILE]`: our ways to seal and open beside the primitives they are made of, in one process and
 * interleaved. Exits 1 where a row misses its "must", except with `--quick`.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { createCryptoProvider as createNodeProvider, systemRandom } from '@stanzaseal/cms/provider';
import { createCryptoProvider as createWebProvider } from '@stanzaseal/cms/provider/webcrypto';
import { createBase } from './base.js';
import { createMessengerJobs } from './messengerJobs.js';
import { createObjectJobs } from './objectJobs.js';
import { type Job, timeJobs } from './rounds.js';
import { createStreamJobs } from './streamJobs.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });
const [rounds, slice, streamMebibytes] = values.quick ? [5, 15, 16] : [15, 60, 100];

/** What a row is held to: greatest ratio to the base; rows without are information. */
const MUST: Readonly<Record<string, number>> = {
  'seal 1 KiB to 1 device | signer + envelope, node:crypto': 1.25,
  'open 1 KiB from 1 device | signer + envelope, node:crypto': 1.2,
  'seal 1 KiB to 100 devices | signer + envelope, node:crypto': 1.15,
  'open 1 KiB as one of 100 | signer + envelope, node:crypto': 2,
  'seal 1 KiB stanza to 1 device | messenger, node:crypto': 1.6,
  'open 1 KiB stanza from 1 device | messenger, node:crypto': 1.6,
  // At least 0.7 of the speed.
  [`encrypt ${streamMebibytes} MiB | streams, node:crypto`]: 1.428,
  [`decrypt ${streamMebibytes} MiB | streams, node:crypto`]: 1.428,
};

interface Row {
  title: string;
  name: string;
  us: number;
  least: number;
  most: number;
  ratio: number;
  must: number | undefined;
}

const KIBIBYTE = 1024;
const node = createNodeProvider();
const web = createWebProvider();
const rows: Row[] = [];

console.log(
  `Node ${process.version}, OpenSSL ${process.versions.openssl}, ${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`,
);
for (const count of [1, 100]) {
  const base = createBase(KIBIBYTE, count);
  const objects = [
    await createObjectJobs(node, systemRandom, KIBIBYTE, count),
    await createObjectJobs(web, systemRandom, KIBIBYTE, count),
  ];
  const toMany = count === 1 ? 'to 1 device' : `to ${count} devices`;
  const asOne = count === 1 ? 'from 1 device' : `as one of ${count}`;
  await bench(`seal 1 KiB ${toMany}`, [{ name: 'base', run: base.seal }, ...objects.map(({ seal }) => seal)]);
  await bench(`open 1 KiB ${asOne}`, [{ name: 'base', run: base.open }, ...objects.map(({ open }) => open)]);
}
const stanzas = [
  await createMessengerJobs(node, systemRandom, KIBIBYTE),
  await createMessengerJobs(web, systemRandom, KIBIBYTE),
];
// The primitives have the same octets to work on: what a stanza with so much text is padded to.
const stanzaBase = createBase((stanzas[0] as (typeof stanzas)[0]).octets, 1);
await bench('seal 1 KiB stanza to 1 device', [
  { name: 'base', run: stanzaBase.seal },
  ...stanzas.map(({ seal }) => seal),
]);
await bench('open 1 KiB stanza from 1 device', [
  { name: 'base', run: stanzaBase.open },
  ...stanzas.map(({ open }) => open),
]);

const streams = await createStreamJobs(createGeneralCrypto(), systemRandom, streamMebibytes * KIBIBYTE ** 2);
await bench(`encrypt ${streamMebibytes} MiB`, streams.encrypt);
await bench(`decrypt ${streamMebibytes} MiB`, streams.decrypt);

if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
const missed = rows.filter(({ must, ratio }) => must !== undefined && ratio > must);
for (const { title, name, ratio, must } of missed)
  console.log(`missed: ${title}, ${name}: ${ratio.toFixed(2)} > ${must}`);
if (missed.length > 0 && !values.quick) process.exitCode = 1;

async function bench(title: string, jobs: readonly Job[]): Promise<void> {
  console.log(`\n${title}`);
  for (const { name, median, least, most, ratio } of await timeJobs(jobs, rounds as number, slice as number)) {
    const must = MUST[`${title} | ${name}`];
    rows.push({ title, name, us: median, least, most, ratio, must });
    const spread = `${least.toFixed(0)}-${most.toFixed(0)}`;
    const verdict = must === undefined ? '' : ratio <= must ? `  must <= ${must}: met` : `  must <= ${must}: MISSED`;
    console.log(
      `  ${name.padEnd(34)} ${median.toFixed(0).padStart(8)} µs  (${spread})`.padEnd(68) +
        `${ratio.toFixed(2).padStart(7)} x base${verdict}`,
    );
  }
}
