/**
 * 100,000 mutants of golden objects (`SOAK=short`: 3,000): each is refused with the one error or gives the very content, in less
 * than 50 ms. A mutant that gives the content is one whose change touches nothing but another recipient's wrapped key.
 */

import { equal } from '@stanzaseal/cms';
import { goldenWorld, unsafeSeededRandom } from '@stanzaseal/testkit';

const runs = process.env.SOAK === 'short' ? 3_000 : 100_000;
const seed = process.env.SEED ?? `${Date.now()}`;
const random = unsafeSeededRandom(seed);
const draw = (below: number): number => new DataView(random(4).buffer).getUint32(0) % below;
const objects = (await goldenWorld()).objects.filter(({ name }) => /^(sealed|general)/.test(name));
const contents = await Promise.all(objects.map(async ({ der, read }) => (await read(der)) as Uint8Array));

/** One to four changes: octets set, flipped, moved, doubled, taken out, or the end cut off. */
function mutant(der: Uint8Array): Uint8Array {
  let octets = [...der];
  for (let changes = 1 + draw(4); changes > 0; changes--) {
    const [from, length] = [draw(octets.length), 1 + draw(8)];
    const kind = draw(6);
    if (kind === 0) octets[from] = draw(256);
    else if (kind === 1) octets[from] = (octets[from] as number) ^ (1 << draw(8));
    else if (kind === 2) octets.splice(from, length);
    else if (kind === 3) octets.splice(draw(octets.length), 0, ...octets.slice(from, from + length));
    else if (kind === 4) octets.splice(from, 0, ...random(length));
    else octets = octets.slice(0, Math.max(1, from));
  }
  return Uint8Array.from(octets);
}

const failures: string[] = [];
let [refused, same, slowest] = [0, 0, 0];
const begin = performance.now();
for (let run = 0; run < runs && failures.length < 10; run++) {
  const which = draw(objects.length);
  const { name, der, read } = objects[which] as (typeof objects)[number];
  const octets = mutant(der);
  const start = performance.now();
  const result = await read(octets).catch((error: unknown) => error as Error);
  let elapsed = performance.now() - start;
  if (elapsed > 50) {
    // Once more, so that a pause of the machine is not taken for a slow object.
    const again = performance.now();
    await read(octets).catch(() => undefined);
    elapsed = performance.now() - again;
  }
  slowest = Math.max(slowest, elapsed);
  const at = `seed ${seed}, run ${run}, ${name}: ${Buffer.from(octets).toString('base64')}`;
  if (elapsed > 50) failures.push(`slow (${elapsed.toFixed(0)} ms): ${at}`);
  if (result instanceof Error) {
    refused++;
    const code = 'code' in result ? result.code : undefined;
    // A changed object identifier may be one that general CMS does not speak, which is said in its own code.
    const isRefused = code === 'ERR_OPEN' || (code === 'ERR_UNSUPPORTED' && /^general/.test(name));
    if (!isRefused) failures.push(`${result}: ${at}`);
  } else {
    same++;
    if (!equal(result as Uint8Array, contents[which] as Uint8Array)) failures.push(`other content: ${at}`);
    else if (!equal(octets, der) && name !== 'sealed to three') failures.push(`taken: ${at}`);
  }
}
for (const failure of failures) console.log(failure);
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
console.log(
  `mutants: ${refused} refused, ${same} with the same content, slowest ${slowest.toFixed(1)} ms, ${failures.length} failures (seed ${seed}, ${seconds} s)`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
