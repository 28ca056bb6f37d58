// The storage in SQLite on a simulated disk, with the disk under SQLite's own file system calls.
import { createDatabaseStorage, openDatabaseStorage } from '../src/sqlite/databaseStorage.js';
import type { SimulatedKind } from './powerLoss.js';
import { mount } from './simulatedDriver.js';
import { readSqliteMedium } from './sqliteThief.js';

/** The storage in a database. What it had for keys before may read rows that are not erasable, on blocks that SQLite left. */
export const SQLITE: SimulatedKind = {
  file: 'keystore.db',
  create: (parameters) => createDatabaseStorage({ ...parameters, ...mount(parameters.disk) }),
  open: (parameters) => openDatabaseStorage({ ...parameters, ...mount(parameters.disk) }),
  readMedium: readSqliteMedium,
  forgetsHeads: false,
  isOfTheSystem: (error) =>
    /^(EIO|ENOSPC)$/.test(error.code ?? '') ||
    /I\/O|disk|unable to open|Could not open|SQLite does not take|bring its log|readonly/.test(error.message),
};
