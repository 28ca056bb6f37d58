// The storage in SQLite on a simulated disk, with the disk under SQLite's own file system calls.
import { createDatabaseStorage, openDatabaseStorage } from '../src/sqlite/databaseStorage.js';
import type { SimulatedKind, WorkedStorage } from './powerLoss.js';
import { mount } from './simulatedDriver.js';
import { readSqliteMedium } from './sqliteThief.js';

/** The storage in a database. What it had for keys before may read rows that are not erasable, on blocks that SQLite left. */
export const SQLITE: SimulatedKind = {
  file: 'keystore.db',
  create: (parameters) => whileMounted(createDatabaseStorage, parameters),
  open: (parameters) => whileMounted(openDatabaseStorage, parameters),
  async kill(storage) {
    unmounts.get(storage)?.();
    await storage.close().catch(() => undefined); // the driver's memory is this process's, however often it is killed
  },
  readMedium: readSqliteMedium,
  forgetsHeads: false,
  isOfTheSystem: (error) =>
    /^(EIO|ENOSPC)$/.test(error.code ?? '') ||
    /I\/O|disk|unable to open|Could not open|SQLite does not take|bring its log|readonly/.test(error.message),
};

/** How the disk is taken from a storage. */
const unmounts = new WeakMap<WorkedStorage, () => void>();

/** A storage that has its disk until it is closed: the driver would keep it for ever. */
async function whileMounted(
  open: typeof openDatabaseStorage,
  parameters: Parameters<SimulatedKind['open']>[0],
): Promise<WorkedStorage> {
  const { unmount, ...place } = mount(parameters.disk);
  try {
    const storage = await open({ ...parameters, ...place });
    const close = () => storage.close().finally(unmount);
    const members = { ...Object.getOwnPropertyDescriptors(storage), close: { value: close } };
    const worked: WorkedStorage = Object.defineProperties({} as WorkedStorage, members);
    unmounts.set(worked, unmount);
    return worked;
  } catch (error) {
    unmount();
    throw error;
  }
}
