/**
 * Pages of a large archive.
 * @module
 */
import { type Archive, openArchive } from '@stanzaseal/archive';
import { type CryptoProvider, generatePrivateKey, type RandomSource } from '@stanzaseal/cms';

const OWNER = 'juliet@capulet.example';
const PEERS = 200;
const PAGE = 50;
const MINUTE = 60_000;

/** Fills an archive with so many short messages of one owner, over two years, and times pages of 50 of them. */
export async function timePages(
  url: string,
  rows: number,
  crypto: CryptoProvider,
  random: RandomSource,
): Promise<void> {
  const checkpointKey = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  const archive = await openArchive(url, {
    origin: 'bench.example/archive',
    checkpointKey,
    random,
    clock: Date.now,
    crypto,
    onEvent: () => undefined,
    limits: { checkpointEntries: 100_000, batch: 2048 },
    workers: { count: 1 },
  });
  const start = Date.UTC(2025, 0, 1);
  const step = Math.floor((730 * 1440 * MINUTE) / rows);
  const began = performance.now();
  for (let at = 0; at < rows; at += 2048) {
    const items = Array.from({ length: Math.min(2048, rows - at) }, (_, i) => {
      const stanza = `<message from="peer${(at + i) % PEERS}@montague.example/x" to="${OWNER}" type="chat" id="m${at + i}"><body>line ${at + i}</body></message>`;
      return { stanza, owner: OWNER, receivedAt: start + (at + i) * step, stanzaId: `stanza-${at + i}` };
    });
    await archive.putMany(items);
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `\n${url.split(':')[0]}: pages of ${PAGE} of ${rows} rows (${Math.round(rows / seconds)} rows a second put in)`,
  );
  const some = (most: number) =>
    Math.floor(((random(6).reduce((sum, each) => sum * 256 + each, 0) % 2 ** 40) / 2 ** 40) * most);
  const peer = () => `peer${some(PEERS)}@montague.example`;
  await time('the last', () => archive.page({ owner: OWNER, before: '', max: PAGE }));
  await time('after an id', () => archive.page({ owner: OWNER, after: `stanza-${some(rows - PAGE)}`, max: PAGE }));
  await time('before an id', () =>
    archive.page({ owner: OWNER, before: `stanza-${PAGE + some(rows - PAGE)}`, max: PAGE }),
  );
  await time('from a time', () => archive.page({ owner: OWNER, start: start + some(rows) * step, max: PAGE }));
  await time('last of one peer', () => archive.page({ owner: OWNER, with: peer(), before: '', max: PAGE }));
  await time('of one peer from a time', () =>
    archive.page({ owner: OWNER, with: peer(), start: start + some(rows) * step, max: PAGE }),
  );
  await time('of one peer until a time', () =>
    archive.page({ owner: OWNER, with: peer(), end: start + some(rows) * step, before: '', max: PAGE }),
  );
  await time('proof', () => archive.proofOf({ owner: OWNER, id: `stanza-${some(rows)}` }));
  await archive.close();
}

async function time(name: string, run: () => ReturnType<Archive['page'] | Archive['proofOf']>): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 220; i++) {
    const start = performance.now();
    const result = await run();
    if (i >= 20) times.push(performance.now() - start);
    if ('damaged' in result && result.damaged.length > 0) throw new Error('archive is damaged');
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => (times[Math.floor(times.length * part)] as number).toFixed(1).padStart(7);
  console.log(`  ${name.padEnd(28)} median ${at(0.5)} ms   p99 ${at(0.99)} ms`);
}
