/**
 * Octets that share memory. Memory of its own for each octet string costs more than what is put into it: a processor's time to get it, and that of
 * the collector's threads to give it back, for which whoever wants more waits.
 * @module
 */

/** So many octets of Node's pool, not zeroed: to be filled at once. What is longer than half of the pool has memory of its own. */
export function pooledOctets(length: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafe(length);
  return new Uint8Array(buffer, byteOffset, length);
}
