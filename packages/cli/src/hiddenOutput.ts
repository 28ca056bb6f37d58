/**
 * Output that nobody sees before the end, and that has no file to wait in: for standard output and devices.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { SpilledOutput } from './output.js';

/**
 * Holds what is written in a hidden, encrypted file in the directory for temporary files.
 * @param writeOut writes all of it to where it belongs, at `commit`
 */
export async function openHiddenOutput(
  writeOut: (pieces: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<SpilledOutput> {
  // Most runs of the CLI need none of it.
  const { temporarySpill } = await import('@stanzaseal/cms/general/spill');
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const spill = await temporarySpill({ directory: tmpdir(), random });
  return {
    appearsAtCommit: true,
    async write(data) {
      await spill.write(typeof data === 'string' ? Buffer.from(data) : data);
    },
    read: spill.read,
    async commit() {
      await writeOut(spill.read());
      await spill.discard();
    },
    async discard() {
      await spill.discard();
    },
  };
}
