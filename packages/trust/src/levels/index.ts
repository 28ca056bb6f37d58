/**
 * Levels of trust, the evidence that earns them, the rules about them, and their way to the account's other devices.
 * @module
 */
export { type Evidence, type EvidenceKind, evidenceKey, mayReplace } from './evidence.js';
export { isInForce, LEVEL_OF, LEVELS, type Level, type LevelInForce, levelInForce, speaksOf } from './level.js';
export { acceptedLevels, formatPolicy, parsePolicy, type TrustPolicy, type TrustRule } from './policy.js';
export { readTrustMessage, type TrustDecision, trustMessage } from './trustMessage.js';
