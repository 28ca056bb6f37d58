// Power loss and failing operations on a simulated disk: the short form. The long one is soak/powerLoss.soak.ts.
import { toBase64 } from '@stanzaseal/cms';
import { SimulatedDisk, systemError, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createJournalStorage, type ErasurePlace, erasureSlots, givenKeySecret } from '../src/fileStorage.js';
import type { Change } from '../src/index.js';
import { crypto } from './fixture.js';
import { type Counts, FILE, failEach, killThenLosePower, losePower } from './powerLoss.js';
import { readMedium } from './thief.js';

const test = suite('power loss');
const counts = (): Counts => ({ operations: 0, crashes: 0, failures: 0, commits: 0, erased: 0, changedKeys: 0 });

test('before every operation: what was acknowledged is there, whole, and what was erased is nowhere (I5, I7)', async () => {
  const told = counts();
  for (let run = 0; run < 2; run++) await losePower(FILE, `short ${run}`, 45, told);
  console.log(
    `${told.commits} commits, ${told.erased} secrets erased, ${told.changedKeys} keys changed, ${told.crashes} states after power losses`,
  );
  assert.ok(told.erased > 10 && told.changedKeys > 2 && told.crashes > 1000);
});

test('a process is killed at every operation, the next one opens the store, and then the power is lost', async () => {
  const told = counts();
  await killThenLosePower(FILE, 'short', 20, told);
  assert.ok(told.crashes > 200);
});

test('every operation fails in turn, and the store goes on (I7: EIO, ENOSPC)', async () => {
  const told = counts();
  await failEach(FILE, 'short', 25, told, 5);
  console.log(`${told.failures} failures, ${told.crashes} states after power losses, ${told.erased} secrets erased`);
  assert.ok(told.failures > 20);
});

/** A store with one prekey that was used, compacted and erased, over a place of erasure keys, and where files may have two names or not. */
async function eraseOne(
  erasure: ErasurePlace,
  withLinks = true,
): Promise<{ found: string; sealed: number; secrets: string[] }> {
  const disk = new SimulatedDisk(unsafeSeededRandom('one'));
  const random = unsafeSeededRandom('one, random');
  const key = random(32);
  const prekey = (name: string): Change => ({
    table: 'prekeys',
    key: name,
    record: { class: 'reply', publicKey: random(32), secret: random(32), createdAt: 1, notAfter: 2, uses: [] },
  });
  const [dies, stays] = [prekey('dies'), prekey('stays')];
  const storage = await createJournalStorage({
    files: withLinks ? disk.files : { ...disk.files, link: () => Promise.reject(systemError('ENOTSUP')) },
    secret: givenKeySecret(key),
    erasure,
    random,
    crypto,
  });
  await storage.commit([dies]);
  await storage.commit([stays]);
  await storage.compact();
  await storage.commit([{ table: 'prekeys', key: 'dies', record: undefined }]);
  await storage.close();
  const { erasable, sealed } = readMedium(disk.medium(), key);
  const secrets = [dies, stays].map(({ record }) => toBase64((record as { secret: Uint8Array }).secret));
  return { found: erasable.join(''), sealed, secrets };
}

test('the thief of these tests finds an erased secret where the old erasure key is not overwritten', async () => {
  const careless: ErasurePlace = {
    kind: 'slots',
    of: (store) => ({ ...erasureSlots.of(store), keepOnly: async () => undefined }),
  };
  for (const withLinks of [true, false]) {
    const { found, sealed, secrets } = await eraseOne(careless, withLinks);
    assert.is(sealed, withLinks ? 2 : 4); // second file, its journal; and those of the first, whose head is gone else
    for (const secret of secrets) assert.ok(found.includes(secret));
  }
});

test('and does not find it where it is, but finds the one that is left', async () => {
  for (const withLinks of [true, false]) {
    const { found, sealed, secrets } = await eraseOne(erasureSlots, withLinks);
    assert.is(sealed, withLinks ? 2 : 4);
    assert.equal(
      secrets.map((secret) => found.includes(secret)),
      [false, true],
    );
  }
});

test.run();
