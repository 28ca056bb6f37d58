/**
 * For tests of stanzaseal: all crypto providers, seeded randomness, published vectors, golden objects, and a bad peer that
 * changes one thing in an object and encodes it again.
 * @module
 */

export { sealBadlyFrom, unusedPrekeyOf } from './badPeople.js';
export {
  type BadStanza,
  carrying,
  encryptSigned,
  flippedAt,
  objectIn,
  type SealedBadly,
  sealBadly,
} from './badStanza.js';
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
export { fastest } from './fastest.js';
export { agreementKeys, GOLDEN_TIME, type Golden, type GoldenWorld, goldenWorld, type KeyName } from './golden.js';
export { gathered, inPiecesOf, type MemorySpill, memorySpill } from './memorySpill.js';
export { SEALED_PATH, SIGNED_PATH } from './paths.js';
export {
  accepts,
  accountOf,
  addDevice,
  bodyOf,
  chat,
  copyOf,
  createPair,
  createPerson,
  createWorld,
  DAY,
  deviceKnownTo,
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
export { type CountedProvider, countedProvider, type OperationCounts, providers } from './providers.js';
export { refusal } from './refusal.js';
export { unsafeSeededRandom } from './seededRandom.js';
export {
  SimulatedDisk,
  type Survival,
  type SynchronousFile,
  type SynchronousFiles,
  systemError,
} from './simulatedDisk.js';
export { readVectors, readWycheproof, repositoryRoot, vectorsDirectory, type WycheproofGroup } from './vectors.js';
