/**
 * Endorsement of a bare key by an OpenPGP key with the account's `xmpp:` address as user id. Wants the package `openpgp`, and loads it with
 * the first use.
 * @module
 */
export type { Endorsed, Expected } from '../endorsed.js';
export { endorsementIn } from '../statement.js';
export { TrustError, type TrustErrorCode } from '../trustError.js';
export { checkOpenPgpEndorsement, type OpenPgpCheck, type OpenPgpEndorsement } from './check.js';
export {
  completeOpenPgpEndorsement,
  endorseByOpenPgp,
  type OpenPgpParameters,
  type OpenPgpRequest,
  type OpenPgpTerms,
  requestOpenPgpEndorsement,
  revokeByOpenPgp,
} from './endorse.js';
export type { OpenPgpKeyData } from './library.js';
