/**
 * Secrets that do not show themselves.
 * @module
 */

const REDACTED = '[redacted]';
const redact = { value: () => REDACTED };
/** Node's name for "print me so", from the global symbol registry: no Node built-in is needed. */
const properties: PropertyDescriptorMap = {
  toJSON: redact,
  toString: redact,
  [Symbol.for('nodejs.util.inspect.custom')]: redact,
};

/**
 * A copy of secret octets that prints and serialises as `[redacted]` wherever it is put, also in a record that was spread
 * from another (E10). Copies made of it by `slice` are plain octets again.
 */
export function secretOctets(octets: Uint8Array): Uint8Array {
  return Object.defineProperties(Uint8Array.from(octets), properties);
}

/** The secret of a key that is kept elsewhere. */
export const NO_OCTETS: Uint8Array = secretOctets(new Uint8Array(0));

/** Overwrites the secret octets of a record that nobody needs any more. Texts cannot be overwritten. */
export function overwriteSecrets(record: object): void {
  for (const value of Object.values(record)) {
    if (value instanceof Uint8Array && Object.hasOwn(value, 'toJSON')) value.fill(0);
  }
}
