// A disk that is a file: ext4 in an image, mounted by a loop device. What the image holds is what the system gave to the disk;
// what it only keeps in memory is not there.
import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BLOCK = 4096;
const mounted = new Set<string>();
process.once('exit', () => {
  for (const path of mounted) execFileSync('umount', ['-l', path], { stdio: 'ignore' });
});

/** Why there can be no such disk here; `undefined` where there can. */
export function whyNoLoopDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'loop mounts need Linux and root';
  try {
    new LoopDisk(8).remove();
    return undefined;
  } catch (error) {
    return `no loop mount: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** A disk. */
export class LoopDisk {
  /** Where its file system is, while it is mounted. */
  readonly path: string;
  readonly #folder: string;
  readonly #image: string;

  /** Makes one of a size in MiB, or of the octets of another, and mounts it. */
  constructor(content: number | Uint8Array, options = 'commit=300') {
    this.#folder = mkdtempSync(join(tmpdir(), 'stanzaseal-disk-'));
    this.#image = join(this.#folder, 'image');
    this.path = join(this.#folder, 'mounted');
    mkdirSync(this.path);
    try {
      writeFileSync(this.#image, typeof content === 'number' ? new Uint8Array(content * 2 ** 20) : content);
      if (typeof content === 'number')
        execFileSync('mkfs.ext4', ['-q', '-F', '-b', `${BLOCK}`, this.#image], { stdio: 'pipe' });
      execFileSync('mount', ['-t', 'ext4', '-o', `loop,${options}`, this.#image, this.path], { stdio: 'pipe' });
      mounted.add(this.path);
    } catch (error) {
      rmSync(this.#folder, { recursive: true });
      throw error;
    }
  }

  /** What is on the disk at this moment, whatever is mounted: read until two readings are the same. */
  octets(): Uint8Array {
    for (let before = readFileSync(this.#image); ; ) {
      const now = readFileSync(this.#image);
      if (now.equals(before)) return now;
      before = now;
    }
  }

  /** Gives the disk everything that the system keeps in memory for it. */
  synchronise(): void {
    execFileSync('sync', ['-f', this.path]);
  }

  /** Takes the file system off in order. */
  unmount(): void {
    if (!mounted.has(this.path)) return;
    execFileSync('umount', [this.path], { stdio: 'pipe' });
    mounted.delete(this.path);
  }

  /** Takes it off, and away. */
  remove(): void {
    this.unmount();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The parts of a disk that hold anything: blocks, joined where they adjoin. */
export function usedParts(octets: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const empty = new Uint8Array(BLOCK);
  let start = -1;
  for (let at = 0; at <= octets.length; at += BLOCK) {
    const block = octets.subarray(at, at + BLOCK);
    const isUsed = block.length > 0 && Buffer.compare(block, empty) !== 0;
    if (isUsed && start === -1) start = at;
    if (isUsed || start === -1) continue;
    parts.push(octets.subarray(start, at));
    start = -1;
  }
  return parts;
}
