/**
 * The erasure key in a file of two slots that are overwritten in place, never moved: `erasure`, 8192 octets. Key number `s`
 * lies in slot `s mod 2`, 4096 octets each, so that writing one does not touch a sector of the other:
 *
 * ```
 *   0   8  number of the key              20  32  ciphertext of the key
 *   8  12  nonce                          52  16  tag
 *                                         68   -  random octets, up to 4096
 * ```
 * A slot that does not authenticate is empty, as after a torn write, and so is number 0: random octets under that number take
 * the place of a forgotten key. Zeros would not do for media that turn them into holes and leave the old block where it is.
 * @module
 */
import { concat, drawOctets } from '@stanzaseal/cms';
import {
  type ErasureKey,
  type ErasureKeyPlace,
  type ErasurePlace,
  type ErasureStore,
  numberOctets,
} from './erasureKey.js';
import { openIfThere } from './storeFiles.js';

/** Name of the file. */
export const SLOTS_FILE = 'erasure';

const SLOT_LENGTH = 4096;
const SEALED_LENGTH = 68;
const EMPTY = 0;

/** Two slots of a file beside the store: the place where there is nothing better. */
export const erasureSlots: ErasurePlace = Object.freeze({ kind: 'slots' as const, of: slotsOf });

function slotsOf(store: ErasureStore): ErasureKeyPlace {
  const { files, random } = store;
  const empty = () => slotOf({ sequence: EMPTY, key: drawOctets(random, 32) }, store);

  async function overwrite(slot: number, octetsFor: (before: Uint8Array) => Promise<Uint8Array>): Promise<void> {
    const there = await openIfThere(files, SLOTS_FILE, 'change');
    const file = there ?? (await files.open(SLOTS_FILE, 'make'));
    try {
      const size = await file.size();
      if (size < 2 * SLOT_LENGTH) await file.write(size, concat(await empty(), await empty()).subarray(size));
      await file.write(slot * SLOT_LENGTH, await octetsFor(await file.read(slot * SLOT_LENGTH, SLOT_LENGTH)));
      await file.sync();
    } finally {
      await file.close();
    }
    if (there === undefined) await files.syncDirectory();
  }

  return Object.freeze({
    async read() {
      const file = await openIfThere(files, SLOTS_FILE, 'read');
      if (file === undefined) return [];
      try {
        const keys = [];
        for (const slot of [0, 1]) {
          const key = await openSlot(await file.read(slot * SLOT_LENGTH, SEALED_LENGTH), store);
          if (key !== undefined && key.sequence !== EMPTY && key.sequence % 2 === slot) keys.push(key);
        }
        return keys;
      } finally {
        await file.close();
      }
    },
    add: (key: ErasureKey) => overwrite(key.sequence % 2, () => slotOf(key, store)),
    // What is empty already is written again as it is: it may be so in memory alone, yet opening a store should not change it.
    keepOnly: (sequence: number) =>
      overwrite((sequence + 1) % 2, async (before) =>
        (await openSlot(before.subarray(0, SEALED_LENGTH), store))?.sequence === EMPTY ? before : empty(),
      ),
  });
}

async function slotOf({ sequence, key }: ErasureKey, { slotKey, random, crypto }: ErasureStore): Promise<Uint8Array> {
  const number = numberOctets(sequence);
  const nonce = drawOctets(random, 12);
  const sealed = await crypto.encryptAesGcm(slotKey, nonce, number, key);
  return concat(number, nonce, sealed, drawOctets(random, SLOT_LENGTH - SEALED_LENGTH));
}

async function openSlot(octets: Uint8Array, { slotKey, crypto }: ErasureStore): Promise<ErasureKey | undefined> {
  if (octets.length !== SEALED_LENGTH) return undefined;
  const sequence = Number(new DataView(octets.buffer, octets.byteOffset).getBigUint64(0));
  if (!Number.isSafeInteger(sequence)) return undefined;
  const [number, nonce, ciphertext] = [octets.subarray(0, 8), octets.subarray(8, 20), octets.subarray(20, 52)];
  try {
    return { sequence, key: await crypto.decryptAesGcm(slotKey, nonce, number, ciphertext, octets.subarray(52)) };
  } catch {
    return undefined;
  }
}
