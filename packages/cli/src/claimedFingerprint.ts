/**
 * A fingerprint as a user gives it: digits that were read out, or what a scanned code says.
 * @module
 */
import { type Party, parseFingerprint, parseFingerprintUri } from '@stanzaseal/trust/fingerprint';

/**
 * Whose identity key it is said to be, and its identifier. Digits say nothing of whom: then it is `jid`; what a code says may be another.
 * @throws RangeError for what is neither 64 hexadecimal digits nor the URI of a code
 */
export function claimedFingerprint(text: string, jid: string): Party {
  return /^\s*xmpp:/i.test(text) ? parseFingerprintUri(text) : { jid, identity: parseFingerprint(text) };
}
