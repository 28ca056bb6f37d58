/**
 * What is no good stanza.
 * @module
 */

/** A reason for quarantine, for people. */
export class Malformed extends Error {}

/** What reading gives. @throws Malformed with the reason, whatever it throws itself */
export function because<T>(reason: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Malformed(reason);
  }
}

/** Long namespace names that thousands of elements share by a prefix would be written for each of them (H3). */
export const UNWRITABLE = 'too long when written without prefixes';
