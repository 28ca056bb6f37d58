/**
 * What a timestamp says (RFC 3161 §2.4.2).
 *
 * ```
 * TSTInfo ::= SEQUENCE { version INTEGER (1), policy OBJECT IDENTIFIER, messageImprint MessageImprint, serialNumber INTEGER,
 *   genTime GeneralizedTime, accuracy Accuracy OPTIONAL, ordering BOOLEAN DEFAULT FALSE, nonce INTEGER OPTIONAL,
 *   tsa [0] GeneralName OPTIONAL, extensions [1] IMPLICIT Extensions OPTIONAL }
 * Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] INTEGER (1..999) OPTIONAL }
 * ```
 * @module
 */
import { CmsError, copyOctets, DerReader, fromUtf8, oidToText, toHex } from '@stanzaseal/cms';
import { type DigestName, readDigestName } from './digests.js';

/** What a timestamp says. */
export interface TimestampInfo {
  /** The authority's policy, dotted. */
  readonly policy: string;
  /** The digest of what was stamped. */
  readonly digestName: DigestName;
  /** Its octets. */
  readonly digest: Uint8Array;
  /** Serial number: hexadecimal digits of its content octets. */
  readonly serialNumber: string;
  /** When, in ms since 1970. */
  readonly time: number;
  /** How exact that is, in ms to both sides; `undefined` where the authority does not say. */
  readonly accuracy: number | undefined;
  /** Content octets of the nonce. */
  readonly nonce: Uint8Array | undefined;
}

const LIMITS = { octets: 65536, depth: 16 };

/** Reads a TSTInfo, which is DER whatever is around it. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeTimestampInfo(der: Uint8Array): TimestampInfo {
  const outer = new DerReader(der, LIMITS);
  const fields = outer.sequence();
  outer.end();
  if (fields.integer() !== 1) throw new CmsError('ERR_UNSUPPORTED', 'another version of timestamp');
  const policy = oidToText(fields.objectIdentifier());
  const imprint = fields.sequence();
  const digestName = readDigestName(imprint);
  const digest = copyOctets(imprint.octetString());
  imprint.end();
  const serialNumber = toHex(fields.primitive(0x02));
  const time = parseGenTime(fromUtf8(fields.primitive(0x18)));
  const accuracy = fields.tag === 0x30 ? readAccuracy(fields.sequence()) : undefined;
  if (fields.tag === 0x01) fields.any();
  const nonce = fields.tag === 0x02 ? copyOctets(fields.primitive(0x02)) : undefined;
  if (fields.tag === 0xa0) fields.encodedAs(0xa0);
  if (fields.tag === 0xa1) refuseCritical(fields.constructed(0xa1));
  fields.end();
  return { policy, digestName, digest, serialNumber, time, accuracy, nonce };
}

/** genTime may have a fraction, which GeneralizedTime elsewhere has not (RFC 3161 §2.4.2). */
function parseGenTime(text: string): number {
  const [, year, month, day, hour, minute, second, fraction = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d*[1-9])?Z$/.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (year === undefined || Number.isNaN(ms) || fraction.length > 10)
    throw new CmsError('ERR_DER', 'time not in DER form');
  // 30 February is no day, though some parsers make one of it.
  if (new Date(ms).getUTCDate() !== Number(day)) throw new CmsError('ERR_DER', 'day that does not exist');
  return ms + Math.floor(Number(`0${fraction}`) * 1000);
}

function readAccuracy(fields: DerReader): number {
  const seconds = fields.tag === 0x02 ? fields.integer() : 0;
  const millis = fields.tag === 0x80 ? fields.integer(0x80) : 0;
  const micros = fields.tag === 0x81 ? fields.integer(0x81) : 0;
  fields.end();
  return seconds * 1000 + millis + Math.ceil(micros / 1000);
}

/** None is known here, so one that must be understood is refused. */
function refuseCritical(extensions: DerReader): void {
  while (!extensions.atEnd) {
    const fields = extensions.sequence();
    fields.objectIdentifier();
    if (fields.tag === 0x01) throw new CmsError('ERR_UNSUPPORTED', 'timestamp with a critical extension');
  }
}
