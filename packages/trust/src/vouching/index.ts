/**
 * Vouching by a domain for its own accounts: making vouches, and checking them end to end.
 * @module
 */
export { endorsementIn } from '../statement.js';
export { TrustError, type TrustErrorCode } from '../trustError.js';
export { checkVouch, type Vouch, type VouchCheck, type VouchConflict } from './checkVouch.js';
export { signVouch, VOUCH_VALIDITY, type VouchTerms } from './vouch.js';
export {
  createVouchService,
  type VouchAccounts,
  type VouchOutcome,
  type VouchService,
  type VouchServiceParameters,
} from './vouchService.js';
