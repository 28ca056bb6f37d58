/**
 * Trust that is earned and named: runs of verification messages, and fingerprints. The protocols stand in `./sas` and `./password`.
 * @module
 */

// Fingerprints; QR codes of them: `./fingerprint/qr`
export * from './fingerprint.js';
export type { AttemptRules } from './runs/attempts.js';
export type { Ended, EndReason, Outcome, OutcomeOfRun, RunOutcome } from './runs/outcome.js';
// For who writes a protocol
export type { Protocol, Result, Turn } from './runs/protocol.js';
export type { RunRules } from './runs/runBook.js';
export type { Role, Run } from './runs/runState.js';
// Stores: a `KeyStore` is one
export {
  type AttemptRecord,
  createMemoryRunStore,
  type RunChange,
  type RunRecord,
  type RunStore,
} from './runs/runStore.js';
// Runs
export {
  createVerifier,
  RUN_RULES,
  type RunSummary,
  type Stage,
  type Verifier,
  type VerifierOptions,
} from './runs/verifier.js';
// Errors
export { TrustError, type TrustErrorCode } from './trustError.js';
// Messages
export {
  decodeMessage,
  encodeMessage,
  readVerification,
  VERIFICATION_NAMESPACE,
  type VerificationMessage,
  verificationElement,
} from './verificationMessage.js';
