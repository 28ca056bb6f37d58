/**
 * The handshake of two who know nothing of each other but an address.
 * @module
 */
export {
  beginHandshake,
  type HandshakePeer,
  type HandshakePorts,
  type HandshakeSelf,
  type HandshakeStep,
  handshakeRun,
  takeHandshake,
} from './handshake.js';
export { handshakeElement, type Protects, readHandshake } from './messages.js';
export type { Shown } from './proof.js';
