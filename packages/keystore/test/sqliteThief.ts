// The thief of thief.ts before a store in SQLite: reads every row found anywhere on a disk, in databases, logs and free blocks,
// with every erasure key found anywhere. It follows no chain of overflow pages: a prekey of few uses is on none. Written from
// the package's README with node:crypto alone.
import { Buffer } from 'node:buffer';
import { hkdfSync } from 'node:crypto';
import { headsIn, type Loot, openSealed } from './thief.js';

/**
 * Reads all that can be read in pieces of a disk that are blocks of its file system.
 * @param known parameters of heads that were there before
 */
export function readSqliteMedium(
  medium: readonly Uint8Array[],
  storeKey: Uint8Array,
  known: readonly Uint8Array[] = [],
): Loot {
  const pieces = medium.map((octets) => Buffer.from(octets.buffer, octets.byteOffset, octets.length));
  const derive = (key: Buffer | Uint8Array, salt: Buffer, info: string | Buffer) =>
    Buffer.from(hkdfSync('sha256', key, salt, info, 32));
  const none = Buffer.alloc(0);
  const heads = new Map(pieces.flatMap(headsIn).map((head) => [head.id.toString('hex'), head]));
  const before = [...heads.values()].flatMap(({ stem }) =>
    known.map((end) => Buffer.concat([stem.subarray(0, 64), end])),
  );
  const stems = new Map(
    [...before, ...[...heads.values()].map(({ stem }) => stem)].map((stem) => [stem.toString('hex'), stem]),
  );
  const slotKeys = [...stems.values()].map((stem) => derive(storeKey, stem, 'stanzaseal/store/2 slots'));
  const rowKeys = [...heads.values()].map(({ stem, id }) => {
    const root = derive(storeKey, stem, Buffer.concat([Buffer.from('stanzaseal/store/2 file'), id]));
    return derive(root, none, Buffer.concat([Buffer.from('stanzaseal/sqlite/1 rows'), Buffer.alloc(4)]));
  });

  const erasureKeys: { sequence: Buffer; key: Buffer }[] = [];
  for (const piece of pieces) {
    for (let at = 0; at + 68 <= piece.length; at += 512) {
      for (const key of slotKeys) {
        const [sequence, nonce] = [piece.subarray(at, at + 8), piece.subarray(at + 8, at + 20)];
        const opened = openSealed(key, nonce, sequence, piece.subarray(at + 20, at + 68));
        if (opened) erasureKeys.push({ sequence, key: opened });
      }
    }
  }
  const lineKeys = [...stems.values()].flatMap((stem) =>
    erasureKeys.map(({ sequence, key }) => ({
      sequence,
      key: derive(key, stem.subarray(32, 64), 'stanzaseal/store/2 erasable'),
    })),
  );

  const loot = { lines: [] as string[], erasable: [] as string[], erasureKeys: erasureKeys.length, sealed: 0 };
  const tried = new Set<string>();
  for (const piece of pieces) {
    for (const { name, sealed } of rowsIn(piece)) {
      const id = sealed.toString('hex');
      if (tried.has(id)) continue;
      tried.add(id);
      const aad = Buffer.concat([name, sealed.subarray(0, 4)]);
      const lines = rowKeys.map((key) => openSealed(key, sealed.subarray(4, 16), aad, sealed.subarray(16)));
      const read = lines.find((line) => line !== undefined);
      if (read !== undefined) {
        loot.lines.push(read.toString());
        continue;
      }
      loot.sealed++; // a row under an erasure key, or octets that only look like one
      for (const { sequence, key } of lineKeys) {
        const opened = openSealed(key, sealed.subarray(0, 12), sequence, sealed.subarray(12));
        if (opened) loot.erasable.push(opened.toString());
      }
    }
  }
  return loot;
}

/**
 * Rows wherever their octets are, whole or not: a record of two blobs, the first of 16 octets (SQLite's file format §2.1: length
 * of the header, then for a blob of n octets the number 2n + 12).
 */
function* rowsIn(piece: Buffer): Generator<{ name: Buffer; sealed: Buffer }> {
  for (let at = piece.indexOf(44); at > 0 && at + 20 < piece.length; at = piece.indexOf(44, at + 1)) {
    const header = piece[at - 1];
    const [high, low] = [piece[at + 1] as number, piece[at + 2] as number];
    const serial = header === 4 && high >= 0x80 && low < 0x80 ? ((high & 0x7f) << 7) | low : -1;
    if (serial < 100 || serial % 2 === 1) continue;
    const [start, length] = [at + 3, (serial - 12) / 2];
    if (start + 16 + length > piece.length) continue;
    yield { name: piece.subarray(start, start + 16), sealed: piece.subarray(start + 16, start + 16 + length) };
  }
}
