/**
 * What is hashed for a short string. Everything that is hashed is DER of a sequence with a label, so that no character can move
 * from one field into its neighbour (T06).
 *
 * ```
 * SasCommitment ::= SEQUENCE {
 *   label              UTF8String ("stanzaseal/0 sas commitment"),
 *   run                OCTET STRING (SIZE (16)),
 *   initiator          BareJid,
 *   responder          BareJid,
 *   initiatorIdentity  KeyIdentifier,
 *   nonce              OCTET STRING (SIZE (32)) }           -- the initiator's
 *
 * SasString ::= SEQUENCE {
 *   label              UTF8String ("stanzaseal/0 sas string"),
 *   initiator          BareJid,
 *   responder          BareJid,
 *   initiatorIdentity  KeyIdentifier,
 *   responderIdentity  KeyIdentifier,
 *   commit             OCTET STRING,                        -- the three messages, whole: run, commitment, both nonces
 *   answer             OCTET STRING,
 *   opening            OCTET STRING }
 * ```
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeDer, octetString, sequence, utf8String } from '@stanzaseal/cms';
import { type Run, sidesOf } from '../runs/runState.js';

/** The commitment: SHA-256 of `SasCommitment`, 32 octets. Who made it can change neither nonce nor key nor JIDs afterwards. */
export function sasCommitment(run: Run, nonce: Uint8Array): Uint8Array {
  const { initiator, responder } = sidesOf(run);
  return sha256(
    encodeDer(
      sequence(
        utf8String('stanzaseal/0 sas commitment'),
        octetString(run.id),
        utf8String(initiator.jid),
        utf8String(responder.jid),
        octetString(initiator.identity),
        octetString(nonce),
      ),
    ),
  );
}

/** The short string as a number: the first `bits` (30 at most) of SHA-256 of `SasString`, for a run with all its messages. */
export function sasNumber(run: Run, bits: number): number {
  const { initiator, responder } = sidesOf(run);
  const digest = sha256(
    encodeDer(
      sequence(
        utf8String('stanzaseal/0 sas string'),
        utf8String(initiator.jid),
        utf8String(responder.jid),
        octetString(initiator.identity),
        octetString(responder.identity),
        ...run.transcript.map((message) => octetString(message)),
      ),
    ),
  );
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) >>> (32 - bits);
}
