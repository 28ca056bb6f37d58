/**
 * Octets that share memory. Memory of its own for each octet string costs more than what is put into it: a processor's time to get it, and that of
 * the collector's threads to give it back, for which whoever wants more waits.
 * @module
 */

/** So many octets of Node's pool, not zeroed: to be filled at once. What is longer than half of the pool has memory of its own. */
export function pooledOctets(length: number): Uint8Array {
  return asOctets(Buffer.allocUnsafe(length));
}

/** UTF-8 octets of a text, in the pool. */
export function pooledUtf8(text: string): Uint8Array {
  return asOctets(Buffer.from(text));
}

function asOctets({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
