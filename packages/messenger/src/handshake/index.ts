/**
 * Handshakes over a messenger's store: two who know an address come to know each other's keys, with a fresh reply prekey each way, and
 * the next object goes by the ordinary path. Messages may be seconds or days apart, and come by iq or as stored messages.
 * @module
 */

export { type HandshakeOutcome, handshakeMessage } from './handshakeOutcome.js';
export {
  createHandshakes,
  HANDSHAKE_RULES,
  type HandshakeParameters,
  type HandshakeRules,
  type HandshakeSummary,
  type Handshakes,
} from './handshakes.js';
export type { HandshakeName } from './storedHandshake.js';
