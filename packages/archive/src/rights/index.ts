/**
 * Reading rights on devices: wraps for a self-archive, requests and officers' approvals, and keys that were released to an auditor. Nothing here needs
 * the archive, a database or Node.
 * @module
 */
export { type ArchiveAct, type ArchiveRecord, decodeRecord } from '../records/archiveRecord.js';
export {
  approve,
  approversOf,
  createReleaseRequest,
  type ReleaseRequest,
  readReleaseRequest,
} from './approval.js';
export { cekOfRelease, cekOfWrap, type DeviceKey, wrapForArchive } from './onDevices.js';
