/**
 * The handshake of two who know nothing of each other but an address.
 * @module
 */
export { HANDSHAKE_KIND } from '../runs/runStore.js';
export {
  beginHandshake,
  type HandshakePeer,
  type HandshakePorts,
  type HandshakeSelf,
  type HandshakeStep,
  handshakeRun,
  takeHandshake,
} from './handshake.js';
export {
  decodeHandshake,
  encodeHandshake,
  type HandshakeMessage,
  type Hello,
  handshakeElement,
  type Proof,
  type Protects,
  type Reply,
  readHandshake,
} from './messages.js';
export type { Shown } from './proof.js';
export { describeHandshake, type HandshakeDescription } from './state.js';
