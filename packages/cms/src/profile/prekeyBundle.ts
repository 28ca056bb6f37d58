/**
 * The prekeys that a device publishes, signed by the device key. Naming the owner and the identity here, under the device's
 * own signature, is what stops somebody else from listing the device as theirs (C4).
 *
 * ```
 * PrekeyBundle ::= SEQUENCE {
 *   version     INTEGER (0),
 *   owner       UTF8String,                        -- bare JID
 *   identity    OCTET STRING (SIZE(32)),           -- key identifier
 *   device      OCTET STRING (SIZE(32)),           -- key identifier
 *   sequence    INTEGER (1..9007199254740991),
 *   notBefore   GeneralizedTime,
 *   notAfter    GeneralizedTime,
 *   lastResort  OCTET STRING (SIZE(32)),           -- raw X25519 key
 *   oneTime     SEQUENCE SIZE (0..200) OF OCTET STRING (SIZE(32)) }
 * ```
 * @module
 */
import { CmsError, derError } from '../cmsError.js';
import { isAcceptablePublicKey } from '../curvePoints.js';
import { DerReader } from '../derReader.js';
import { constructed, encodeDer, generalizedTime, integer, octetString, sequence, utf8String } from '../derWriter.js';
import { toHex } from '../octets.js';

/** Most one-time prekeys in a bundle: what stays below 10,000 octets as a stanza. */
export const MAX_ONE_TIME_PREKEYS = 200;

/** A bundle of prekeys. */
export interface PrekeyBundle {
  /** Bare JID of the account. */
  readonly owner: string;
  /** Key identifier of the account identity key. */
  readonly identity: Uint8Array;
  /** Key identifier of the device key. */
  readonly device: Uint8Array;
  /** Rises with every publication. */
  readonly sequence: number;
  /** Begin of validity in ms since 1970. */
  readonly notBefore: number;
  /** End of validity in ms since 1970. */
  readonly notAfter: number;
  /** Raw X25519 key, 32 octets. */
  readonly lastResort: Uint8Array;
  /** Raw X25519 keys, 32 octets each. */
  readonly oneTime: readonly Uint8Array[];
}

/** DER of a bundle. */
export function encodePrekeyBundle(bundle: PrekeyBundle): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      utf8String(bundle.owner),
      octetString(bundle.identity),
      octetString(bundle.device),
      integer(bundle.sequence),
      generalizedTime(bundle.notBefore),
      generalizedTime(bundle.notAfter),
      octetString(bundle.lastResort),
      constructed(
        0x30,
        bundle.oneTime.map((key) => octetString(key)),
      ),
    ),
  );
}

/** Reads a bundle; every key in it is checked to be acceptable, and none stands twice (E1, E2). @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodePrekeyBundle(der: Uint8Array): PrekeyBundle {
  const reader = new DerReader(der);
  const bundle = reader.sequence();
  reader.end();
  if (bundle.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'bundle of another version');
  const owner = bundle.utf8String();
  const identity = bundle.octetStringOf(32);
  const device = bundle.octetStringOf(32);
  const order = bundle.integer();
  const notBefore = bundle.generalizedTime();
  const notAfter = bundle.generalizedTime();
  const lastResort = bundle.octetStringOf(32);
  const oneTime = bundle.sequenceOf((key) => key.octetStringOf(32), MAX_ONE_TIME_PREKEYS);
  bundle.end();
  if (order < 1) throw derError('sequence is not 1 or more');
  if (notAfter < notBefore) throw derError('validity ends before it begins');
  const keys = [lastResort, ...oneTime];
  if (!keys.every((key) => isAcceptablePublicKey('X25519', key))) throw derError('prekey is not acceptable');
  if (new Set(keys.map(toHex)).size !== keys.length) throw derError('prekey twice');
  return { owner, identity, device, sequence: order, notBefore, notAfter, lastResort, oneTime };
}
