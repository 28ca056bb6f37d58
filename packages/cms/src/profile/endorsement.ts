/**
 * The endorsement: the one statement "this key speaks for that", whoever makes it about whom.
 *
 * ```
 * Endorsement ::= SEQUENCE {
 *   version    INTEGER (0),
 *   endorser   OCTET STRING (SIZE(32)),          -- key identifier
 *   endorsed   SubjectPublicKeyInfo,
 *   owner      UTF8String,                       -- bare JID
 *   purpose    ENUMERATED { revoked(0), device(1), identity(2), vouched(3), contact(4) },
 *   notBefore  GeneralizedTime,
 *   notAfter   GeneralizedTime,
 *   sequence   INTEGER (0..9007199254740991) }
 * ```
 * @module
 */
import { CmsError, derError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import {
  encodeDer,
  encoded,
  enumerated,
  generalizedTime,
  integer,
  octetString,
  sequence,
  utf8String,
} from '../derWriter.js';
import type { RawPublicKey } from '../ports.js';
import { exportPublicKey, readPublicKey } from '../publicKey.js';

/** Purposes in the order of their numbers. */
export const ENDORSEMENT_PURPOSES = ['revoked', 'device', 'identity', 'vouched', 'contact'] as const;
/** What an endorsement says of a key: revoked, a device of the account, its identity, vouched for by a domain, known to a contact. */
export type EndorsementPurpose = (typeof ENDORSEMENT_PURPOSES)[number];

/** An endorsement. */
export interface Endorsement {
  /** Key identifier of the endorsing key. */
  readonly endorser: Uint8Array;
  /** The endorsed key. */
  readonly endorsed: RawPublicKey;
  /** Bare JID of whom the endorsed key belongs to. */
  readonly owner: string;
  /** What is said. */
  readonly purpose: EndorsementPurpose;
  /** Begin of validity in ms since 1970. */
  readonly notBefore: number;
  /** End of validity in ms since 1970. */
  readonly notAfter: number;
  /** A higher sequence replaces a lower one of the same endorser, owner and endorsed key. */
  readonly sequence: number;
}

/** DER of an endorsement. */
export function encodeEndorsement(endorsement: Endorsement): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      octetString(endorsement.endorser),
      encoded(exportPublicKey(endorsement.endorsed)),
      utf8String(endorsement.owner),
      enumerated(ENDORSEMENT_PURPOSES.indexOf(endorsement.purpose)),
      generalizedTime(endorsement.notBefore),
      generalizedTime(endorsement.notAfter),
      integer(endorsement.sequence),
    ),
  );
}

/** Reads an endorsement. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeEndorsement(der: Uint8Array): Endorsement {
  const reader = new DerReader(der);
  const inside = reader.sequence();
  reader.end();
  if (inside.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'endorsement of another version');
  const endorser = inside.octetStringOf(32);
  const endorsed = readPublicKey(inside);
  const owner = inside.utf8String();
  const purpose = ENDORSEMENT_PURPOSES[inside.enumerated(ENDORSEMENT_PURPOSES.length)] as EndorsementPurpose;
  const notBefore = inside.generalizedTime();
  const notAfter = inside.generalizedTime();
  const order = inside.integer();
  inside.end();
  if (notAfter < notBefore) throw derError('validity ends before it begins');
  return { endorser, endorsed, owner, purpose, notBefore, notAfter, sequence: order };
}
