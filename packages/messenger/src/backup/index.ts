/**
 * Backup and restore: identity, devices' endorsements, contacts and trust decisions as one password-encrypted CMS object. Never a
 * prekey, a device secret or the replay memory: what was erased stays erased, and who restores is a new device.
 * @module
 */
export { BACKUP_COST, type BackupParameters, exportBackup, ID_CT_BACKUP } from './exportBackup.js';
export { type RestoredBackup, type RestoreParameters, restoreBackup } from './restoreBackup.js';
