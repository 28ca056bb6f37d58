/**
 * Many stanzas at once: what waited for a device that comes back, and what goes to many people. One durable commit for all, and
 * with WebCrypto many primitives under way at a time.
 * @module
 */
export { type OpenedMany, openMany, type Refused } from './openMany.js';
export { type SealItem, sealMany } from './sealMany.js';
