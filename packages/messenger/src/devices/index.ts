/**
 * The devices of an account, on its primary devices and on those that join: admitting, removing, revoking, archives; the text forms
 * that carry requests and admissions, and the code that shows whether a request was swapped on its way.
 * @module
 */
export type { Admission } from './admitDevice.js';
export { admissionRequest, admitDevice, joinAccount } from './admitDevice.js';
export { setArchiveKeys } from './archiveKeys.js';
export {
  type CarriedKind,
  type CarriedText,
  decodeCarried,
  encodeAdmission,
  encodeInvitation,
  encodeRequest,
} from './carriedText.js';
export { comparisonCode, drawChallenge, isSameCode } from './comparisonCode.js';
export { describePublished, type ListRelation, type PublishedObject } from './describePublished.js';
export { type ListedDevice, listedDevices } from './listedDevices.js';
export { type ContinuedAs, continueAsNewDevice } from './newDevice.js';
export { type Revocation, removeDevice, revokeDevice } from './withdrawDevice.js';
