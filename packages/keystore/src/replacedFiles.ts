/**
 * The file of a store under its name, and what becomes of the one that another takes the place of: its head is overwritten, in which
 * the file id is that its keys are derived over. Without it the records on the blocks that it leaves are nobody's, not even to the
 * owner of a passphrase that the store had then, where the medium overwrites in place.
 * @module
 */
import { drawOctets, equal, type RandomSource } from '@stanzaseal/cms';
import type { StoreFiles } from './storeFiles.js';

/** Name of the file. */
export const STORE_FILE = 'keystore';

/** Octets of a head up to its parameters; of format version 1, with the nonce. */
const HEAD_LENGTH = 112;

/** What systems say whose files have one name: then the blocks are left as they are. `ENOENT`: there is no file to be kept. */
const WITHOUT_LINKS = ['ENOENT', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Gives the file that is about to be replaced a second name, durable, under which it is found when it lost the first. */
export async function keepAside(files: StoreFiles, name: string): Promise<void> {
  try {
    await files.link(STORE_FILE, name);
  } catch (error) {
    if (WITHOUT_LINKS.includes((error as { code?: string }).code ?? '')) return;
    throw error;
  }
  await files.syncDirectory();
}

/**
 * Overwrites the heads of files that were replaced, or never took the place of another, and removes them. What has the head of the file
 * under its name is that very file: it loses its second name alone. For who made sure that the names are durable: else a power
 * loss could bring a file back whose head is gone.
 */
export async function forgetReplaced(files: StoreFiles, random: RandomSource): Promise<void> {
  for (const name of await files.list()) {
    if (!name.startsWith(STORE_FILE) || !/^\.[0-9a-f]{16}\.(old|new)$/.test(name.slice(STORE_FILE.length))) continue;
    if (equal(await headOf(files, name), await headOf(files, STORE_FILE))) await files.remove(name);
    else await discard(files, name, random);
  }
}

/** Overwrites the head of a file and removes it. */
export async function discard(files: StoreFiles, name: string, random: RandomSource): Promise<void> {
  const file = await files.open(name, 'change');
  try {
    if ((await file.size()) > 0) {
      await file.write(0, drawOctets(random, HEAD_LENGTH));
      await file.sync();
    }
  } finally {
    await file.close();
  }
  await files.remove(name);
}

async function headOf(files: StoreFiles, name: string): Promise<Uint8Array> {
  const file = await files.open(name, 'read');
  try {
    return await file.read(0, HEAD_LENGTH);
  } finally {
    await file.close();
  }
}
