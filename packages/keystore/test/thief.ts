// Somebody with the raw octets of a disk and what opens the store, who tries every erasure key found anywhere against every
// record found anywhere. Written from docs/specification.md with node:crypto alone.
import { Buffer } from 'node:buffer';
import { createDecipheriv, hkdfSync } from 'node:crypto';

/** What the thief reads: the lines in clear of all records, and those under erasure keys. */
export interface Loot {
  readonly lines: string[];
  readonly erasable: string[];
  readonly erasureKeys: number;
  readonly sealed: number;
}

/**
 * Reads all that can be read on a medium.
 * @param storeKey what the secret gives: the key handed in, or what scrypt makes of the passphrase
 * @param step where records may begin: at every octet, since blocks of a disk need not be where a file had them; or at every
 * 64th, where the pieces are blocks of a file system
 * @param known parameters of heads that were there before: with the salt, which stays, the thief knows all of them but the file id
 */
export function readMedium(
  medium: readonly Uint8Array[],
  storeKey: Uint8Array,
  step = 1,
  known: readonly Uint8Array[] = [],
): Loot {
  const pieces = medium.map((octets) => Buffer.from(octets.buffer, octets.byteOffset, octets.length));
  const heads = new Map(pieces.flatMap(headsIn).map((head) => [head.id.toString('hex'), head]));
  const derive = (stem: Buffer, info: Buffer) => Buffer.from(hkdfSync('sha256', storeKey, stem, info, 32));
  const info = (text: string) => Buffer.from(`stanzaseal/store/2 ${text}`);
  const before = [...heads.values()].flatMap(({ stem }) =>
    known.map((end) => Buffer.concat([stem.subarray(0, 64), end])),
  );
  const stems = new Map(
    [...before, ...[...heads.values()].map(({ stem }) => stem)].map((stem) => [stem.toString('hex'), stem]),
  );
  const slotKeys = [...stems.values()].map((stem) => derive(stem, info('slots')));
  const fileKeys = [...heads.values()].map(({ stem, id }) => derive(stem, Buffer.concat([info('file'), id])));
  const salts = [...stems.values()].map((stem) => stem.subarray(32, 64));

  const erasureKeys: Buffer[] = [];
  const contents: Buffer[] = [];
  for (const piece of pieces) {
    for (let at = 0; at + 64 <= piece.length; at += step) {
      if (piece.readUInt32BE(at) !== 0) continue; // no number has come so far
      if (at + 68 <= piece.length) {
        for (const key of slotKeys) {
          const opened = openSealed(
            key,
            piece.subarray(at + 8, at + 20),
            piece.subarray(at, at + 8),
            piece.subarray(at + 20, at + 68),
          );
          if (opened) erasureKeys.push(opened);
        }
      }
      const end = at + 56 + piece.readUInt32BE(at + 8);
      if (end > piece.length) continue;
      for (const key of fileKeys) {
        const frame = piece.subarray(at, at + 40);
        const opened = openSealed(key, frame.subarray(12, 24), frame, piece.subarray(at + 40, end));
        if (opened) contents.push(opened);
      }
    }
  }

  const loot = { lines: [] as string[], erasable: [] as string[], erasureKeys: erasureKeys.length, sealed: 0 };
  const tried = new Set<string>();
  for (const content of contents) {
    const [a, b] = [content.readUInt32BE(18), content.readUInt32BE(22)];
    loot.lines.push(content.subarray(26, 26 + a).toString());
    const sealed = content.subarray(26 + a, 26 + a + b);
    const name = sealed.toString('hex');
    if (b === 0 || tried.has(name)) continue;
    tried.add(name);
    loot.sealed++;
    for (const erasureKey of erasureKeys) {
      for (const salt of salts) {
        const key = Buffer.from(hkdfSync('sha256', erasureKey, salt, info('erasable'), 32));
        const opened = openSealed(key, sealed.subarray(0, 12), content.subarray(9, 17), sealed.subarray(12));
        if (opened) loot.erasable.push(opened.toString());
      }
    }
  }
  return loot;
}

/** Heads of stores, wherever they are. */
export function headsIn(piece: Buffer): { stem: Buffer; id: Buffer }[] {
  const heads = [];
  for (let at = piece.indexOf('stanzaseal store'); at !== -1; at = piece.indexOf('stanzaseal store', at + 1)) {
    if (at + 112 > piece.length) break;
    const parameters = piece.subarray(at + 112, at + 112 + piece.readUInt32BE(at + 28));
    heads.push({
      stem: Buffer.concat([piece.subarray(at, at + 64), parameters]),
      id: piece.subarray(at + 96, at + 112),
    });
  }
  return heads;
}

/** What AES-256-GCM gives for ciphertext and tag, if the tag is right. */
export function openSealed(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
