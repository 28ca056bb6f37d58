/**
 * For tests of stanzaseal: all crypto providers, seeded randomness, published vectors, golden objects, and a bad peer that
 * changes one thing in an object and encodes it again.
 * @module
 */
export { type CountedProvider, countedProvider, type OperationCounts, providers } from './providers.js';
export { unsafeSeededRandom } from './seededRandom.js';
export { readVectors, readWycheproof, repositoryRoot, vectorsDirectory, type WycheproofGroup } from './vectors.js';
export {
  at,
  type BadPeerValue,
  badPeerValue,
  changed,
  changedEverywhere,
  changedInside,
  childrenOf,
  parseBadPeer,
  pathsOf,
  writeBadPeer,
} from './der.js';
export { SEALED_PATH, SIGNED_PATH } from './paths.js';
export { agreementKeys, GOLDEN_TIME, type Golden, type GoldenWorld, goldenWorld, type KeyName } from './golden.js';
export { refusal } from './refusal.js';
export { type BadStanza, carrying, encryptSigned, objectIn, type SealedBadly, sealBadly } from './badStanza.js';
export {
  accepts,
  accountOf,
  addDevice,
  bodyOf,
  chat,
  copyOf,
  createPerson,
  createWorld,
  DAY,
  deviceOf,
  HOUR,
  introduce,
  opens,
  type Person,
  restart,
  say,
  snapshot,
  tell,
  type World,
} from './people.js';
