/**
 * Evidence in a backup: what earned a contact's level, so that the level can be shown, ended and taken back where it is restored.
 *
 * ```
 * BackupEvidence ::= SEQUENCE {
 *   jid        BareJid,
 *   identity   OCTET STRING (SIZE (32)),               -- raw identity key, or its identifier where the key was never seen
 *   kind       ENUMERATED { fingerprint(0), sas(1), password(2), x509(3), openpgp(4), vouch(5), contact(6), own-device(7),
 *                           handshake(8) },
 *   at         GeneralizedTime,
 *   by         [0] IMPLICIT UTF8String OPTIONAL,
 *   statement  [1] IMPLICIT OCTET STRING OPTIONAL,
 *   notAfter   [2] GeneralizedTime OPTIONAL,
 *   sequence   [3] Count OPTIONAL,
 *   revokedAt  [4] GeneralizedTime OPTIONAL }
 * ```
 * @module
 */
import {
  constructed,
  type DerNode,
  type DerReader,
  enumerated,
  fromUtf8,
  generalizedTime,
  integer,
  octetString,
  primitive,
  sequence,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';
import type { Evidence, EvidenceKind } from '@stanzaseal/trust/levels';

const KINDS: readonly EvidenceKind[] = [
  'fingerprint',
  'sas',
  'password',
  'x509',
  'openpgp',
  'vouch',
  'contact',
  'own-device',
  'handshake',
];

/** A piece of evidence; times are cut to seconds. */
export function evidenceNode({ jid, identity, kind, at, by, statement, ...rest }: Evidence): DerNode {
  const { notAfter, sequence: order, revokedAt } = rest;
  return sequence(
    utf8String(jid),
    octetString(identity),
    enumerated(KINDS.indexOf(kind)),
    generalizedTime(at),
    ...(by === undefined ? [] : [primitive(0x80, toUtf8(by))]),
    ...(statement === undefined ? [] : [primitive(0x81, statement)]),
    ...(notAfter === undefined ? [] : [constructed(0xa2, [generalizedTime(notAfter)])]),
    ...(order === undefined ? [] : [constructed(0xa3, [integer(order)])]),
    ...(revokedAt === undefined ? [] : [constructed(0xa4, [generalizedTime(revokedAt)])]),
  );
}

/** Reads a piece of evidence. @throws CmsError `ERR_DER` */
export function readEvidence(reader: DerReader): Evidence {
  const inside = reader.sequence();
  const required = {
    jid: inside.utf8String(),
    identity: inside.octetStringOf(32),
    kind: KINDS[inside.enumerated(KINDS.length)] as EvidenceKind,
    at: inside.generalizedTime(),
  };
  const evidence = {
    ...required,
    ...(inside.tag === 0x80 ? { by: fromUtf8(inside.primitive(0x80)) } : {}),
    ...(inside.tag === 0x81 ? { statement: inside.primitive(0x81) } : {}),
    ...(inside.tag === 0xa2 ? { notAfter: explicit(inside, 0xa2, (each) => each.generalizedTime()) } : {}),
    ...(inside.tag === 0xa3 ? { sequence: explicit(inside, 0xa3, (each) => each.integer()) } : {}),
    ...(inside.tag === 0xa4 ? { revokedAt: explicit(inside, 0xa4, (each) => each.generalizedTime()) } : {}),
  };
  inside.end();
  return evidence;
}

function explicit(reader: DerReader, tag: number, read: (inside: DerReader) => number): number {
  const inside = reader.constructed(tag);
  const value = read(inside);
  inside.end();
  return value;
}
