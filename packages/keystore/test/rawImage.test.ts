// Erasure against somebody with the raw octets of the disk, what opens the store, and every key to be found: on a real file
// system, in an image.
import { join } from 'node:path';
import { toBase64 } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createFileStorage,
  type ErasurePlace,
  erasureSlots,
  type JournalStorage,
  openFileStorage,
} from '../src/fileStorage.js';
import type { Change, KeyStoreStorage } from '../src/index.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { random } from './fixture.js';
import { LoopDisk, usedParts, whyNoLoopDisk } from './loopDisk.js';
import { readSqliteMedium } from './sqliteThief.js';
import { type DiskKind, diskStorage, STORE_KEY } from './storageKinds.js';
import { type Loot, readMedium } from './thief.js';

const test = suite('raw image');
const reason = whyNoLoopDisk();

const prekey = (key: string): Change => ({
  table: 'prekeys',
  key,
  record: { class: 'reply', publicKey: random(32), secret: random(32), createdAt: 1, notAfter: 2, uses: [] },
});
const filler = (at: number): Change => ({
  table: 'requests',
  key: `${at % 40}`,
  record: { from: 'romeo@montague.example', stanza: `${at} `.repeat(200), at },
});
const careless: ErasurePlace = {
  kind: 'slots',
  of: (store) => ({ ...erasureSlots.of(store), keepOnly: async () => undefined }),
};

/** What the thief finds of a secret: whether it is there, and whether it can be read. */
interface Found {
  readonly dies: boolean;
  readonly stays: boolean;
  readonly loot: Loot;
}

/** A store with two prekeys that are written again and again; then one is erased. */
class Scene {
  readonly disk: LoopDisk;
  readonly #kind: DiskKind;
  readonly #erasure: ErasurePlace;
  readonly #prekeys = [prekey('dies'), prekey('stays')] as const;
  #storage: KeyStoreStorage | undefined;

  constructor(kind: DiskKind, erasure: ErasurePlace, options?: string) {
    this.disk = new LoopDisk(24, options);
    this.#kind = kind;
    this.#erasure = erasure;
  }

  /** Works until copies of both prekeys are in the store's files and in blocks that were theirs. */
  async work(): Promise<void> {
    const parameters = {
      ...diskStorage(this.#kind, join(this.disk.path, 'store')).parameters,
      erasure: this.#erasure,
    };
    const isFile = this.#kind === 'file';
    let storage = await (isFile ? createFileStorage(parameters) : createSqliteStorage(parameters));
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 60; at++) await storage.commit([filler(at)]);
      for (const { table, key, record } of this.#prekeys) {
        const uses = [{ device: 'd', at: round }];
        await storage.commit([{ table, key, record: { ...record, uses } } as Change]);
      }
      if ('compact' in storage) await (storage as JournalStorage).compact();
      await storage.close();
      storage = await (isFile ? openFileStorage(parameters) : openSqliteStorage(parameters));
    }
    this.#storage = storage;
  }

  async erase(): Promise<void> {
    await this.#storage?.commit([{ table: 'prekeys', key: 'dies', record: undefined }]);
  }

  async goOn(): Promise<void> {
    for (let at = 0; at < 60; at++) await this.#storage?.commit([filler(at)]);
    await this.#storage?.close();
    this.disk.unmount();
  }

  async end(): Promise<void> {
    await this.#storage?.close();
    this.disk.remove();
  }

  /** What a thief reads on the disk as it is now. */
  look(): Found {
    const parts = usedParts(this.disk.octets());
    const loot = this.#kind === 'file' ? readMedium(parts, STORE_KEY, 64) : readSqliteMedium(parts, STORE_KEY);
    assert.ok(loot.lines.some((line) => line.includes('romeo@montague.example'))); // the thief can read
    const text = [...loot.lines, ...loot.erasable].join('');
    const [dies, stays] = this.#prekeys.map(({ record }) => {
      const { secret } = record as { secret: Uint8Array };
      return text.includes(toBase64(secret));
    }) as [boolean, boolean];
    return { dies, stays, loot };
  }
}

for (const kind of ['file', 'sqlite'] as const) {
  test(`${kind}: what was erased opens to nobody, what was not is found`, async () => {
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const scene = new Scene(kind, erasureSlots);
    try {
      await scene.work();
      scene.disk.synchronise();
      const before = scene.look();
      assert.equal([before.dies, before.stays], [true, true]);
      await scene.erase();
      const after = scene.look(); // at once: what is still in memory is no help
      assert.equal([after.dies, after.stays], [false, true]);
      assert.ok(after.loot.sealed > 1); // sealed copies of it are all over the disk
      await scene.goOn();
      const later = scene.look();
      assert.equal([later.dies, later.stays], [false, true]);
      console.log(`${kind}: ${after.loot.lines.length} contents read, ${after.loot.sealed} sealed ones tried`);
    } finally {
      await scene.end();
    }
  });

  test(`${kind}: where the old erasure key is not overwritten, the same search finds it`, async () => {
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const scene = new Scene(kind, careless);
    try {
      await scene.work();
      await scene.erase();
      const { dies, stays } = scene.look();
      assert.equal([dies, stays], [true, true]);
    } finally {
      await scene.end();
    }
  });
}

test('a file system that keeps data in its journal keeps the old erasure key: not promised', async () => {
  if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
  const scene = new Scene('file', erasureSlots, 'data=journal');
  try {
    await scene.work();
    await scene.erase();
    assert.is(scene.look().dies, true);
  } finally {
    await scene.end();
  }
});

test.run();
